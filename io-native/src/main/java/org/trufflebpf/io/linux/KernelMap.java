package org.trufflebpf.io.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.trufflebpf.io.libc.Libc;
import org.trufflebpf.io.memory.Memory;

/**
 * A map in the kernel. Keys and values are bytes as the kernel lays them out; a value of a per-CPU map is one value per possible CPU, each
 * rounded up to 8 bytes. Any thread may use a map; closing it while another does is the caller's mistake.
 */
public final class KernelMap implements AutoCloseable {
    /** Flag of {@link #update}: create or replace. */
    public static final long ANY = 0;
    /** Flag of {@link #update}: EEXIST if the key is there. */
    public static final long NO_EXIST = 1;
    /** Flag of {@link #update}: ENOENT if the key is not there. */
    public static final long EXIST = 2;

    private final int fd;
    private final int keySize;
    private final int valueSize;
    private boolean closed;

    private KernelMap(int fd, int keySize, int valueSize) {
        this.fd = fd;
        this.keySize = keySize;
        this.valueSize = valueSize;
    }

    /** A map without flags. */
    public static KernelMap create(int type, int keySize, int valueSize, int maxEntries) throws BpfException {
        return create(type, keySize, valueSize, maxEntries, 0, null);
    }

    /**
     * @param type one of enum bpf_map_type
     * @param keySize bytes, 0 for queues and stacks
     * @param valueSize bytes
     * @param flags BPF_F_NO_PREALLOC and others of the kernel
     * @param inner the template of a map of maps, null for others; the entries' values are then file descriptors
     */
    public static KernelMap create(int type, int keySize, int valueSize, int maxEntries, int flags, KernelMap inner) throws BpfException {
        return create(type, keySize, valueSize, maxEntries, flags, inner, 0, null);
    }

    /**
     * What the kernel has to know of a map's types: it looks for spin locks and timers in the value.
     *
     * @param key id of the key's type
     * @param value id of the value's type
     */
    public record Types(KernelBtf btf, int key, int value) {
    }

    /**
     * As the other method.
     *
     * @param extra map_extra: how many hash functions a bloom filter has, 0 for other kinds
     * @param types null when the kernel need not know any
     */
    public static KernelMap create(int type, int keySize, int valueSize, int maxEntries, int flags, KernelMap inner, long extra, Types types)
            throws BpfException {
        try (Attributes attributes = new Attributes()) {
            attributes.u32(0, type).u32(4, keySize).u32(8, valueSize).u32(12, maxEntries).u32(16, flags).u32(20, inner == null ? 0 : inner.fd)
                    .u64(64, extra);
            if (types != null) {
                attributes.u32(48, types.btf.fd()).u32(52, types.key).u32(56, types.value);
            }
            int fd = attributes.call(Attributes.MAP_CREATE);
            if (fd < 0) {
                String what = "create a map of type " + type + ", key " + keySize + ", value " + valueSize + ", " + maxEntries + " entries";
                throw new BpfException(what, -fd, "");
            }
            boolean perCpu = switch (type) {
                case Bpf.MAP_TYPE_PERCPU_ARRAY, Bpf.MAP_TYPE_PERCPU_HASH, Bpf.MAP_TYPE_LRU_PERCPU_HASH -> true;
                default -> false;
            };
            return new KernelMap(fd, keySize, perCpu ? (valueSize + 7 & ~7) * possibleCpus() : valueSize);
        }
    }

    /** CPUs that the kernel keeps values for, also if they are not there: the end of a list such as 0-3. */
    public static int possibleCpus() {
        try {
            String list = Files.readString(Path.of("/sys/devices/system/cpu/possible")).strip();
            return Integer.parseInt(list.substring(Math.max(list.lastIndexOf('-'), list.lastIndexOf(',')) + 1)) + 1;
        } catch (IOException | NumberFormatException e) {
            return Runtime.getRuntime().availableProcessors();
        }
    }

    /** The file descriptor that an instruction of a program names the map by. */
    public int fd() {
        return fd;
    }

    public int keySize() {
        return keySize;
    }

    /** Bytes of what {@link #lookup} returns and {@link #update} takes. */
    public int valueSize() {
        return valueSize;
    }

    /** The value, null if the key is not there. With a key of no bytes the next of a queue or stack, which stays. */
    public byte[] lookup(byte[] key) throws BpfException {
        return read(Attributes.MAP_LOOKUP_ELEM, "look up a map's entry", key, valueSize);
    }

    /** The value, null if the key is not there; the entry is gone afterwards. With a key of no bytes: pop from a queue or stack. */
    public byte[] lookupAndDelete(byte[] key) throws BpfException {
        return read(Attributes.MAP_LOOKUP_AND_DELETE_ELEM, "take a map's entry", key, valueSize);
    }

    /** The key after {@code key}, null at the end; the first key if {@code key} is null or was deleted. */
    public byte[] nextKey(byte[] key) throws BpfException {
        return read(Attributes.MAP_GET_NEXT_KEY, "find a map's next key", key, keySize);
    }

    private byte[] read(int command, String what, byte[] key, int resultSize) throws BpfException {
        try (Attributes attributes = new Attributes()) {
            long result = attributes.buffer(resultSize);
            int error = -attributes.u32(0, fd).u64(8, key(attributes, key)).u64(16, result).call(command);
            if (error == Libc.ENOENT) {
                return null;
            }
            if (error > 0) {
                throw new BpfException(what, error, "");
            }
            return Memory.bytes(result, resultSize);
        }
    }

    /** @param flags {@link #ANY}, {@link #NO_EXIST} or {@link #EXIST}; a queue or stack takes a key of no bytes: push */
    public void update(byte[] key, byte[] value, long flags) throws BpfException {
        if (value.length != valueSize) {
            throw new IllegalArgumentException("a value of " + value.length + " bytes instead of " + valueSize);
        }
        try (Attributes attributes = new Attributes()) {
            int error = -attributes.u32(0, fd).u64(8, key(attributes, key)).u64(16, attributes.buffer(value)).u64(24, flags)
                    .call(Attributes.MAP_UPDATE_ELEM);
            if (error > 0) {
                throw new BpfException("update a map's entry", error, "");
            }
        }
    }

    /** Whether the key was there. */
    public boolean delete(byte[] key) throws BpfException {
        try (Attributes attributes = new Attributes()) {
            int error = -attributes.u32(0, fd).u64(8, key(attributes, key)).call(Attributes.MAP_DELETE_ELEM);
            if (error > 0 && error != Libc.ENOENT) {
                throw new BpfException("delete a map's entry", error, "");
            }
            return error == 0;
        }
    }

    /** No one but programs can write the map any more. */
    public void freeze() throws BpfException {
        try (Attributes attributes = new Attributes()) {
            int error = -attributes.u32(0, fd).call(Attributes.MAP_FREEZE);
            if (error > 0) {
                throw new BpfException("freeze a map", error, "");
            }
        }
    }

    /** The kernel wants no key where keys have no bytes. */
    private long key(Attributes attributes, byte[] key) {
        if (key != null && key.length != keySize) {
            throw new IllegalArgumentException("a key of " + key.length + " bytes instead of " + keySize);
        }
        return key == null || keySize == 0 ? 0 : attributes.buffer(key);
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Libc.close(fd);
        }
    }
}
