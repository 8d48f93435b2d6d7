package org.trufflebpf.tests.safety;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.concurrent.atomic.AtomicInteger;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/** Memory with a pattern before and behind, which a stray write would break. */
final class Canary {
    /** Bytes on each side: more than the 16 bits of an instruction's offset can skip. */
    static final int MARGIN = 1 << 16;
    /**
     * Bytes by which every other one is moved, so that addresses differ in their low bits too: a program that shows the low byte of an address is
     * then found out by running it twice.
     */
    private static final int SHIFT = 1080;
    private static final AtomicInteger MADE = new AtomicInteger();
    private static final long PATTERN = 0xC0A1_B0D5_EED5_1234L;

    private final String name;
    private final NativeBlock block;
    private final long size;
    private final int offset;

    /** @param size of the memory in the middle, in bytes, a multiple of 8 */
    Canary(String name, long size) {
        this.name = name;
        this.size = size;
        this.offset = MARGIN + (MADE.getAndIncrement() / 2 % 2) * SHIFT;
        this.block = new NativeBlock(offset + size + MARGIN);
        mark(block.address(), offset);
        mark(address() + size, MARGIN);
    }

    /** Its owner closes it. */
    NativeBlock block() {
        return block;
    }

    /** Of the memory in the middle. */
    long address() {
        return block.address() + offset;
    }

    /** Of the memory in the middle, from the block's start. */
    int offset() {
        return offset;
    }

    void check() {
        check(name, block.address(), offset);
        check(name, address() + size, MARGIN);
    }

    /** Writes the pattern; address and length are multiples of 8. */
    static void mark(long address, long length) {
        for (long place = address; place < address + length; place += 8) {
            Memory.putLong(place, PATTERN ^ place);
        }
    }

    static void check(String name, long address, long length) {
        for (long place = address; place < address + length; place += 8) {
            if (Memory.getLong(place) != (PATTERN ^ place)) {
                fail("memory beside " + name + " was written: " + (place - address) + " bytes into a margin of " + length);
            }
        }
    }
}
