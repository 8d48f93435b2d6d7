package org.trufflebpf.language.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
    private final ByteArrayOutputStream terminal = new ByteArrayOutputStream();

    private String drawn() {
        return terminal.toString(StandardCharsets.UTF_8);
    }

    @Test
    void drawsOneLineAndClearsIt() {
        try (ProgressBar bar = new ProgressBar(terminal, 0)) {
            bar.report(50, 200, 1_234_567);
        }
        assertTrue(drawn().startsWith("\r\u001b[K[#######.......................]  25%  1,234,567 packets  "), drawn());
        assertTrue(drawn().endsWith("/s\r\u001b[K"), drawn());
    }

    @Test
    void showsNoShareOfAnUnknownSize() {
        try (ProgressBar bar = new ProgressBar(terminal, 0)) {
            bar.report(50, -1, 10);
        }
        assertTrue(drawn().startsWith("\r\u001b[K10 packets  "), drawn());
    }

    @Test
    void staysAwayFromShortRuns() {
        try (ProgressBar bar = new ProgressBar(terminal, Long.MAX_VALUE)) {
            bar.report(200, 200, 10);
        }
        assertEquals("", drawn());
    }
}
