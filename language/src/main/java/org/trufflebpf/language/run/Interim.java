package org.trufflebpf.language.run;

import org.trufflebpf.io.loop.Progress;

/** Shows the numbers of a run from time to time while it lasts. */
final class Interim implements Progress {
    private final Progress bar;
    private final long interval;
    private final Runnable show;
    private final long start = System.nanoTime();
    private long shown;

    /**
     * @param bar is told how far the run is, too
     * @param interval nanoseconds
     */
    Interim(Progress bar, long interval, Runnable show) {
        this.bar = bar;
        this.interval = interval;
        this.show = show;
    }

    @Override
    public void report(long position, long size, long packets) {
        bar.report(position, size, packets);
        long due = (System.nanoTime() - start) / interval;
        if (due > shown) {
            shown = due;
            show.run();
        }
    }
}
