package org.trufflebpf.language.optimizer;

import java.util.Arrays;
import org.trufflebpf.language.isa.Instruction.Size;

/** How to get the bytes of a store, or of a register, in few instructions. */
sealed interface Source {

    record Constant(long value) implements Source {
    }

    /** @param swapped whether the byte order is the other one */
    record Load(int root, long offset, int epoch, int size, boolean swapped) implements Source {
    }

    /** Bytes of a number, from {@code index} on. */
    record Number(int number, int index, int size, boolean swapped) implements Source {
    }

    /** What two stores of the same size wrote side by side. */
    record Joined(WriteBuffer.Stored low, WriteBuffer.Stored high) implements Source {
    }

    /** @param parts 1, 2, 4 or 8; null when there is no such way */
    static Source of(Part[] parts) {
        if (Contents.isConstant(parts)) {
            return new Constant(Contents.constant(parts));
        }
        boolean swapped = parts.length > 1 && isRun(parts, -1);
        if (!swapped && !isRun(parts, 1)) {
            return null;
        }
        return switch (swapped ? parts[parts.length - 1] : parts[0]) {
            case Part.Loaded first -> new Load(first.root(), first.offset(), first.epoch(), parts.length, swapped);
            case Part.OfNumber first -> new Number(first.number(), first.index(), parts.length, swapped);
            case Part.Constant _, Part.Unknown _ -> null;
        };
    }

    /** Of the low bytes of a register, when the others are zero. */
    static Load combined(Contents contents) {
        int length = contents.length();
        boolean isPower = length == 2 || length == 4 || length == 8;
        return isPower && of(Arrays.copyOf(contents.parts(), length)) instanceof Load load ? load : null;
    }

    private static boolean isRun(Part[] parts, int step) {
        for (int i = 1; i < parts.length; i++) {
            if (!Part.follows(parts[i - 1], parts[i], step)) {
                return false;
            }
        }
        return true;
    }

    static Size size(int bytes) {
        return switch (bytes) {
            case 1 -> Size.BYTE;
            case 2 -> Size.HALF;
            case 4 -> Size.WORD;
            case 8 -> Size.DOUBLE;
            default -> throw new IllegalArgumentException(bytes + " bytes");
        };
    }
}
