package org.trufflebpf.language.helpers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/** All lengths up to some words at all alignments; what lies around must stay. */
class BytesTest {
    private static final int SIZE = 128;

    private interface Operation {
        void apply(long address, byte[] expected);
    }

    private static void check(Operation operation) {
        byte[] before = new byte[SIZE];
        new Random(1).nextBytes(before);
        try (NativeBlock block = new NativeBlock(SIZE)) {
            byte[] expected = before.clone();
            Memory.copyFrom(before, 0, block.address(), SIZE);
            operation.apply(block.address(), expected);
            assertArrayEquals(expected, Memory.bytes(block.address(), SIZE));
        }
    }

    @Test
    void copies() {
        for (int length = 0; length <= 40; length++) {
            for (int from = 0; from < 8; from++) {
                int source = from;
                int target = 64 + length % 9;
                int count = length;
                check((address, expected) -> {
                    Bytes.copy(address + source, address + target, count);
                    System.arraycopy(expected, source, expected, target, count);
                });
            }
        }
    }

    @Test
    void movesOverlappingRanges() {
        for (int length = 0; length <= 40; length++) {
            for (int distance = 0; distance <= 20; distance++) {
                int count = length;
                int by = distance;
                check((address, expected) -> {
                    Bytes.moveDown(address + 30 + by, address + 30, count);
                    System.arraycopy(expected, 30 + by, expected, 30, count);
                });
                check((address, expected) -> {
                    Bytes.moveUp(address + 30, address + 30 + by, count);
                    System.arraycopy(expected, 30, expected, 30 + by, count);
                });
            }
        }
    }

    @Test
    void zeroes() {
        for (int length = 0; length <= 40; length++) {
            int count = length;
            int first = 3 + length % 8;
            check((address, expected) -> {
                Bytes.zero(address + first, count);
                Arrays.fill(expected, first, first + count, (byte) 0);
            });
        }
    }
}
