package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/**
 * BPF_MAP_TYPE_LPM_TRIE: rules by prefix; a key is u32 prefix length (in the machine's byte order), then data whose first bit counts most. A lookup
 * finds the longest rule that holds the key and is no longer than the key's own prefix length. The control plane's {@link #get} does so too, as
 * bpf(2) does; updates and deletes name a rule exactly.
 *
 * <p>A {@link PrefixTree} knows the rules and a {@link PrefixTable} is the short way through it. Readers take no lock. A change costs as many
 * stores as its prefix covers entries of the table: a default route in an IPv4 map for more than 200,000 rules 16 million, some 10 ms, while
 * which other writers wait. Replacing a value takes another element, as in the kernel: who holds the old value's address goes on to see it.
 *
 * <p>The {@code lookupKey} forms take the key's bytes as little-endian words from registers; bytes past the key's end are ignored, and the number
 * of words must be the key's.
 */
public final class LpmTrieMap extends BpfMap {
    /** Keys of up to so many bytes can be passed in registers. */
    public static final int MAX_REGISTER_KEY = 20;

    private final PrefixTree tree;
    private final PrefixTable table;
    private final long changes;
    private final int bits;
    private final int words;
    private final long stride;
    /** Where the value of element 0 would be. */
    private final long values;

    LpmTrieMap(Blueprint blueprint) {
        this(blueprint, PrefixShape.of(blueprint.definition()));
    }

    private LpmTrieMap(Blueprint blueprint, PrefixShape shape) {
        super(blueprint, storage(shape));
        this.changes = valuesAddress() - shape.elementsOffset();
        this.tree = new PrefixTree(shape, valuesAddress(), changes + Words.SHARING, changes);
        this.table = new PrefixTable(shape, tree, changes, changes);
        this.bits = shape.bits();
        this.words = shape.words();
        this.stride = shape.elementStride();
        this.values = valuesAddress() + shape.valueOffset() - stride;
    }

    private static Storage storage(PrefixShape shape) {
        NativeBlock block = new NativeBlock(shape.total(), Words.SHARING);
        return new Storage(block, block.address() + shape.elementsOffset(), shape.elements() * shape.elementStride(), shape.elementStride(),
                shape.valueOffset());
    }

    static long memoryNeeded(MapDefinition definition) {
        return PrefixShape.of(definition).total();
    }

    /** Keys of 5 to 8 bytes. */
    public long lookupKey(long k0) {
        return lookup((int) k0, Long.reverseBytes(k0 >>> 32), 0, 0);
    }

    /** Keys of 9 to 16 bytes. */
    public long lookupKey(long k0, long k1) {
        return lookup((int) k0, Long.reverseBytes(k0 >>> 32 | k1 << 32), Long.reverseBytes(k1 >>> 32), 0);
    }

    /** Keys of 17 to 20 bytes. */
    public long lookupKey(long k0, long k1, long k2) {
        return lookup((int) k0, Long.reverseBytes(k0 >>> 32 | k1 << 32), Long.reverseBytes(k1 >>> 32 | k2 << 32), 0);
    }

    @Override
    public long lookup(long keyAddress, int cpu) {
        return lookup(Memory.getInt(keyAddress), tree.data(keyAddress, 0), words > 1 ? tree.data(keyAddress, 1) : 0, keyAddress);
    }

    private long lookup(int limit, long h0, long h1, long key) {
        if (limit != bits) {
            return lookupLimited(limit, h0, h1, key);
        }
        while (true) {
            int before = Memory.getIntAcquire(changes);
            int rule = table.find(h0, h1, key);
            if (Memory.getIntAcquire(changes) == before) {
                return address(rule);
            }
        }
    }

