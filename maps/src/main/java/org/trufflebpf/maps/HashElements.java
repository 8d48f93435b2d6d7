package org.trufflebpf.maps;

import org.trufflebpf.io.memory.Memory;

/**
 * The elements of a hash table, which have places: numbers that tell where they lie, 0 for none.
 *
 * <p>An element: u32 signature, u32 place of the next one in its chain, key, and the value that all CPUs share or the address of the first CPU's,
 * these padded to 8. The signature is what the key's hash has in bits 2 to 31, with {@link #LIVE} and {@link #MARKED}; or 0 when the element is in no
 * chain. Signature and next place are read as one word.
 *
 * <p>Elements of LRU tables are marked when a program looks them up, all others always: so who looks a key up knows the whole signature to expect.
 */
final class HashElements {
    /** For the {@code cpu} of a value: one for every CPU, each padded to 8 bytes. */
    static final int EVERY_CPU = -1;

    static final int LIVE = 1;
    static final int MARKED = 2;
    /** Bits below the hash in a signature. */
    static final int STATE_BITS = 2;

    static final int NEXT = 4;
    private static final int KEY = HashShape.KEY_OFFSET;

    private final HashShape shape;
    private final HashKeys keys;
    private final int unit;
    /** From an element to the next one, in places. */
    private final int step;
    private final int valueSize;
    private final int afterKey;
    private final long valueStride;
    private final long cpuStride;
    /** Where place 0 would be. Not final: as a constant it would make a constant of 64 bits of each place in an element. */
    private long origin;
    /**
     * Where its value would be that all CPUs share. Final: then the compiler knows that what a lookup finds is not 0, and the program need not ask.
     */
    private final long sharedValues;
    /** Where the value of element 0 would be if each CPU has its own. */
    private final long ownValues;

    /** @param block address of the table's block */
    HashElements(HashShape shape, HashKeys keys, long block) {
        this.shape = shape;
        this.keys = keys;
        this.unit = shape.unit();
        this.step = (int) (shape.elementStride() >>> unit);
        this.valueSize = shape.valueSize();
        this.afterKey = shape.afterKey();
        this.valueStride = shape.valueStride();
        this.cpuStride = shape.cpuStride();
        this.origin = block + shape.elementsOffset() - shape.elementStride();
        this.sharedValues = origin + afterKey;
        this.ownValues = block + shape.valuesOffset() - valueStride;
    }

    /** @param index of the element, from 1 */
    int place(long index) {
        return (int) index * step;
    }

    int index(int place) {
        return Integer.divideUnsigned(place, step);
    }

    /** The address of the first element. */
    long address() {
        return at(step);
    }

    /** The address of the element. */
    long at(int place) {
        return origin + (Integer.toUnsignedLong(place) << unit);
    }

    long key(long element) {
        return element + KEY;
    }

    /** The address of a CPU's value. */
    long value(int place, int cpu) {
        return cpuStride == 0 ? sharedValues + (Integer.toUnsignedLong(place) << unit) : Memory.getLong(at(place) + afterKey) + cpu * cpuStride;
    }

    /** That of a live and marked element. */
    static int signature(long hash) {
        return (int) hash | LIVE | MARKED;
    }

    /**
     * Whether it is the live element of that key, and marked. The key is read before the signature: an element that has it then is live, and has had
     * the key all along.
     *
     * @param same the keys' shape, which the compiler may know
     */
    boolean is(KeyShape same, long element, int signature, long k0, long k1, long k2, long k3, long key) {
        return keys.equal(same, element + KEY, k0, k1, k2, k3, key) && Memory.getInt(element) == signature;
    }

    boolean isLive(long element) {
        return Memory.getIntVolatile(element) != 0;
    }

    boolean isMarked(long element) {
        return (Memory.getInt(element) & MARKED) != 0;
    }

    /** Marks the element if it is live. */
    void mark(long element) {
        int signature = Memory.getInt(element);
        if ((signature & (LIVE | MARKED)) == LIVE) {
            Memory.compareAndSetInt(element, signature, signature | MARKED);
        }
    }

    /** Whether it was marked. */
    boolean unmark(long element) {
        int signature = Memory.getInt(element);
        return (signature & MARKED) != 0 && Memory.compareAndSetInt(element, signature, signature & ~MARKED);
    }

    /** Writes key and value of an element that is in no chain. @param cpu whose value it is; the other CPUs' values are 0 */
    void fill(int place, long k0, long k1, long k2, long k3, long key, long value, int cpu) {
        long element = at(place);
        keys.put(element + KEY, k0, k1, k2, k3, key);
        if (cpuStride != 0) {
            Memory.putLong(element + afterKey, ownValues + index(place) * valueStride);
            setValues(place, value, cpu, true);
        } else {
            Words.copyShort(value, value(place, cpu), valueSize);
            shape.fields().clear(value(place, cpu));
        }
    }

    /** Writes values of each CPU. @param clear whether those that are not given become 0 */
    void setValues(int place, long value, int cpu, boolean clear) {
        for (int each = 0; each < shape.cpus(); each++) {
            if (cpu == EVERY_CPU) {
                Words.copyShort(value + each * valueStride, value(place, each), valueSize);
            } else if (each == cpu) {
                Words.copyShort(value, value(place, each), valueSize);
            } else if (clear) {
                Words.clear(value(place, each), valueSize);
            }
        }
    }

    /** For the control plane. Under the stripe's lock a value belongs to its key for as long as it takes to copy. */
    byte[] copyOfValue(int place) {
        byte[] copy = new byte[shape.controlValueSize()];
        for (int cpu = 0; cpu < Math.max(1, shape.cpus()); cpu++) {
            Memory.copyTo(value(place, cpu), copy, cpu * (int) valueStride, valueSize);
        }
        shape.fields().clear(copy);
        return copy;
    }

    byte[] copyOfKey(long element) {
        return Memory.bytes(element + KEY, shape.keySize());
    }

    /** The key that an element has or had, by the number of one of its values among all, from 0; null past them. */
    byte[] keyOf(long value) {
        long index = 1 + (cpuStride == 0 ? value : value % (cpuStride / valueStride));
        return index > shape.elements() ? null : copyOfKey(at(place(index)));
    }
}
