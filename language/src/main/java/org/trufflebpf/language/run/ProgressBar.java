package org.trufflebpf.language.run;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.trufflebpf.io.loop.Progress;

/** One line on a terminal that shows how far a run is. It appears only after a while, so short runs never see it. */
final class ProgressBar implements Progress, AutoCloseable {
    /** Nanoseconds until it appears, as usual. */
    static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(500);

    private static final int WIDTH = 30;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintStream terminal;
    private final long patience;
    private final long start = System.nanoTime();
    private boolean drawn;

    /** @param patience nanoseconds until it appears */
    ProgressBar(OutputStream terminal, long patience) {
        this.patience = patience;
        this.terminal = new PrintStream(terminal, false, StandardCharsets.UTF_8);
    }

    @Override
    public void report(long position, long size, long packets) {
        long elapsed = System.nanoTime() - start;
        if (elapsed < patience) {
            return;
        }
        double rate = packets / (elapsed / 1e9);
        String bar = "";
        if (size > 0) {
            double share = Math.min(1, (double) position / size);
            int filled = (int) (share * WIDTH);
            bar = String.format(Locale.ROOT, "[%s%s] %3d%%  ", "#".repeat(filled), ".".repeat(WIDTH - filled), (int) (share * 100));
        }
        terminal.print(CLEAR_LINE + bar + String.format(Locale.ROOT, "%,d packets  %,.0f/s", packets, rate));
        terminal.flush();
        drawn = true;
    }

    @Override
    public void close() {
        if (drawn) {
            terminal.print(CLEAR_LINE);
            terminal.flush();
        }
    }
}
