package org.trufflebpf.maps;

/**
 * What every map is made from, checked.
 *
 * @param cpus CPU numbers that programs may give
 * @param references what the values of some kinds name
 */
record Blueprint(MapDefinition definition, int id, int cpus, Codec key, Codec value, References references) {
}
