package org.trufflebpf.language.runtime;

import com.oracle.truffle.api.RootCallTarget;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.language.nodes.StackMemory;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.ElementCursor;

/**
 * Runs the timers of an instance that are due, on a worker's thread between packets. By the capture clock each timer runs before the first packet
 * that is not older than it, whatever the bursts are; those due after the last packet do not run.
 */
final class TimerRunner implements AutoCloseable {
    /** Between two packets at most; one that starts itself again with no delay would never let the worker go. */
    private static final int MAX_TURNS = 1024;

    private final TimerQueue queue;
    private final Instance instance;
    private final Clock clock;
    /** Of its own: a callback has its own stack, and what traps there was no packet. */
    private final Worker worker;
    private final Burst burst = new Burst(1);
    private long previous = Long.MAX_VALUE;

    TimerRunner(TimerQueue queue, Instance instance, Clock clock, Worker worker) {
        this.queue = queue;
        this.instance = instance;
        this.clock = clock;
        this.worker = worker;
    }

    /** Processes a burst with the timers that are due before it, or by the capture clock in it. */
    void process(RootCallTarget program, Worker packets, Burst input) {
        switch (clock) {
            case Clock.Capture capture -> {
                for (int i = 0; i < input.count(); i++) {
                    run(Memory.getLong(input.descriptor(i) + Burst.TIMESTAMP));
                    program.call(packets.argumentsFor(input, i));
                }
            }
            case Clock.Fixed(long nanoseconds) -> {
                run(nanoseconds);
                program.call(packets.argumentsFor(input));
            }
            case Clock.Wall wall -> {
                run(System.nanoTime());
                program.call(packets.argumentsFor(input));
            }
        }
    }

    /** While there are no packets. @return nanoseconds until the next one is due, less than 1 if one is, {@link Long#MAX_VALUE} without any */
    long idle() {
        if (!(clock instanceof Clock.Wall)) {
            return Long.MAX_VALUE;
        }
        long now = System.nanoTime();
        run(now);
        long next = queue.earliest();
        return next == Long.MAX_VALUE ? next : next - now;
    }

    private void run(long now) {
        for (int turns = 0; turns < MAX_TURNS; turns++) {
            TimerQueue.Turn turn = queue.takeDue(instance, clock, now, worker.cpu());
            if (turn == null) {
                break;
            }
            // The time that the callback sees, which no timer sets back.
            run(turn, Math.clamp(turn.due(), Math.min(previous, now), now));
        }
        previous = now;
    }

    private void run(TimerQueue.Turn turn, long time) {
        BpfMap map = turn.timer().map();
        long value = turn.timer().address() - map.definition().fields().timer();
        worker.beginTimer(turn.timer(), map.id(), key(map, value), value);
        burst.setOrigin(0, 0, worker.cpu());
        burst.setPacket(0, burst.address(), 0, 0, 0, time);
        burst.setCount(1);
        try {
            turn.callback().call(worker.argumentsFor(burst));
        } finally {
            worker.beginTimer(null, 0, 0, 0);
            queue.ended(turn.timer());
        }
    }

    private long key(BpfMap map, long value) {
        if (map.keysSize() > 0) {
            return value - map.valueOffset() + map.keyOffset();
        }
        long cursor = worker.stackAddress() + StackMemory.TIMER_CURSOR;
        Memory.putInt(cursor + ElementCursor.INDEX, (int) ((value - map.valuesAddress()) / map.stride()));
        return cursor + ElementCursor.INDEX;
    }

    @Override
    public void close() {
        burst.close();
        worker.close();
    }
}
