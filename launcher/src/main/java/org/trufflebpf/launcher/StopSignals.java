package org.trufflebpf.launcher;

import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * While open, the first SIGINT or SIGTERM asks the run to stop, so that it ends cleanly with its statistics; a second one ends the process
 * at once. A shutdown hook would not do: the engine's own hook would close the context meanwhile.
 */
final class StopSignals implements AutoCloseable {
    private final Signal[] signals = {new Signal("INT"), new Signal("TERM")};
    private final SignalHandler[] previous = new SignalHandler[signals.length];
    private final Runnable stop;
    private volatile int exitCode;

    private StopSignals(Runnable stop) {
        this.stop = stop;
    }

    static StopSignals install(Runnable stop) {
        StopSignals result = new StopSignals(stop);
        for (int i = 0; i < result.signals.length; i++) {
            try {
                result.previous[i] = Signal.handle(result.signals[i], result::received);
                if (result.previous[i] == SignalHandler.SIG_IGN) {
                    // A shell's background job ignores SIGINT and stays that way.
                    Signal.handle(result.signals[i], SignalHandler.SIG_IGN);
                }
            } catch (IllegalArgumentException e) {
                // The virtual machine was started with -Xrs and leaves signals to the system.
                result.previous[i] = null;
            }
        }
        return result;
    }

    private void received(Signal signal) {
        if (exitCode != 0) {
            Runtime.getRuntime().halt(exitCode);
        }
        exitCode = 128 + signal.getNumber();
        stop.run();
    }

    /** 128 plus the signal that came, 0 when none did. */
    int exitCode() {
        return exitCode;
    }

    @Override
    public void close() {
        for (int i = 0; i < signals.length; i++) {
            if (previous[i] != null) {
                Signal.handle(signals[i], previous[i]);
            }
        }
    }
}
