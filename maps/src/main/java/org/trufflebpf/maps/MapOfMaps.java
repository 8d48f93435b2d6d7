package org.trufflebpf.maps;

/**
 * Maps whose values are other maps, by their numbers in {@link References}. Programs look inner maps up and cannot change which they are. Inner maps
 * stay open for as long as the map that they are in, replaced ones too, since programs may still use them.
 */
public sealed interface MapOfMaps permits ArrayOfMaps, HashOfMaps {
    /** The largest number of a map that a reference can hold. */
    int MAX_NUMBER = (1 << 24) - 1;

    /** Addresses of arrays have 47 bits, the last 7 of them 0. */
    int ADDRESS_SHIFT = 17;

    /** A map's number and, of an array, where its values begin: with it a lookup needs nothing else of the map. Never 0. */
    static long reference(BpfMap map) {
        return reference(map.id(), map instanceof ArrayMap ? map.valuesAddress() : 0);
    }

    /** @param array where the values of an array begin, 0 of other kinds */
    static long reference(int number, long array) {
        return array == 0 ? number : array - Words.SHARING << ADDRESS_SHIFT | number;
    }

    static int number(long reference) {
        return (int) reference & MAX_NUMBER;
    }

    /** Whether it says where an array is. */
    static boolean hasArray(long reference) {
        return Long.compareUnsigned(reference, MAX_NUMBER) > 0;
    }

    /**
     * Where the values of the array begin, if the reference says it. The reference has the address of what is one unit before, so that this is a sum
     * which the compiler sees is above 0 and makes part of the access: a program's test for 0 and an instruction less.
     */
    static long array(long reference) {
        return (reference >>> ADDRESS_SHIFT | Words.SHARING - 1) + 1;
    }

    /** Like what every inner map is. */
    MapDefinition template();

    /**
     * bpf_map_lookup_elem.
     *
     * @param keyAddress as for {@link BpfMap#lookup}
     * @return the number of a map that is like the template, or 0
     */
    int inner(long keyAddress);

    /** 0, -EBADF when the number is no map's, or -EINVAL for a map that is not like the template. */
    static long check(MapDefinition template, References references, int id) {
        BpfMap map = id <= 0 ? null : references.map(id);
        if (map == null) {
            return -Errno.EBADF;
        }
        return isLike(template, map.definition()) ? 0 : -Errno.EINVAL;
    }

    /** The kinds' map_meta_equal: programs know the template's shape by heart. RDONLY and WRONLY are the descriptor's, not the map's. */
    static boolean isLike(MapDefinition template, MapDefinition map) {
        int permanent = ~(MapFlags.RDONLY | MapFlags.WRONLY);
        boolean sameEntries = switch (template.kind()) {
            case ARRAY -> (template.flags() & MapFlags.INNER_MAP) == 0;
            case XSKMAP -> true;
            default -> false;
        };
        return template.kind() == map.kind() && template.keySize() == map.keySize() && template.valueSize() == map.valueSize()
                && template.fields().equals(map.fields()) && (template.flags() & permanent) == (map.flags() & permanent)
                && (!sameEntries || template.maxEntries() == map.maxEntries());
    }
}
