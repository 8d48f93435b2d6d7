package org.trufflebpf.maps;

import org.trufflebpf.io.memory.NativeBlock;

/**
 * A map as programs use it: by addresses. A map is a constant where compiled code calls it, so its fields fold. Lookups take no lock and allocate
 * nothing; what changes a structure locks a part of it for a few dozen instructions. An address that a lookup gave is 8-byte aligned, never
 * moves, and stays inside this map's values until {@link BpfMap#close()}; after a delete it may hold another element's value. Nothing here checks
 * the addresses that it gets: {@code keySize} and {@code valueSize} bytes must be accessible there. Results are 0 or a negative
 * {@link Errno}, or an address or 0.
 */
public abstract sealed class ProgramFace permits BpfMap {
    /**
     * The block that a map owns and where the values lie in it.
     *
     * @param size bytes from {@code address} to the end of the last element; 0 when programs can hold no address of a value
     */
    record Storage(NativeBlock block, long address, long size, long stride, int valueOffset) {
        /** The same for a map whose values are not for programs. */
        Storage hidden() {
            return new Storage(block, address, 0, stride, valueOffset);
        }
    }

    private final MapDefinition definition;
    final References references;
    private final int id;
    private final int cpus;
    private final String name;
    private final MapKind kind;
    private final int keySize;
    private final int valueSize;
    private final long maxEntries;
    private final int flags;
    private final long valuesAddress;
    private final long valuesSize;
    private final long stride;
    private final int valueOffset;

    ProgramFace(Blueprint blueprint, Storage storage) {
        this.definition = blueprint.definition();
        this.references = blueprint.references();
        this.id = blueprint.id();
        this.cpus = blueprint.cpus();
        this.name = definition.name();
        this.kind = definition.kind();
        this.keySize = definition.keySize();
        this.valueSize = definition.valueSize();
        this.maxEntries = definition.maxEntries();
        // dev_map_init_map does so: no program may write an ifindex.
        this.flags = definition.flags() | switch (kind) {
            case DEVMAP, DEVMAP_HASH, XSKMAP -> MapFlags.RDONLY_PROG;
            default -> 0;
        };
        this.valuesAddress = storage.address;
        this.valuesSize = storage.size;
        this.stride = storage.stride;
        this.valueOffset = storage.valueOffset;
    }

    public final MapDefinition definition() {
        return definition;
    }

    /** What its values name, as its owner knows it. */
    public final References references() {
        return references;
    }

    /** Positive and unique among the maps that know each other. */
    public final int id() {
        return id;
    }

    public final String name() {
        return name;
    }

    public final MapKind kind() {
        return kind;
    }

    /** In bytes. */
    public final int keySize() {
        return keySize;
    }

    /** In bytes, as a program sees it. */
    public final int valueSize() {
        return valueSize;
    }

    public final long maxEntries() {
        return maxEntries;
    }

    /** The creation bits of {@link MapFlags}, with those that the kind itself sets (a DEVMAP is always RDONLY_PROG). */
    public final int flags() {
        return flags;
    }

    /** Whether programs may read values: without BPF_F_WRONLY_PROG. */
    public final boolean programsMayRead() {
        return (flags & MapFlags.WRONLY_PROG) == 0;
    }

    /** Whether programs may write values and add, replace or take out elements: without BPF_F_RDONLY_PROG. */
    public final boolean programsMayWrite() {
        return (flags & MapFlags.RDONLY_PROG) == 0;
    }

    /** How many CPU numbers programs may give. */
    public final int cpus() {
        return cpus;
    }

    /**
     * Start of the elements: an address is inside a value when its offset from here is (unsigned) below {@link #valuesSize()} and the offset's
     * remainder by {@link #stride()} lies in [valueOffset, valueOffset + valueSize). What lies between the values is no program's business.
     */
    public final long valuesAddress() {
        return valuesAddress;
    }

    /** Bytes from {@link #valuesAddress()} to the end of the last element; 0 when programs can hold no address of a value. */
    public final long valuesSize() {
        return valuesSize;
    }

    /** Bytes from one element to the next, a multiple of 8. */
    public final long stride() {
        return stride;
    }

    /** Where the value starts in its element. */
    public final int valueOffset() {
        return valueOffset;
    }

    /**
     * bpf_map_lookup_elem.
     *
     * @param cpu below {@link #cpus()}; only per-CPU kinds use it
     * @return the value's address or 0
     */
    public long lookup(long keyAddress, int cpu) {
        return 0;
    }

    /** bpf_map_update_elem. */
    public long update(long keyAddress, long valueAddress, long updateFlags, int cpu) {
        return -Errno.EINVAL;
    }

    /** bpf_map_delete_elem. */
    public long delete(long keyAddress) {
        return -Errno.EINVAL;
    }

    /** bpf_map_push_elem. */
    public long push(long valueAddress, long pushFlags) {
        return -Errno.EOPNOTSUPP;
    }

    /** bpf_map_pop_elem: copies the value out; an empty map zeroes the {@code valueSize} bytes. */
    public long pop(long valueAddress) {
        return -Errno.EOPNOTSUPP;
    }

    /** bpf_map_peek_elem: as {@link #pop} but leaves the element. */
    public long peek(long valueAddress) {
        return -Errno.EOPNOTSUPP;
    }

    /**
     * A step of bpf_for_each_map_elem, for kinds that have it ({@link MapKind#hasElements}). The program may change the map as it goes: an element
     * that is there from start to end comes, unless an element and the one after it are gone at once, which ends their chain. Those that are added
     * may come.
     *
     * @param cursor address of an {@link ElementCursor}
     * @return the address of the next element's value, or 0 at the end
     */
    public long next(long cursor, int cpu) {
        return 0;
    }

    /** The address of the key of the element that {@link #next} gave: {@link #keySize()} bytes, only to be read. */
    public long keyAt(long cursor) {
        return cursor + ElementCursor.INDEX;
    }

    /**
     * Start of the elements that have keys in memory, which lie as the values do: {@link #keysSize()} bytes, {@link #keyStride()} from one to the
     * next, the key at {@link #keyOffset()}.
     */
    public long keysAddress() {
        return 0;
    }

    /** In bytes; 0 where no element has a key in memory. */
    public long keysSize() {
        return 0;
    }

    public long keyStride() {
        return 0;
    }

    public int keyOffset() {
        return 0;
    }
}
