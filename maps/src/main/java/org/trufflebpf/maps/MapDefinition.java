package org.trufflebpf.maps;

/**
 * What a map is made from. Nothing is checked here: {@link MapFactory} does, with the kernel's bounds.
 *
 * @param name as users know it; used in messages
 * @param keySize bytes
 * @param valueSize bytes
 * @param maxEntries an unsigned 32-bit number
 * @param flags the creation bits of {@link MapFlags}
 * @param inner what the maps in a map of maps must be like, otherwise null
 * @param extra map_extra: of a bloom filter the number of hash functions, 0 for 5; 0 for other kinds
 * @param fields what lies in its values besides data
 */
public record MapDefinition(String name, MapKind kind, int keySize, int valueSize, long maxEntries, int flags, MapDefinition inner,
        long extra, ValueFields fields) {

    /** A map with nothing but data in its values. */
    public MapDefinition(String name, MapKind kind, int keySize, int valueSize, long maxEntries, int flags, MapDefinition inner, long extra) {
        this(name, kind, keySize, valueSize, maxEntries, flags, inner, extra, ValueFields.NONE);
    }

    /** A map that is no map of maps. */
    public MapDefinition(String name, MapKind kind, int keySize, int valueSize, long maxEntries, int flags) {
        this(name, kind, keySize, valueSize, maxEntries, flags, null, 0);
    }

    /** A kind without map_extra. */
    public MapDefinition(String name, MapKind kind, int keySize, int valueSize, long maxEntries, int flags, MapDefinition inner) {
        this(name, kind, keySize, valueSize, maxEntries, flags, inner, 0);
    }

    public MapDefinition withFields(ValueFields newFields) {
        return new MapDefinition(name, kind, keySize, valueSize, maxEntries, flags, inner, extra, newFields);
    }

    /** As libbpf completes what a program's source leaves open: sizes of ring buffers rounded up, a slot per CPU for perf events. */
    public MapDefinition completed(int cpus) {
        long entries = switch (kind) {
            case PERF_EVENT_ARRAY -> maxEntries == 0 ? cpus : maxEntries;
            case RINGBUF, USER_RINGBUF -> ringSize(maxEntries);
            default -> maxEntries;
        };
        return new MapDefinition(name, kind, keySize, valueSize, entries, flags, inner == null ? null : inner.completed(cpus), extra, fields);
    }

    /** The next power of two that is a page or more; sizes that no ring has stay as they are. */
    private static long ringSize(long size) {
        long rounded = Math.max(4096, Long.highestOneBit(size) == size ? size : Long.highestOneBit(size) << 1);
        return size <= 0 || rounded > 1L << 31 ? size : rounded;
    }
}
