package org.trufflebpf.maps;

/**
 * What a map is made from. Nothing is checked here: {@link MapFactory} does, with the kernel's bounds.
 *
 * @param name as users know it; used in messages
 * @param keySize bytes
 * @param valueSize bytes
 * @param maxEntries an unsigned 32-bit number
 * @param flags the creation bits of {@link MapFlags}
 */
public record MapDefinition(String name, MapKind kind, int keySize, int valueSize, long maxEntries, int flags) {
}
