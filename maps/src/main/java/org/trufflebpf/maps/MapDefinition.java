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
 */
public record MapDefinition(String name, MapKind kind, int keySize, int valueSize, long maxEntries, int flags, MapDefinition inner) {

    /** A map that is no map of maps. */
    public MapDefinition(String name, MapKind kind, int keySize, int valueSize, long maxEntries, int flags) {
        this(name, kind, keySize, valueSize, maxEntries, flags, null);
    }
}
