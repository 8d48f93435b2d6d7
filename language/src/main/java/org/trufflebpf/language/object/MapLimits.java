package org.trufflebpf.language.object;

/** What no map of an object file may exceed; the kinds have closer limits of their own. */
final class MapLimits {
    /** Bytes of a key or a value. */
    static final long MAX_SIZE = 1 << 28;
    private static final int MAX_MAPS = 4096;

    private MapLimits() {
    }

    static MapSpec check(MapSpec map) throws MalformedObjectException {
        if (Integer.toUnsignedLong(map.keySize()) > MAX_SIZE || Integer.toUnsignedLong(map.valueSize()) > MAX_SIZE) {
            throw new MalformedObjectException("map " + map.name() + " has keys of " + Integer.toUnsignedString(map.keySize()) + " and values of "
                    + Integer.toUnsignedString(map.valueSize()) + " bytes, at most " + MAX_SIZE + " are possible");
        }
        return map;
    }

    static void checkCount(int maps) throws MalformedObjectException {
        if (maps > MAX_MAPS) {
            throw new MalformedObjectException("the object has " + maps + " maps, at most " + MAX_MAPS + " are possible");
        }
    }
}
