package org.trufflebpf.maps;

import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.TruffleObject;
import com.oracle.truffle.api.library.ExportLibrary;
import java.util.HexFormat;
import java.util.Iterator;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/**
 * A map: storage off the heap, one face for programs ({@link ProgramFace}) and one for the control plane.
 *
 * <p><b>The control plane</b> uses byte arrays and may call from any thread, workers running or not; its calls wait for each other. Values of
 * per-CPU kinds are {@link #controlValueSize()} bytes: one value per CPU, each rounded up to 8, as bpf(2) has them. Multi-byte numbers are
 * little-endian.
 *
 * <p><b>Other languages</b> see hash entries, array elements or queue methods, decoded by the map's codecs, and the members name, kind, keySize,
 * valueSize, maxEntries, size, and raw: the same map with bytes for keys and values.
 *
 * <p>BPF_F_RDONLY and BPF_F_WRONLY bind the control plane, {@link #freeze} too: what they forbid fails with EPERM. What BPF_F_RDONLY_PROG and
 * BPF_F_WRONLY_PROG forbid is for the language to reject or to trap; nothing here checks it.
 *
 * <p>The owner closes a map when no program can run any more; control calls on a closed map fail with EBUSY.
 */
@ExportLibrary(value = InteropLibrary.class, delegateTo = "face")
public abstract sealed class BpfMap extends ProgramFace implements TruffleObject, AutoCloseable permits
        ArrayMap,
        PerCpuArrayMap,
        HashMap,
        LpmTrieMap,
        KeylessMap,
        PerfEventMap,
        SlotMap,
        HashOfMaps,
        DevHashMap {

    /** A key and its value, copied. */
    public record Entry(byte[] key, byte[] value) {
    }

    /**
     * A place in or beside a value. As a text {@code map NAME[KEY]+OFFSET of SIZE}.
     *
     * @param key in brackets, or empty where it is not known
     * @param offset from the start of the value, in bytes
     * @param size of the value, in bytes
     */
    public record Place(String map, String key, long offset, int size) {
        @Override
        public String toString() {
            return "map " + map + key + (offset < 0 ? "" : "+") + offset + " of " + size;
        }
    }

    private final NativeBlock block;
    private final Codec keyCodec;
    private final Codec valueCodec;
    final MapFace face;
    private boolean closed;
    private boolean frozen;
    /** What the control plane hands to the programs' side; made when first needed. */
    private NativeBlock scratch;
    private Runnable observer = () -> {
    };

    BpfMap(Blueprint blueprint, Storage storage) {
        super(blueprint, storage);
        this.block = storage.block();
        this.keyCodec = blueprint.key();
        this.valueCodec = blueprint.value();
        this.face = MapFace.of(this, blueprint.key(), blueprint.value());
    }

    /** What keys mean. */
    public final Codec keyCodec() {
        return keyCodec;
    }

    /** What values mean; of per-CPU kinds the value of one CPU. */
    public final Codec valueCodec() {
        return valueCodec;
    }

    /**
     * BPF_MAP_FREEZE: from now on only programs write this map.
     *
     * @throws MapException EPERM when the control plane may not write already
     */
    public final synchronized void freeze() {
        checkWritable();
        frozen = true;
    }

    /** Whether {@link #freeze} was called; never false again. */
    public final synchronized boolean frozen() {
        return frozen;
    }

    /**
     * Where an address lies, for reports; null when that is elsewhere.
     *
     * @param beside so many bytes before or after the elements are near enough
     */
    public final synchronized Place placeOf(long address, int beside) {
        long distance = address - valuesAddress();
        if (closed || valuesSize() == 0 || distance < -beside || distance >= valuesSize() + beside) {
            return null;
        }
        long element = Math.clamp(distance, 0, valuesSize() - 1) / stride();
        byte[] key = keyOf(element);
        long offset = distance - element * stride() - valueOffset();
        return new Place(name(), key == null ? "" : "[" + text(key) + "]", offset, valueSize());
    }

    private String text(byte[] key) {
        Object decoded = keyCodec.decode(key);
        InteropLibrary interop = InteropLibrary.getUncached();
        return interop.isNumber(decoded) ? String.valueOf(interop.toDisplayString(decoded)) : HexFormat.of().formatHex(key);
    }

    /** The key of an element, counted from the first, as far as it says it; null otherwise. */
    byte[] keyOf(@SuppressWarnings("unused") long element) {
        return null;
    }

    /** Bytes of a value in the control plane's calls. */
    public int controlValueSize() {
        return valueSize();
    }

    /**
     * @return a copy of the value, or null when the key is absent
     * @throws MapException for a key of the wrong size, or a kind without keys
     */
    public final synchronized byte[] get(byte[] key) {
        checkReadable();
        checkSize("key", key, keySize());
        return read(key);
    }

    /**
     * Creates or replaces as {@code updateFlags} say ({@link MapFlags#ANY}, NOEXIST, EXIST).
     *
     * @throws MapException as bpf(2) would refuse: EEXIST, ENOENT, E2BIG, EINVAL
     */
    public final synchronized void put(byte[] key, byte[] value, long updateFlags) {
        checkWritable();
        checkSize("key", key, keySize());
        checkSize("value", value, controlValueSize());
        observer.run();
        check("update", key, write(key, value, updateFlags));
    }

    /**
     * @return false when the key is absent
     * @throws MapException for a key of the wrong size, or a kind whose elements cannot be deleted
     */
    public final synchronized boolean remove(byte[] key) {
        checkWritable();
        checkSize("key", key, keySize());
        observer.run();
        long result = erase(key);
        if (result == -Errno.ENOENT) {
            return false;
        }
        check("delete", key, result);
        return true;
    }

    /**
     * All entries, each key at most once. Keys that are there from start to end of the iteration are given; of those that come or go meanwhile
     * some. Ends after at most {@link #maxEntries()} steps and those that were added on the way. Not for several threads at once.
     */
    public abstract Iterator<Entry> entries();

    /** How many entries are there now; arrays are always full. */
    public abstract long size();

    /**
     * @throws MapException E2BIG when full and {@code pushFlags} is not {@link MapFlags#EXIST}
     */
    public final synchronized void push(byte[] value, long pushFlags) {
        checkWritable();
        checkSize("value", value, controlValueSize());
        observer.run();
        check("push", null, append(value, pushFlags));
    }

    /**
     * @param remove false to leave the element
     * @return the next element's value, or null when there is none
     */
    public final synchronized byte[] next(boolean remove) {
        checkReadable();
        if (remove) {
            checkWritable();
            observer.run();
        }
        return take(remove);
    }

    /**
     * Has {@code beforeWrite} run before each change that the control plane is about to make, on its thread and under this map's monitor: once it has
     * returned the change follows. What programs change it does not hear of. One observer at a time.
     */
    public final synchronized void observe(Runnable beforeWrite) {
        observer = beforeWrite;
    }

    /**
     * The address of the value that a lookup of a program finds, for who takes it for a constant; 0 when there is none.
     *
     * @param cpu below {@link #cpus()}
     * @throws MapException EBUSY when the map is closed
     */
    public final synchronized long find(byte[] key, int cpu) {
        checkOpen();
        checkSize("key", key, keySize());
        return lookup(scratch(key), cpu);
    }

    /**
     * A copy of the value at an address that {@link #find} gave.
     *
     * @throws MapException EBUSY when the map is closed
     */
    public final synchronized byte[] valueAt(long address) {
        checkOpen();
        return Memory.bytes(address, valueSize());
    }

    /** Releases the memory; nobody may use an address of this map any more. Closing twice is harmless. */
    @Override
    public final synchronized void close() {
        closed = true;
        block.close();
        if (scratch != null) {
            scratch.close();
        }
        onClose();
    }

    /** After the memory was released. */
    void onClose() {
        // Most kinds have no more to do.
    }

    abstract byte[] read(byte[] key);

    abstract long write(byte[] key, byte[] value, long updateFlags);

    abstract long erase(byte[] key);

    /** Whether a key that is absent could be added, apart from room. */
    abstract boolean insertable(byte[] key);

    /** Whether the kind has a delete. */
    abstract boolean removable();

    long append(byte[] value, long pushFlags) {
        return -Errno.EOPNOTSUPP;
    }

    byte[] take(boolean remove) {
        throw new MapException(name(), Errno.EOPNOTSUPP, "a map of kind " + kind() + " is no queue");
    }

    /** Callers hold this map's monitor until they are done with its memory. */
    final void checkOpen() {
        if (closed) {
            throw new MapException(name(), Errno.EBUSY, "is closed");
        }
    }

    /** {@link #checkOpen}, and whether the control plane may read. */
    final void checkReadable() {
        checkOpen();
        if ((flags() & MapFlags.WRONLY) != 0) {
            throw new MapException(name(), Errno.EPERM, "was made with BPF_F_WRONLY: the control plane can only write it");
        }
    }

    /** {@link #checkOpen}, and whether the control plane may write. */
    final void checkWritable() {
        checkOpen();
        if (frozen || (flags() & MapFlags.RDONLY) != 0) {
            throw new MapException(name(), Errno.EPERM, frozen ? "is frozen: only programs can write it"
                    : "was made with BPF_F_RDONLY: the control plane can only read it");
        }
    }

    final boolean readable() {
        return (flags() & MapFlags.WRONLY) == 0;
    }

    /** Whether the control plane may write: not frozen and without BPF_F_RDONLY. */
    public final synchronized boolean writable() {
        return !frozen && (flags() & MapFlags.RDONLY) == 0;
    }

    /**
     * Off-heap copies of the arrays, one after the other, each 8-byte aligned, until the next call. Under the monitor.
     */
    final long scratch(byte[]... contents) {
        if (scratch == null) {
            scratch = new NativeBlock(Words.roundUp(keySize(), 8) + Words.roundUp(controlValueSize(), 8));
        }
        long target = scratch.address();
        for (byte[] bytes : contents) {
            Memory.copyFrom(bytes, 0, target, bytes.length);
            target += Words.roundUp(bytes.length, 8);
        }
        return scratch.address();
    }

    private void checkSize(String what, byte[] bytes, int size) {
        if (bytes.length != size) {
            throw new MapException(name(), Errno.EINVAL, what + " has " + bytes.length + " bytes, not " + size, what, null);
        }
    }

    /** @param key null for none */
    private void check(String operation, byte[] key, long result) {
        if (result < 0) {
            int errno = (int) -result;
            String what = operation + " refused: " + switch (errno) {
                case Errno.E2BIG, Errno.ENOSPC -> "full or beyond its " + maxEntries() + " entries";
                case Errno.EEXIST -> "the key is there already";
                case Errno.ENOENT -> "no such key";
                case Errno.EOPNOTSUPP, Errno.ENOTSUPP -> "kind " + kind() + " has no such operation";
                case Errno.ENOMEM -> "other writers hold all entries: try again";
                case Errno.EBADF -> "the value names nothing that exists";
                case Errno.ENODEV -> "there are only " + cpus() + " CPUs";
                default -> "wrong flags, or not for kind " + kind();
            };
            throw new MapException(name(), errno, what, null, key == null ? null : keyCodec.decode(key));
        }
    }
}
