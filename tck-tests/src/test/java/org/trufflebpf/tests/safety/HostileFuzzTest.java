package org.trufflebpf.tests.safety;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.trufflebpf.io.linux.Bpf;
import org.trufflebpf.io.linux.BpfException;
import org.trufflebpf.language.assembly.Assembler;
import org.trufflebpf.language.assembly.AssemblyException;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.packettest.TestEngine;
import org.trufflebpf.language.runtime.EbpfException;
import org.trufflebpf.tests.KernelEngine;
import org.trufflebpf.tests.safety.GuardedProgram.Outcome;

/**
 * Random hostile programs: whatever they do, no memory but theirs changes, they end, and nothing but a rejection is ever thrown. Interpreted and
 * compiled they do the same, and so does the kernel with those that it accepts.
 *
 * <p>-Dhostile.seconds=N runs longer, -Dhostile.first=SEED begins with another program.
 */
class HostileFuzzTest {
    private static final long SECONDS = Long.getLong("hostile.seconds", 30);
    private static final long FIRST = Long.getLong("hostile.first", 1);
    /** One in so many is compiled, which takes a hundred times as long as the rest. */
    private static final int COMPILED = Integer.getInteger("hostile.compiled", 12);
    /** At most so many: the suite must come to the same on a machine that is ten times as fast. */
    private static final int PROGRAMS = Integer.getInteger("hostile.programs", 10_000);
    /** One in so many is shown to the kernel, which takes a second to refuse what is too complex for it. */
    private static final int SHOWN = Integer.getInteger("hostile.kernel", 5);
    private static final long LOOP_ITERATIONS = 2000;

    private int rejected;
    private int ran;
    private int compiled;
    private int traps;
    private int repeatable;
    private int kernelAgreed;

    /** What a program did, packet by packet, and what its maps held afterwards. */
    private record Run(List<Outcome> outcomes, Map<String, Map<String, String>> maps) {
    }

    @Test
    void nothingBreaks() {
        long end = System.nanoTime() + SECONDS * 1_000_000_000L;
        boolean kernel = Bpf.available();
        long seed = FIRST;
        while (System.nanoTime() < end && seed < FIRST + PROGRAMS) {
            // Code of one context is not given back before it closes.
            try (EnteredContext context = new EnteredContext(LOOP_ITERATIONS)) {
                for (int i = 0; i < 500 && System.nanoTime() < end && seed < FIRST + PROGRAMS; i++, seed++) {
                    try {
                        check(seed, kernel && seed % SHOWN == 0);
                    } catch (RuntimeException | Error e) {
                        fail("-Dhostile.first=" + seed + ": " + e + "\n" + HostileGenerator.program(seed), e);
                    }
                    context.forgetErrors();
                }
            }
        }
        System.out.printf("hostile programs: %d, of them %d rejected, %d run, %d compiled, %d trapped, %d independent of addresses, %d as in the kernel%s%n",
                seed - FIRST, rejected, ran, compiled, traps, repeatable, kernelAgreed, kernel ? "" : " (" + Bpf.reason() + ")");
        assertTrue(ran > rejected / 4, "most programs are rejected: " + rejected + " of " + (seed - FIRST));
    }

    private void check(long seed, boolean kernel) {
        ObjectSpec object = assemble(HostileGenerator.program(seed));
        List<byte[]> packets = packets(new Random(seed));
        try (GuardedProgram program = new GuardedProgram(object, "main")) {
            Run first = run(program, packets);
            ran++;
            traps += first.outcomes.stream().anyMatch(Outcome::trapped) ? 1 : 0;
            // This one lies elsewhere; a program that shows addresses cannot be compared.
            boolean same = rerun(object, packets, false).equals(first);
            repeatable += same ? 1 : 0;
            if (seed % COMPILED == 0) {
                Run machineCode = rerun(object, packets, true);
                compiled++;
                if (same) {
                    assertEquals(first, machineCode, "compiled");
                }
            }
            if (kernel && same && HostileGenerator.isTame(seed)) {
                compareWithKernel(object, packets);
            }
        } catch (EbpfException e) {
            assertEquals(EbpfException.Failure.REJECTED, e.failure(), e.getMessage());
            assertTrue(e.getMessage().lines().count() == 1, e.getMessage());
            rejected++;
            if (kernel) {
                checkRejected(object, e);
            }
        }
    }

    private static ObjectSpec assemble(String text) {
        try {
            return Assembler.assemble("hostile.s", text);
        } catch (AssemblyException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<byte[]> packets(Random random) {
        List<byte[]> packets = new ArrayList<>();
        for (int length : new int[]{14, 20 + random.nextInt(60), 64, 1 + random.nextInt(13), 1514}) {
            byte[] packet = new byte[length];
            random.nextBytes(packet);
            if (random.nextBoolean()) {
                Arrays.fill(packet, 0, length / 2, (byte) random.nextInt(8));
            }
            packets.add(packet);
        }
        return packets;
    }

    private static Run run(GuardedProgram program, List<byte[]> packets) {
        return new Run(packets.stream().map(program::run).toList(), program.maps());
    }

    private static Run rerun(ObjectSpec object, List<byte[]> packets, boolean compile) {
        try (GuardedProgram program = new GuardedProgram(object, "main")) {
            if (compile) {
                program.compile();
            }
            return run(program, packets);
        }
    }

    private static void checkRejected(ObjectSpec object, EbpfException rejection) {
        try (KernelEngine.KernelSession session = KernelEngine.load(object, object.program("main").orElseThrow())) {
            fail("the kernel accepts what is rejected here: " + rejection.getMessage());
        } catch (BpfException e) {
            // As it should be.
        }
    }

    private void compareWithKernel(ObjectSpec object, List<byte[]> packets) {
        try (KernelEngine.KernelSession session = KernelEngine.load(object, object.program("main").orElseThrow())) {
            // The kernel takes no packet without an Ethernet header.
            List<byte[]> whole = packets.stream().filter(packet -> packet.length >= 14).toList();
            Run ours = rerun(object, whole, false);
            List<Outcome> outcomes = new ArrayList<>();
            for (byte[] packet : whole) {
                TestEngine.Result result = session.run(new TestEngine.Input(packet, new byte[0]));
                outcomes.add(new Outcome(result.returned(), HexFormat.of().formatHex(result.metadata()) + HexFormat.of().formatHex(result.packet()),
                        false));
            }
            assertEquals(new Run(outcomes, kernelMaps(session, ours.maps)), ours, "kernel");
            kernelAgreed++;
        } catch (BpfException e) {
            // Not for the kernel.
        } catch (TestEngine.FailedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Those whose entries can be read without changing them, and which have one value for all CPUs. */
    private static Map<String, Map<String, String>> kernelMaps(KernelEngine.KernelSession session, Map<String, Map<String, String>> ours)
            throws TestEngine.FailedException {
        Map<String, Map<String, String>> result = new TreeMap<>(ours);
        for (MapSpec map : session.maps()) {
            if (map.type() == Bpf.MAP_TYPE_HASH || map.type() == Bpf.MAP_TYPE_ARRAY) {
                Map<String, String> entries = new TreeMap<>();
                for (byte[] key : session.keys(map.name())) {
                    entries.put(HexFormat.of().formatHex(key), HexFormat.of().formatHex(session.read(map.name(), key).getFirst()));
                }
                result.put(map.name(), entries);
            }
        }
        return result;
    }
}
