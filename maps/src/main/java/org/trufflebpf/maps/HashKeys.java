package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.nodes.ExplodeLoop;
import org.trufflebpf.io.memory.Memory;

/**
 * Keys of one size as words. The first four travel in registers (words that the key does not have are 0), the others are read where the key lies,
 * so every method takes both: {@code k0} to {@code k3}, and {@code key}, which may be 0 for keys of up to four words.
 */
final class HashKeys {
    /** Words that are passed by value. */
    private static final int IN_REGISTERS = 4;
    /** Words of longer keys that are compared at a time, and pairs of words that are hashed. */
    private static final int LANES = 4;

    private final KeyShape shape;
    private final long seed;
    private final long seed2;

    /** @param seed of the hash */
    HashKeys(KeyShape shape, long seed) {
        this.shape = shape;
        this.seed = seed ^ 0x9E37_79B9_7F4A_7C15L;
        this.seed2 = Long.rotateLeft(seed, 32) ^ 0xD6E8_FEB8_6659_FD93L;
    }

    /**
     * One 64x64->128 multiplication per 16 bytes. Keys of one step are hashed to numbers of one step, which under most seeds share fewer chains than
     * random numbers would, and under one seed in fifty more than twice as many. To mix that away took 0.7 ns per lookup.
     */
    long hash(long k0, long k1, long k2, long k3, long key) {
        return hash(shape, k0, k1, k2, k3, key);
    }

    /** @param same the keys' shape, which the compiler may know */
    long hash(KeyShape same, long k0, long k1, long k2, long k3, long key) {
        long hash = mix(k0 ^ seed, k1 ^ seed2);
        if (same.words > IN_REGISTERS) {
            // Beside the first pair, not after it: a multiplication less to wait for.
            long second = mix(k2 ^ seed2, k3 ^ seed);
            return same.isUnrolled() ? mixRest(same, hash, second, key) : mixLong(hash, second, key);
        }
        return same.words > 2 ? mix(k2 ^ hash, k3 ^ seed2) : hash;
    }

    private static long mix(long a, long b) {
        return Math.multiplyHigh(a, b) ^ a * b;
    }

    @ExplodeLoop
    private long mixRest(KeyShape same, long first, long second, long key) {
        long hash = mix(same.word(key, IN_REGISTERS) ^ first, same.word(key, IN_REGISTERS + 1) ^ second);
        for (int i = IN_REGISTERS + 2; i < same.words; i += 2) {
            hash = mixPair(same, hash, key, i);
        }
        return hash;
    }

    private long mixPair(KeyShape same, long hash, long key, int index) {
        return mix(same.word(key, index) ^ hash, same.word(key, index + 1) ^ seed2);
    }

    @TruffleBoundary
    private long mixLong(long first, long second, long key) {
        return shape.words > KeyShape.UNROLLED ? mixLanes(first, second, key) : mixRest(shape, first, second, key);
    }

    /** Four chains beside each other, since one waits for its last multiplication at every step: 260 bytes take half the time. */
    private long mixLanes(long first, long second, long key) {
        int words = shape.words;
        long a = first;
        long b = second;
        long c = first + seed;
        long d = second - seed2;
        int i = IN_REGISTERS;
        for (; i + 2 * LANES < words; i += 2 * LANES) {
            long address = key + ((long) i << 3);
            a = mix(Memory.getLong(address) ^ a, Memory.getLong(address + 8) ^ seed2);
            b = mix(Memory.getLong(address + 16) ^ b, Memory.getLong(address + 24) ^ seed2);
            c = mix(Memory.getLong(address + 32) ^ c, Memory.getLong(address + 40) ^ seed2);
            d = mix(Memory.getLong(address + 48) ^ d, Memory.getLong(address + 56) ^ seed2);
        }
        a = mixPair(shape, a, key, i);
        b = i + 2 < words ? mixPair(shape, b, key, i + 2) : b;
        c = i + 4 < words ? mixPair(shape, c, key, i + 4) : c;
        d = i + 6 < words ? mixPair(shape, d, key, i + 6) : d;
        return mix(a ^ Long.rotateLeft(c, 32) ^ seed, b ^ Long.rotateLeft(d, 32) ^ seed2);
    }

    /** Whether the key at an address in the table is this one, which it nearly always is. What is loaded after it was stored after it. */
    boolean equal(long address, long k0, long k1, long k2, long k3, long key) {
        return equal(shape, address, k0, k1, k2, k3, key);
    }

    /** @param same the keys' shape, which the compiler may know */
    boolean equal(KeyShape same, long address, long k0, long k1, long k2, long k3, long key) {
        int words = same.words;
        if (likely(Memory.getLong(address) == k0) && (words < 2 || likely(Memory.getLong(address + 8) == k1)) &&
                (words < 3 || likely(Memory.getLong(address + 16) == k2)) && (words < 4 || likely(Memory.getLong(address + 24) == k3)) &&
                (words <= IN_REGISTERS || (same.isUnrolled() ? equalRest(same, IN_REGISTERS, address, key) : equalLong(address, key)))) {
            Memory.acquireFence();
            return true;
        }
        return false;
    }

    private static boolean likely(boolean condition) {
        return CompilerDirectives.injectBranchProbability(CompilerDirectives.FASTPATH_PROBABILITY, condition);
    }

    @ExplodeLoop
    private static boolean equalRest(KeyShape same, int first, long address, long key) {
        for (int i = first; i < same.words; i++) {
            if (Memory.getLong(address + (i << 3)) != same.word(key, i)) {
                return false;
            }
        }
        return true;
    }

    @TruffleBoundary
    private boolean equalLong(long address, long key) {
        int i = IN_REGISTERS;
        for (; i + LANES < shape.words; i += LANES) {
            long own = address + ((long) i << 3);
            long other = key + ((long) i << 3);
            long difference = Memory.getLong(own) ^ Memory.getLong(other) | Memory.getLong(own + 8) ^ Memory.getLong(other + 8) |
                            Memory.getLong(own + 16) ^ Memory.getLong(other + 16) | Memory.getLong(own + 24) ^ Memory.getLong(other + 24);
            if (difference != 0) {
                return false;
            }
        }
        return equalRest(shape, i, address, key);
    }

    /** Stores the key. */
    void put(long address, long k0, long k1, long k2, long k3, long key) {
        Memory.putLong(address, k0);
        if (shape.words > 1) {
            Memory.putLong(address + 8, k1);
        }
        if (shape.words > 2) {
            Memory.putLong(address + 16, k2);
        }
        if (shape.words > 3) {
            Memory.putLong(address + 24, k3);
        }
        for (int i = IN_REGISTERS; i < shape.words; i++) {
            Memory.putLong(address + (i << 3), shape.word(key, i));
        }
    }
}
