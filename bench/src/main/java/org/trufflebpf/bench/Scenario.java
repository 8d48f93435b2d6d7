package org.trufflebpf.bench;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.trufflebpf.io.burst.Verdict;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.ProgramSpec;

/**
 * What is measured: a program, what its maps hold before, and the packets that it gets again and again.
 *
 * @param label for people
 * @param object the file that was read
 * @param spec what it says
 * @param program one of its programs
 * @param packets one for each that a burst repeats, from the Ethernet header on; callers must not change the arrays
 * @param entries to be put into maps, in this order
 * @param verdict what must come of the first packet, so that a scenario does not measure something else; null for anything
 * @param targets to be reached
 */
record Scenario(String label, Path object, ObjectSpec spec, ProgramSpec program, List<byte[]> packets, List<Entry> entries, Verdict verdict,
        Targets targets) {

    /** Opcode and source register of a helper's call. */
    private static final long CALL = 0x85;
    private static final long CALL_MASK = 0xf0ff;
    /** bpf_ktime_get_ns, bpf_jiffies64, bpf_ktime_get_boot_ns, bpf_ktime_get_coarse_ns and bpf_ktime_get_tai_ns. */
    private static final Set<Integer> TIME = Set.of(5, 118, 125, 160, 208);
    /** Besides the time, random numbers, the CPU and its NUMA node. */
    private static final Set<Integer> UNREPEATABLE = Set.of(7, 8, 42);

    /**
     * An entry of a map.
     *
     * @param value of one CPU where there are several; all others then have zeros
     */
    record Entry(String map, byte[] key, byte[] value) {
    }

    /**
     * What the product set out for.
     *
     * @param kernelToOurs how often our time is to be in the kernel's, at least; NaN for none
     * @param oursToNative how often native code's time may be in ours, at most; NaN for what only the mean over all programs says
     */
    record Targets(double kernelToOurs, double oursToNative) {
        static final Targets NONE = new Targets(Double.NaN, Double.NaN);
    }

    /** The first, which is the only one but for ports that a user named. */
    byte[] packet() {
        return packets.getFirst();
    }

    /** The C file beside the object, of which it was built; maybe it does not exist. */
    Path source() {
        String name = object.getFileName().toString();
        return object.resolveSibling((name.endsWith(".o") ? name.substring(0, name.length() - 2) : name) + ".c");
    }

    /** Whether the program asks for the time, in whatever way. */
    boolean asksForTime() {
        return calls(TIME);
    }

    /** Whether the program does the same again and on another CPU, as far as helpers tell. */
    boolean isRepeatable() {
        return !asksForTime() && !calls(UNREPEATABLE);
    }

    private boolean calls(Set<Integer> helpers) {
        ByteBuffer code = ByteBuffer.wrap(program.code()).order(ByteOrder.LITTLE_ENDIAN);
        return IntStream.range(0, instructions()).mapToLong(slot -> code.getLong(8 * slot))
                .anyMatch(instruction -> (instruction & CALL_MASK) == CALL && helpers.contains((int) (instruction >>> 32)));
    }

    /** Instructions, 64-bit constants counted twice as the kernel does. */
    int instructions() {
        return program.code().length / 8;
    }
}
