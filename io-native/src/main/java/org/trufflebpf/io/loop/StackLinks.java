package org.trufflebpf.io.loop;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.port.Port;

/**
 * The way between one worker's ports and the kernel's network stack, through companion interfaces: what passes at a port goes to its companion, and
 * what the stack sends there leaves by the port, unseen by the program, as XDP programs see only what comes in.
 */
final class StackLinks implements AutoCloseable {
    private static final int BURST = 64;

    private final Port[] ports;
    private final Port[] companions;
    private final Statistics statistics;
    private final Burst burst;
    private final boolean[] ended;
    private IOException failure;

    /** @param companions by the number of their port, null where there is none; fewer than ports if the last have none */
    StackLinks(Port[] ports, List<? extends Port> companions, Statistics statistics) {
        this.ports = ports;
        this.companions = companions.toArray(new Port[ports.length]);
        this.statistics = statistics;
        this.ended = new boolean[ports.length];
        this.burst = companions.isEmpty() ? null : new Burst(BURST);
    }

    boolean has(int port) {
        return companions[port] != null;
    }

    /** Sends a copy of a packet to the stack. False if it was lost. */
    boolean pass(int port, long descriptor) throws IOException {
        return companions[port].copy(descriptor);
    }

    /** The companions that can still be read. */
    List<Port> active() {
        List<Port> active = new ArrayList<>();
        for (int port = 0; port < companions.length; port++) {
            if (companions[port] != null && !ended[port]) {
                active.add(companions[port]);
            }
        }
        return active;
    }

    void start() throws IOException {
        for (Port companion : active()) {
            companion.start();
        }
    }

    /** Sends on what the stack has sent. Afterwards {@link #active} may be fewer. @return whether there was anything */
    boolean relay() throws IOException {
        if (burst == null) {
            return false;
        }
        boolean any = false;
        for (int port = 0; port < companions.length; port++) {
            int count = companions[port] == null || ended[port] ? 0 : receive(port);
            for (int i = 0; i < count; i++) {
                send(port, burst.descriptor(i));
            }
            any |= count > 0;
        }
        return any;
    }

    private int receive(int port) {
        int count = Port.END;
        try {
            count = companions[port].receive(burst, BURST);
        } catch (IOException e) {
            failure = e;
        }
        ended[port] = count == Port.END;
        return count;
    }

    private void send(int port, long descriptor) throws IOException {
        int length = Memory.getInt(descriptor + Burst.LENGTH);
        statistics.add(port, Counter.FROM_STACK.ordinal(), length);
        boolean sent = ports[port].copy(descriptor);
        statistics.add(port, (sent ? Counter.SENT : Counter.NOT_SENT).ordinal(), length);
        companions[port].release(descriptor);
    }

    /** Why a companion could not be read on, once; otherwise null. */
    IOException takeFailure() {
        IOException taken = failure;
        failure = null;
        return taken;
    }

    @Override
    public void close() {
        if (burst != null) {
            burst.close();
        }
    }
}
