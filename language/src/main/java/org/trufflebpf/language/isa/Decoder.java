package org.trufflebpf.language.isa;

import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;

/**
 * Decodes eBPF: RFC 9669 up to version 4 of the instruction set, and from Linux load-acquire, store-release and may_goto. Accepts no
 * encoding and no structure that the Linux verifier would not; what registers and memory hold is not looked at. Thread-safe.
 */
public final class Decoder {

    /** The kernel's limit for privileged programs, in slots. */
    public static final int MAX_SLOTS = 1_000_000;

    private Decoder() {
    }

    /** As {@link #decode(byte[], Map, Map, Strictness)}, as strict as the kernel. */
    public static Code decode(byte[] code, Map<Integer, MapReference> references, Map<Integer, String> kfuncs) throws MalformedCodeException {
        return decode(code, references, kfuncs, Strictness.KERNEL);
    }

    /**
     * Decodes a linked program. Takes time and memory proportional to the code's length, whatever it holds.
     *
     * @param code eight bytes a slot, little-endian; the main function first, then those that it calls
     * @param references by slot: the maps that 64-bit constants stand for (entries at other instructions are ignored)
     * @param kfuncs by slot: names of kernel functions called
     * @throws MalformedCodeException if any instruction is invalid, or the way they hang together
     */
    public static Code decode(byte[] code, Map<Integer, MapReference> references, Map<Integer, String> kfuncs, Strictness strictness)
            throws MalformedCodeException {
        if (code.length == 0) {
            throw new MalformedCodeException(0, "the program has no instructions");
        }
        int slots = code.length / RawInstruction.BYTES;
        if (code.length % RawInstruction.BYTES != 0) {
            throw new MalformedCodeException(slots, "the last instruction is cut: " + code.length + " bytes of code, must be a multiple of 8");
        }
        if (slots > MAX_SLOTS) {
            throw new MalformedCodeException(MAX_SLOTS, slots + " instructions are too many, the limit is " + MAX_SLOTS);
        }
        InstructionDecoder decoder = new InstructionDecoder(code, references, kfuncs, strictness);
        Instruction[] decoded = new Instruction[slots];
        for (int slot = 0; slot < slots; slot++) {
            decoded[slot] = decoder.decode(slot);
            if (decoded[slot].slotCount() == 2) {
                slot++;
            }
        }
        Code result = new Code(Collections.unmodifiableList(Arrays.asList(decoded)));
        Structure.check(result, strictness);
        return result;
    }

    /**
     * Decodes the instruction at {@code slot} on its own, as {@link Strictness#RFC_9669} has it: for listings of code that may be invalid.
     * Whether its jump leads anywhere is not looked at.
     *
     * @throws IndexOutOfBoundsException if {@code slot} is not in {@code code}
     */
    public static Instruction decodeOne(byte[] code, int slot, Map<Integer, MapReference> references, Map<Integer, String> kfuncs)
            throws MalformedCodeException {
        Objects.checkIndex(slot, code.length / RawInstruction.BYTES);
        return new InstructionDecoder(code, references, kfuncs, Strictness.RFC_9669).decode(slot);
    }
}
