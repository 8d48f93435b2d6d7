package org.trufflebpf.maps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/** Keys that are hashed and compared several words at a time: every byte of them counts. */
final class LongKeysTest {
    @ParameterizedTest
    @ValueSource(ints = {33, 40, 64, 127, 128, 129, 136, 137, 160, 161, 192, 193, 197, 208, 224, 225, 256, 260, 264, 265, 511})
    void keysThatDifferInOneByteAreDifferent(int size) {
        byte[] first = new byte[size];
        new Random(size).nextBytes(first);
        MapDefinition definition = new MapDefinition("map", MapKind.HASH, size, 8, size + 1, 0);
        try (BpfMap map = MapFactory.create(definition, 1, 1, Codec.untyped(size), Codec.untyped(8)); NativeBlock key = new NativeBlock(size);
                        NativeBlock value = new NativeBlock(8)) {
            for (int changed = 0; changed <= size; changed++) {
                put(key, first, changed);
                Memory.putLong(value.address(), changed);
                assertEquals(0, map.lookup(key.address(), 0), "before byte " + changed);
                assertEquals(0, map.update(key.address(), value.address(), 0, 0));
            }
            for (int changed = 0; changed <= size; changed++) {
                put(key, first, changed);
                long found = map.lookup(key.address(), 0);
                assertNotEquals(0, found, "byte " + changed);
                assertEquals(changed, Memory.getLong(found));
            }
        }
    }

    /** @param changed number of the byte that is another, {@code first.length} for none */
    private static void put(NativeBlock key, byte[] first, int changed) {
        Memory.copyFrom(first, 0, key.address(), first.length);
        if (changed < first.length) {
            Memory.putByte(key.address() + changed, (byte) (first[changed] ^ 0x80));
        }
    }
}
