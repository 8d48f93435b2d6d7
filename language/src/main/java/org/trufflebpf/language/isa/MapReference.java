package org.trufflebpf.language.isa;

/**
 * What the 64-bit constant load at a slot refers to.
 *
 * @param map the map's name
 * @param value whether the address of the map's first value is meant rather than the map's handle; the byte offset into it is then the
 *        immediate of the constant's second slot
 */
public record MapReference(String map, boolean value) {
}
