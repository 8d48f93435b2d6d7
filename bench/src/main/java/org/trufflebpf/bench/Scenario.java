package org.trufflebpf.bench;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.trufflebpf.io.burst.Verdict;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.ProgramSpec;

/**
 * What is measured: a program, what its maps hold before, and the packet that it gets again and again.
 *
 * @param label for people
 * @param object the file that was read
 * @param spec what it says
 * @param program one of its programs
 * @param packet from the Ethernet header on; callers must not change the array
 * @param entries to be put into maps, in this order
 * @param verdict what must come of the packet, so that a scenario does not measure something else; null for anything
 * @param targets to be reached
 */
record Scenario(String label, Path object, ObjectSpec spec, ProgramSpec program, byte[] packet, List<Entry> entries, Verdict verdict, Targets targets) {

    /** The instruction less its second register: opcode, helper. */
    private static final long CALL_KTIME_GET_NS = 5L << 32 | 0x85;

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

    /** The C file beside the object, of which it was built; maybe it does not exist. */
    Path source() {
        String name = object.getFileName().toString();
        return object.resolveSibling((name.endsWith(".o") ? name.substring(0, name.length() - 2) : name) + ".c");
    }

    /** Whether the program calls bpf_ktime_get_ns. */
    boolean asksForTime() {
        ByteBuffer code = ByteBuffer.wrap(program.code()).order(ByteOrder.LITTLE_ENDIAN);
        return IntStream.range(0, instructions()).anyMatch(slot -> (code.getLong(8 * slot) & 0xffff_ffff_0000_f0ffL) == CALL_KTIME_GET_NS);
    }

    /** Instructions, 64-bit constants counted twice as the kernel does. */
    int instructions() {
        return program.code().length / 8;
    }
}