    /** Programs hardly ever ask so. */
    @TruffleBoundary
    private long lookupLimited(int limit, long h0, long h1, long key) {
        if (Integer.compareUnsigned(limit, bits) > 0) {
            return 0;
        }
        while (true) {
            int before = Memory.getIntAcquire(changes);
            int rule = tree.find(tree.root(), 0, limit, h0, h1, key);
            if (Memory.getIntAcquire(changes) == before) {
                return address(rule);
            }
        }
    }

    private long address(int rule) {
        return rule == 0 ? 0 : values + Integer.toUnsignedLong(rule) * stride;
    }

    @Override
    @TruffleBoundary
    public long update(long keyAddress, long valueAddress, long updateFlags, int cpu) {
        if (Long.compareUnsigned(updateFlags, MapFlags.EXIST) > 0 || !fits(Memory.getInt(keyAddress))) {
            return -Errno.EINVAL;
        }
        synchronized (tree) {
            int rule = tree.create(keyAddress);
            Words.copy(valueAddress, address(rule), valueSize());
            int replaced = tree.insert(rule, updateFlags, maxEntries());
            if (replaced < 0) {
                tree.release(rule);
                return replaced;
            }
            boolean sameRule = replaced != 0 && tree.isRule(replaced);
            table.change(rule, sameRule ? replaced : tree.cover(), rule);
            if (replaced != 0) {
                tree.release(replaced);
            }
            return 0;
        }
    }

    @Override
    @TruffleBoundary
    public long delete(long keyAddress) {
        if (!fits(Memory.getInt(keyAddress))) {
            return -Errno.EINVAL;
        }
        synchronized (tree) {
            PrefixTree.Removed removed = tree.remove(keyAddress);
            if (removed == null) {
                return -Errno.ENOENT;
            }
            table.change(tree.wanted(), removed.rule(), tree.cover());
            if (removed.fork() != 0) {
                tree.release(removed.fork());
            }
            if (removed.node() != 0) {
                tree.release(removed.node());
            }
            return 0;
        }
    }

    private boolean fits(int prefixLength) {
        return Integer.compareUnsigned(prefixLength, bits) <= 0;
    }

    @Override
    byte[] read(byte[] key) {
        long address = scratch(key);
        synchronized (tree) {
            long value = lookup(address, 0);
            return value == 0 ? null : Memory.bytes(value, valueSize());
        }
    }

    @Override
    long write(byte[] key, byte[] value, long updateFlags) {
        long address = scratch(key, value);
        return update(address, address + Words.roundUp(keySize(), 8), updateFlags, 0);
    }

    @Override
    long erase(byte[] key) {
        return delete(scratch(key));
    }

    @Override
    boolean insertable(byte[] key) {
        return fits(ArrayIndex.of(key));
    }

    @Override
    boolean removable() {
        return true;
    }

    @Override
    public synchronized long size() {
        checkOpen();
        synchronized (tree) {
            return tree.size();
        }
    }

    /** Bytes of the table's nodes and leaves in use, beside its root. */
    synchronized long tableBytes() {
        checkOpen();
        synchronized (tree) {
            return table.used();
        }
    }

    /** The entry after that of {@code key}, which may be gone, or after none; null after the last one. */
    private synchronized Entry next(byte[] key) {
        checkReadable();
        long address = key == null ? 0 : scratch(key);
        synchronized (tree) {
            int rule = tree.next(address);
            return rule == 0 ? null : new Entry(tree.key(rule), Memory.bytes(address(rule), valueSize()));
        }
    }

    /** In the kernel's order: longer prefixes before those that cover them, otherwise by their bits. */
    @Override
    public Iterator<Entry> entries() {
        return new Iterator<>() {
            private byte[] last;
            private Entry next;
            private boolean ended;

            @Override
            public boolean hasNext() {
                if (next == null && !ended) {
                    next = LpmTrieMap.this.next(last);
                    ended = next == null;
                }
                return next != null;
            }

            @Override
            public Entry next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                Entry result = next;
                last = result.key();
                next = null;
                return result;
            }
        };
    }
}
