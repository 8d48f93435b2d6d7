package org.trufflebpf.language.nodes;

import org.trufflebpf.maps.BpfMap;

/** The maps of an instance by number, as maps of maps hold them. */
public interface InnerMaps {
    /** The map of a number that a map of maps gave, else null for 0 and numbers that no map has. Called for each packet. */
    BpfMap map(int id);

    /** By a map's number: the address of the first value of an array, 0 for other kinds. It has every number that a map of maps gave. Called for each packet. */
    long[] arrays();

    /**
     * Where an address lies if that is among the values of a map of the instance, else null.
     *
     * @param beside so many bytes before or after the values are near enough
     * @param values where the values of the maps to look at start; none: all maps
     */
    BpfMap.Place placeOf(long address, int beside, long... values);

    /** Whether {@code size} bytes at an address lie in one value of some map that programs may write. For pointers whose map is not known. */
    boolean contain(long address, long size);

    /** Whether {@code size} bytes at an address lie in a key of some map. */
    boolean containKey(long address, long size);
}
