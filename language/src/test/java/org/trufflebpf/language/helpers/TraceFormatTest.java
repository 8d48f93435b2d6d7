package org.trufflebpf.language.helpers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.language.isa.Rows;

class TraceFormatTest {
    private static final Pattern ROW = Pattern.compile("(.*?) +(\\p{XDigit}+) (\\p{XDigit}+) (\\p{XDigit}+) => (invalid|\\|(.*)\\| (\\d+))");

    static List<String> rows() {
        return Rows.of(TraceFormatTest.class, "trace-formats.txt");
    }

    @ParameterizedTest
    @MethodSource("rows")
    void printsWhatTheKernelPrints(String row) {
        Matcher matcher = ROW.matcher(row);
        assertEquals(true, matcher.matches(), row);
        byte[] text = matcher.group(1).getBytes(StandardCharsets.UTF_8);
        long[] values = {Long.parseUnsignedLong(matcher.group(2), 16), Long.parseUnsignedLong(matcher.group(3), 16),
                        Long.parseUnsignedLong(matcher.group(4), 16)};
        TraceFormat.Line line = TraceFormat.format(Arrays.copyOf(text, text.length + 1), values);
        String shown = line == null ? "invalid" : "|" + line.text() + "| " + line.length();
        assertEquals(matcher.group(5), shown);
    }

    @Test
    void endsAtTheFirstZero() {
        assertNull(TraceFormat.format("no end".getBytes(StandardCharsets.US_ASCII), new long[3]));
        assertNull(TraceFormat.format(new byte[0], new long[3]));
        assertEquals(new TraceFormat.Line("a", 1), TraceFormat.format(new byte[]{'a', 0, '%', 'q', 0}, new long[3]));
        assertEquals(new TraceFormat.Line("", 0), TraceFormat.format(new byte[1], new long[3]));
        assertEquals(new TraceFormat.Line("a\tb\n", 4), TraceFormat.format(new byte[]{'a', '\t', 'b', '\n', 0}, new long[3]));
        assertNull(TraceFormat.format(new byte[]{1, 0}, new long[3]));
    }

    /** What the kernel reads from its memory is shown as the number. */
    @Test
    void pointersAreNumbers() {
        byte[] format = "%p %s %pI4.\0".getBytes(StandardCharsets.US_ASCII);
        assertEquals("0x10 0x20 0x30.", TraceFormat.format(format, new long[]{0x10, 0x20, 0x30}).text());
    }
}
