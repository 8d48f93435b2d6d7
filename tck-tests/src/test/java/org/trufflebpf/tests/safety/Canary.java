package org.trufflebpf.tests.safety;

import static org.junit.jupiter.api.Assertions.fail;

import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/** Memory with a pattern before and behind, which a stray write would break. */
final class Canary {
    /** Bytes on each side: more than the 16 bits of an instruction's offset can skip. */
    static final int MARGIN = 1 << 16;
    private static final long PATTERN = 0xC0A1_B0D5_EED5_1234L;

    private final String name;
    private final NativeBlock block;
    private final long size;

    /** @param size of the memory in the middle, in bytes, a multiple of 8 */
    Canary(String name, long size) {
        this.name = name;
        this.size = size;
        this.block = new NativeBlock(size + 2 * MARGIN);
        mark(block.address(), MARGIN);
        mark(address() + size, MARGIN);
    }

    /** Its owner closes it. */
    NativeBlock block() {
        return block;
    }

    /** Of the memory in the middle. */
    long address() {
        return block.address() + MARGIN;
    }

    void check() {
        check(name, block.address(), MARGIN);
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
