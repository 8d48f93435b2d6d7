package org.trufflebpf.maps;

import java.util.Collections;
import java.util.Iterator;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/**
 * BPF_MAP_TYPE_BLOOM_FILTER: values that were pushed are found by {@link #peek}, of the others nearly none. Bits and hash function are the kernel's
 * (its jhash), so that with BPF_F_ZERO_SEED even the wrong answers are the same. Nothing can be taken out, counted or listed: {@link #size} is 0
 * and {@link #entries} is empty.
 */
public final class BloomFilterMap extends KeylessMap {
    private static final int DEFAULT_HASHES = 5;
    private static final int JHASH_START = 0xDEAD_BEEF;

    private final long bits;
    private final int mask;
    private final int hashes;
    private final int seed;

    BloomFilterMap(Blueprint blueprint, long seed) {
        this(blueprint, seed, new NativeBlock(memoryNeeded(blueprint.definition()), Words.SHARING));
    }

    private BloomFilterMap(Blueprint blueprint, long seed, NativeBlock block) {
        super(blueprint, new Storage(block, block.address(), 0, 8, 0));
        this.bits = block.address();
        this.mask = (int) (bitCount(blueprint.definition()) - 1);
        this.hashes = hashes(blueprint.definition());
        this.seed = (int) seed;
    }

    private static int hashes(MapDefinition definition) {
        return definition.extra() == 0 ? DEFAULT_HASHES : (int) definition.extra();
    }

    /** 7/5 of the entries times the hashes, the fewest false positives, as a power of two from 64 to 2^32 (bloom_map_alloc). */
    private static long bitCount(MapDefinition definition) {
        long product = definition.maxEntries() * hashes(definition);
        long wanted = product > 0xFFFF_FFFFL ? Long.MAX_VALUE : product / 5 * 7;
        if (wanted > 1L << 31) {
            return 1L << 32;
        }
        return wanted <= 64 ? 64 : Long.highestOneBit(wanted - 1) << 1;
    }

    static long memoryNeeded(MapDefinition definition) {
        return Words.roundUp(bitCount(definition) / 8, Words.SHARING);
    }

    @Override
    public long push(long valueAddress, long pushFlags) {
        if (pushFlags != MapFlags.ANY) {
            return -Errno.EINVAL;
        }
        for (int i = 0; i < hashes; i++) {
            int bit = hash(valueAddress, seed + i) & mask;
            setBit(bits + (bit >>> 5 << 2), 1 << bit);
        }
        return 0;
    }

    private static void setBit(long address, int bit) {
        int word = Memory.getIntVolatile(address);
        while ((word & bit) == 0 && !Memory.compareAndSetInt(address, word, word | bit)) {
            word = Memory.getIntVolatile(address);
        }
    }

    /** 0 when the value was probably pushed, -ENOENT when it certainly was not. Writes nothing. */
    @Override
    public long peek(long valueAddress) {
        for (int i = 0; i < hashes; i++) {
            int bit = hash(valueAddress, seed + i) & mask;
            if ((Memory.getInt(bits + (bit >>> 5 << 2)) & 1 << bit) == 0) {
                return -Errno.ENOENT;
            }
        }
        return 0;
    }

    /** Bob Jenkins' lookup3, as linux/jhash.h has it: twelve bytes a round. */
    private int hash(long value, int start) {
        int a = JHASH_START + valueSize() + start;
        int b = a;
        int c = a;
        long at = value;
        int left = valueSize();
        for (; left > 12; left -= 12) {
            a += Memory.getInt(at);
            b += Memory.getInt(at + 4);
            c += Memory.getInt(at + 8);
            a = a - c ^ Integer.rotateLeft(c, 4);
            c += b;
            b = b - a ^ Integer.rotateLeft(a, 6);
            a += c;
            c = c - b ^ Integer.rotateLeft(b, 8);
            b += a;
            a = a - c ^ Integer.rotateLeft(c, 16);
            c += b;
            b = b - a ^ Integer.rotateLeft(a, 19);
            a += c;
            c = c - b ^ Integer.rotateLeft(b, 4);
            b += a;
            at += 12;
        }
        a += (int) Words.ofKey(at, 0, Math.min(left, 4));
        if (left > 4) {
            b += (int) Words.ofKey(at + 4, 0, Math.min(left - 4, 4));
        }
        if (left > 8) {
            c += (int) Words.ofKey(at + 8, 0, left - 8);
        }
        c = (c ^ b) - Integer.rotateLeft(b, 14);
        a = (a ^ c) - Integer.rotateLeft(c, 11);
        b = (b ^ a) - Integer.rotateLeft(a, 25);
        c = (c ^ b) - Integer.rotateLeft(b, 16);
        a = (a ^ c) - Integer.rotateLeft(c, 4);
        b = (b ^ a) - Integer.rotateLeft(a, 14);
        return (c ^ b) - Integer.rotateLeft(b, 24);
    }

    /**
     * Whether the value was probably pushed; for the control plane.
     *
     * @throws MapException for a value of the wrong size
     */
    public synchronized boolean contains(byte[] value) {
        checkReadable();
        if (value.length != valueSize()) {
            throw new MapException(name(), Errno.EINVAL, "value has " + value.length + " bytes, not " + valueSize(), "value", null);
        }
        return peek(scratch(value)) == 0;
    }

    /** Of the hash function: filters with the same number and size have the same bits for the same values. */
    public int seed() {
        return seed;
    }

    /** The bits from the first on, eight a byte, as of now, without zeros at the end. */
    public synchronized byte[] bits() {
        checkReadable();
        long bytes = (Integer.toUnsignedLong(mask) + 1) / 8;
        while (bytes > 0 && Memory.getLong(bits + bytes - 8) == 0) {
            bytes -= 8;
        }
        return Memory.bytes(bits, Math.toIntExact(bytes));
    }

    /**
     * Replaces all bits; meanwhile values that were pushed before or after may not be found.
     *
     * @throws MapException for more bits than there are
     */
    public synchronized void setBits(byte[] bytes) {
        checkWritable();
        long size = (Integer.toUnsignedLong(mask) + 1) / 8;
        if (bytes.length > size) {
            throw new MapException(name(), Errno.EINVAL, "bits: has " + bytes.length + " bytes, not " + size);
        }
        Memory.copyFrom(bytes, 0, bits, bytes.length);
        Memory.fill(bits + bytes.length, size - bytes.length, (byte) 0);
    }

    @Override
    long append(byte[] value, long pushFlags) {
        return push(scratch(value), pushFlags);
    }

    @Override
    public Iterator<Entry> entries() {
        return Collections.emptyIterator();
    }

    @Override
    public synchronized long size() {
        checkOpen();
        return 0;
    }
}
