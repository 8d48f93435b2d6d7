package org.trufflebpf.language.run;

/** What goes on beside a run for as long as it lasts. Closing it ends it, whatever state it is in. */
public interface Companion extends AutoCloseable {

    /** Makes companions. */
    @FunctionalInterface
    interface Starter {
        /**
         * Called when maps are filled and the program is compiled, before the first packet; the run begins when it returns.
         *
         * @throws CommandException if it cannot be
         */
        Companion start(Running run, RunArguments.Control control);
    }

    /**
     * Called after the last packet and before maps are written down: what still waits is done.
     *
     * @throws CommandException if it failed meanwhile
     */
    void finish();

    @Override
    void close();
}
