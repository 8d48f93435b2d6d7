package org.trufflebpf.language.run;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import com.oracle.truffle.api.exception.AbstractTruffleException;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.language.object.ObjectSpec;

/**
 * Looks for packets that make a program trap at given instructions, by running it: each run shows what packet bytes and lengths the program compares
 * with what, and the next packets are made so that comparisons come out the other way. What is found was run, and trapped there, with maps as they
 * are when the program is loaded. The search does the same every time: it ends after a number of steps, not after a time.
 */
final class PacketSearch implements AutoCloseable {
    /** Instructions of all runs together, about a second. */
    private static final long MAX_STEPS = 2_000_000;
    private static final int MAX_RUNS = 20_000;
    private static final int MAX_PENDING = 20_000;
    /** Back edges of one run. */
    private static final long MAX_LOOPS = 2_000;
    /** Nanoseconds after which a machine is too slow for the whole search. */
    private static final long PATIENCE = 10_000_000_000L;
    /** Instructions of all fresh instances together in which packets are tried again, about a second. */
    private static final int MAX_CONFIRMING = 8_000;
    /** Bytes: nothing, an Ethernet header, the shortest frame, a frame with all usual headers. */
    private static final int[] FIRST_LENGTHS = {0, 14, 60, 128, 1514};

    private final Machine machine;
    private final ObjectSpec object;
    private final String program;
    private final Set<Integer> wanted;
    private final PacketTrace trace;
    private final Deque<byte[]> pending = new ArrayDeque<>();
    private final Set<ByteBuffer> seen = new HashSet<>();
    private final Set<Long> edges = new HashSet<>();
    private final Map<Integer, byte[]> found = new TreeMap<>();
    private Session session;

    /** A fresh instance that packets are given to. */
    private final class Session implements AutoCloseable {
        private final LoadedObject loaded;
        private final RunnableProgram runnable;
        private final SinglePackets packets;

        Session() {
            loaded = machine.watch(object, Surroundings.FIXED, MAX_LOOPS, line -> {
            }, trace);
            try {
                runnable = loaded.program(program);
                packets = new SinglePackets(runnable.newProcessor(0));
            } catch (RuntimeException | Error e) {
                loaded.close();
                throw e;
            }
        }

        /** The instruction that trapped, or -1. */
        int run(byte[] packet) {
            long traps = runnable.traps();
            trace.begin();
            packets.run(packet);
            return runnable.traps() == traps ? -1 : trace.lastSlot();
        }

        @Override
        public void close() {
            packets.close();
            loaded.close();
        }
    }

    private PacketSearch(Machine machine, ObjectSpec object, String program, Set<Integer> wanted) {
        this.machine = machine;
        this.object = object;
        this.program = program;
        this.wanted = wanted;
        this.trace = new PacketTrace(wanted);
    }

    /**
     * @param wanted the slots of the instructions
     * @return by slot, a packet that traps there; only for those for which one was found
     */
    static Map<Integer, byte[]> find(Machine machine, ObjectSpec object, String program, Set<Integer> wanted) {
        if (wanted.isEmpty()) {
            return Map.of();
        }
        try (PacketSearch search = new PacketSearch(machine, object, program, wanted)) {
            search.run();
            return search.confirmed();
        } catch (AbstractTruffleException e) {
            // A program that cannot be loaded, for its structure or its maps, traps nowhere.
            return Map.of();
        }
    }

    private void run() {
        session = new Session();
        long started = System.nanoTime();
        for (int length : FIRST_LENGTHS) {
            add(new byte[length]);
        }
        for (int runs = 0; runs < MAX_RUNS && !pending.isEmpty() && found.size() < wanted.size(); runs++) {
            if (trace.steps() > MAX_STEPS || System.nanoTime() - started > PATIENCE) {
                return;
            }
            byte[] packet = pending.remove();
            int trapped = session.run(packet);
            boolean isNew = edges.addAll(trace.edges());
            Set<byte[]> next = isNew || trapped >= 0 ? PacketMutations.of(packet, trace) : Set.of();
            if (trapped >= 0 && wanted.contains(trapped) && !found.containsKey(trapped)) {
                found.put(trapped, shortest(packet, trapped));
            }
            next.forEach(this::add);
        }
    }

    private void add(byte[] packet) {
        if (packet.length <= Burst.LONGEST_PACKET && pending.size() < MAX_PENDING && seen.add(ByteBuffer.wrap(packet))) {
            pending.add(packet);
        }
    }

    /** The shortest beginning that traps at the same instruction, of the lengths at which anything can change. */
    private byte[] shortest(byte[] packet, int slot) {
        for (int length : new TreeSet<>(trace.lengths())) {
            if (length < packet.length && session.run(Arrays.copyOf(packet, length)) == slot) {
                return Arrays.copyOf(packet, length);
            }
        }
        return packet;
    }

    /** Without those that need what earlier packets left in the maps. */
    private Map<Integer, byte[]> confirmed() {
        if (object.maps().isEmpty()) {
            return found;
        }
        int instructions = object.program(program).orElseThrow().code().length / 8;
        int most = Math.max(1, MAX_CONFIRMING / instructions);
        Map<Integer, byte[]> confirmed = new TreeMap<>();
        for (Map.Entry<Integer, byte[]> each : found.entrySet()) {
            if (most-- > 0) {
                try (Session fresh = new Session()) {
                    if (fresh.run(each.getValue()) == each.getKey()) {
                        confirmed.put(each.getKey(), each.getValue());
                    }
                }
            }
        }
        return confirmed;
    }

    @Override
    public void close() {
        if (session != null) {
            session.close();
        }
    }
}
