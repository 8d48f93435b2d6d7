package org.trufflebpf.maps;

/**
 * The control plane's end of a map that programs send events through. Any thread may call; who takes an event is the only one to get it. What is
 * not taken in time is lost to programs: they find the map full.
 */
public sealed interface EventStream permits RingMap, PerfEventMap {

    /**
     * @param cpu of the program that sent it, or -1 where the map does not know
     * @param lost events that this CPU could not send since its event before this one
     * @param bytes a copy of what was sent
     */
    record Event(int cpu, long lost, byte[] bytes) {
    }

    /** The oldest event, or null when there is none; of several CPUs each in turn. */
    Event take();

    /** Events that could not be sent since the map was made; 0 for a RINGBUF, whose programs are told and count for themselves. */
    long lost();

    /**
     * Waits until there is an event. Events that were sent with BPF_RB_NO_WAKEUP wake nobody but are seen before waiting.
     *
     * @param nanos at most
     * @return whether there is an event
     * @throws MapException EBUSY when the map is closed, meanwhile too
     */
    boolean await(long nanos) throws InterruptedException;

    /**
     * Another way to learn of events, once {@link #take} was tried after setting it: when the kernel would make a descriptor readable, which is for
     * an event that a consumer without backlog would wait for, and with BPF_RB_FORCE_WAKEUP, this is called.
     *
     * @param listener called on the program's thread: short, never blocking, no call of this map; null for none
     */
    void onEvent(Runnable listener);
}
