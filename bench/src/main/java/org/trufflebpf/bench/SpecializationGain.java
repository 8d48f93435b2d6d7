package org.trufflebpf.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.graalvm.polyglot.Context;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.language.EbpfContext;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.packettest.TestCommand;
import org.trufflebpf.language.packettest.TestFiles;
import org.trufflebpf.language.run.DelegatingObject;
import org.trufflebpf.language.run.LoadedObject;
import org.trufflebpf.language.run.Machine;
import org.trufflebpf.language.run.PacketTestEngine;
import org.trufflebpf.language.run.RunnableProgram;
import org.trufflebpf.language.run.Surroundings;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.MapFlags;
import org.trufflebpf.maps.MapKind;

/**
 * Prints what programs gain by being specialised for what their maps hold, both variants measured in turns. Maps and packets are those of packet tests.
 * Arguments are {@code FILE:TEST[:ENTRIES]}: the number of a test in the file, from 1, whose first packet is taken, and how many entries its prefix tries
 * and hash tables get besides, at random. Packets are set up anew for each burst; what that takes is measured in the same turns and subtracted.
 */
public final class SpecializationGain {
    private static final int WINDOWS = 150;
    private static final long WINDOW_NANOSECONDS = 3_000_000;
    private static final int SIZE = 64;
    /** Bytes from frame to frame: an odd number of cache lines, so that packets do not compete for the same lines of the cache. */
    private static final int FRAME_SIZE = 27 * NativeBlock.CACHE_LINE;
    private static final int LONGEST_PACKET = 512;
    private static final Set<MapKind> FILLED = EnumSet.of(MapKind.HASH, MapKind.PERCPU_HASH, MapKind.LPM_TRIE);
    /** Bytes of a prefix's length in front of its data. */
    private static final int TRIE_LENGTH = 4;

    private SpecializationGain() {
    }

    public static void main(String[] arguments) throws IOException {
        try (Context context = Context.newBuilder("ebpf").build()) {
            context.initialize("ebpf");
            context.enter();
            try {
                System.out.println(Checkout.machine());
                System.out.printf("Nanoseconds per packet, bursts of %d: minima of %d windows of %d ms, in turns.%n", SIZE, WINDOWS, WINDOW_NANOSECONDS / 1_000_000);
                System.out.printf("%-36s%9s%13s%7s  %s%n", "packet test", "generic", "specialised", "ratio", "made use of");
                for (String argument : arguments) {
                    String[] parts = argument.split(":");
                    measure(Path.of(parts[0]), Integer.parseInt(parts[1]), parts.length > 2 ? Integer.parseInt(parts[2]) : 0);
                }
            } finally {
                context.leave();
            }
        }
    }

    /** The file's tests run; what comes of them does not matter. */
    private static void measure(Path file, int test, int entries) throws IOException {
        if (!Files.isReadable(file)) {
            throw new IOException(file + " cannot be read");
        }
        String name = file.getFileName() + ":" + test + (entries == 0 ? "" : ":" + entries);
        Measurement measurement = new Measurement(EbpfContext.machine(), name, test, entries);
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        TestCommand.run(List.of(file.toString()), TestFiles.ofProcess(), nowhere, nowhere, compile -> new PacketTestEngine(
                        EbpfContext.machine()::parse, measurement::load, false));
    }

    /** Measures when the packet comes that was asked for. */
    private static final class Measurement {
        private final Machine machine;
        private final String name;
        private final int test;
        private final int entries;
        private int tests;

        Measurement(Machine machine, String name, int test, int entries) {
            this.machine = machine;
            this.name = name;
            this.test = test;
            this.entries = entries;
        }

        LoadedObject load(ObjectSpec object) {
            return new Measured(machine.load(object, Surroundings.FIXED), ++tests == test);
        }

        /** An instance, of which the first packet is measured. */
        private final class Measured extends DelegatingObject {
            private final LoadedObject object;
            private boolean wanted;

            Measured(LoadedObject object, boolean wanted) {
                super(object);
                this.object = object;
                this.wanted = wanted;
            }

            @Override
            public RunnableProgram program(String program) {
                RunnableProgram real = object.program(program);
                return new RunnableProgram() {
                    @Override
                    public BurstProcessor newProcessor(int cpu) {
                        BurstProcessor processor = real.newProcessor(cpu);
                        return burst -> {
                            if (wanted) {
                                wanted = false;
                                fill();
                                compare(name, real, Memory.bytes(Memory.getLong(burst.descriptor(0) + Burst.DATA),
                                                Memory.getInt(burst.descriptor(0) + Burst.LENGTH)));
                            }
                            processor.process(burst);
                        };
                    }

                    @Override
                    public boolean compile() {
                        return real.compile();
                    }

                    @Override
                    public boolean handlesFragments() {
                        return real.handlesFragments();
                    }

                    @Override
                    public long traps() {
                        return real.traps();
                    }
                };
            }

            private void fill() {
                SplittableRandom random = new SplittableRandom(1);
                for (BpfMap map : maps()) {
                    for (int i = 0; i < entries && FILLED.contains(map.kind()); i++) {
                        byte[] key = new byte[map.keySize()];
                        random.nextBytes(key);
                        if (map.kind() == MapKind.LPM_TRIE) {
                            int bits = 8 * (key.length - TRIE_LENGTH);
                            System.arraycopy(new byte[]{(byte) (bits / 4 + random.nextInt(3 * bits / 4 + 1)), 0, 0, 0}, 0, key, 0, TRIE_LENGTH);
                        }
                        map.put(key, new byte[map.controlValueSize()], MapFlags.ANY);
                    }
                }
            }
        }
    }

    private static void compare(String name, RunnableProgram program, byte[] packet) {
        if (packet.length > LONGEST_PACKET) {
            throw new IllegalArgumentException(name + ": a packet of " + packet.length + " bytes");
        }
        program.compile();
        boolean isSpecialized = program.specialize();
        Series setUp = new Series();
        Series generic = new Series();
        Series special = new Series();
        try (Burst burst = new Burst(SIZE); NativeBlock frames = new NativeBlock((long) SIZE * FRAME_SIZE)) {
            burst.setOrigin(1, 0, 0);
            burst.setCount(SIZE);
            BurstProcessor none = same -> {
            };
            BurstProcessor first = program.newGenericProcessor(0);
            BurstProcessor second = program.newProcessor(0);
            for (int window = 0; window < WINDOWS; window++) {
                setUp.add(window(none, burst, frames.address(), packet));
                generic.add(window(first, burst, frames.address(), packet));
                special.add(window(second, burst, frames.address(), packet));
            }
        }
        double before = generic.minimum() - setUp.minimum();
        double after = special.minimum() - setUp.minimum();
        System.out.printf("%-36s%9.2f%13.2f%7.2f  %s%n", name, before, after, after / before,
                        isSpecialized ? String.join("; ", program.specializedOn()) : "nothing");
    }

    /** Nanoseconds per packet. */
    private static double window(BurstProcessor processor, Burst burst, long frames, byte[] packet) {
        long start = System.nanoTime();
        long end;
        int bursts = 0;
        do {
            for (int i = 0; i < SIZE; i++) {
                Memory.copyFrom(packet, 0, frames + (long) i * FRAME_SIZE + Burst.HEADROOM, packet.length);
                burst.setPacket(i, frames + (long) i * FRAME_SIZE, FRAME_SIZE, Burst.HEADROOM, packet.length, 0);
            }
            processor.process(burst);
            bursts++;
            end = System.nanoTime();
        } while (end - start < WINDOW_NANOSECONDS);
        return (double) (end - start) / bursts / SIZE;
    }
}
