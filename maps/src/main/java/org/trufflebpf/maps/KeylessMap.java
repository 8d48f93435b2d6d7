package org.trufflebpf.maps;

/** Maps whose elements come and go without keys. */
abstract sealed class KeylessMap extends BpfMap permits QueueMap, BloomFilterMap, RingMap, UserRingMap {

    KeylessMap(Blueprint blueprint, Storage storage) {
        super(blueprint, storage);
    }

    @Override
    final byte[] read(byte[] key) {
        throw keyless();
    }

    @Override
    final long write(byte[] key, byte[] value, long updateFlags) {
        throw keyless();
    }

    @Override
    final long erase(byte[] key) {
        throw keyless();
    }

    private MapException keyless() {
        return new MapException(name(), Errno.EINVAL, "a map of kind " + kind() + " has no keys");
    }

    @Override
    final boolean insertable(byte[] key) {
        return false;
    }

    @Override
    final boolean removable() {
        return false;
    }
}
