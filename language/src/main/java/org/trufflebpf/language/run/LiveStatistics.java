package org.trufflebpf.language.run;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.trufflebpf.io.linux.Threads;

/** Shows the numbers of a run again and again while it lasts, on a thread of its own, so that workers never wait for who reads them. */
final class LiveStatistics implements AutoCloseable {
    /** In which form. */
    enum Form {
        /** On a terminal, each in place of the one before. */
        TABLE,
        /** A line for each port. */
        LINES,
        /** A line of JSON. */
        JSON
    }

    /** Moves up over lines and clears from there to the end of the screen. */
    private static final String CLEAR = "\u001b[%dA\u001b[J";
    /** Lines that are too wide are cut instead of going on in the next one. */
    private static final String NO_WRAP = "\u001b[?7l";
    private static final String WRAP = "\u001b[?7h";

    private final PrintStream stream;
    private final Form form;
    private final long interval;
    private final Supplier<RunReport> reports;
    private final Thread thread;
    private int linesShown;
    private volatile boolean closed;

    /**
     * Starts to show.
     *
     * @param interval nanoseconds
     * @param reports may be asked by any thread
     */
    LiveStatistics(OutputStream stream, Form form, long interval, Supplier<RunReport> reports) {
        this.stream = new PrintStream(stream, false, StandardCharsets.UTF_8);
        this.form = form;
        this.interval = interval;
        this.reports = reports;
        this.thread = Thread.ofPlatform().daemon().name("ebpf-statistics").unstarted(this::show);
        thread.start();
    }

    private void show() {
        RunReport before = reports.get();
        try {
            long next = System.nanoTime() + interval;
            while (!closed) {
                TimeUnit.NANOSECONDS.sleep(next - System.nanoTime());
                next += interval;
                RunReport now = reports.get();
                print(new Interval(before, now));
                before = now;
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    private synchronized void print(Interval last) {
        String text = switch (form) {
            case TABLE -> last.table();
            case LINES -> last.lines();
            case JSON -> last.json();
        };
        clear();
        if (form == Form.TABLE) {
            stream.print(NO_WRAP + text + WRAP);
            linesShown = (int) text.lines().count();
        } else {
            stream.print(text);
        }
        stream.flush();
    }

    private void clear() {
        if (linesShown > 0) {
            stream.print(String.format(CLEAR, linesShown));
            stream.flush();
            linesShown = 0;
        }
    }

    /** Prints something that has nothing to do with this, so that it stays. */
    synchronized void aside(Runnable print) {
        clear();
        print.run();
    }

    /** Nothing is shown any more when this returns; what a terminal showed is gone. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        Threads.join(thread);
        synchronized (this) {
            clear();
        }
    }
}
