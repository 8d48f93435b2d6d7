package org.trufflebpf.io.loop;

/** Told from time to time how far a run over recorded ports is. Called on the worker's thread, so it must be quick. */
@FunctionalInterface
public interface Progress {
    /** Nobody wants to know. */
    Progress NONE = (position, size, packets) -> { };

    /**
     * @param position bytes read of all recordings
     * @param size bytes of all recordings, -1 if unknown
     * @param packets packets received so far
     */
    void report(long position, long size, long packets);
}
