package org.trufflebpf.language.nodes;

import org.trufflebpf.language.runtime.Worker;
import org.trufflebpf.maps.BpfMap;

/**
 * The timers in values of maps, as the programs of an instance set them: the kernel's bpf_timer helpers, with their results. A timer is known by its
 * address. Any worker may call.
 */
public interface Timers {
    /** What {@link #setCallback} gives for a number that is none of the program's callbacks. */
    long NO_CALLBACK = Long.MIN_VALUE;
    /** What {@link #init} gives for an address that is no timer of the map. */
    long NO_TIMER = Long.MIN_VALUE;

    /** bpf_timer_init. */
    long init(BpfMap map, long timer, long flags);

    /** bpf_timer_set_callback; {@code function} is its first slot in the program. */
    long setCallback(long timer, long function);

    /** bpf_timer_start, at {@code now} by the program's clock. */
    long start(long timer, long nanoseconds, long flags, long now, Worker worker);

    /** bpf_timer_cancel. */
    long cancel(long timer, Worker worker);
}
