package org.trufflebpf.maps;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.truffle.api.interop.ArityException;
import com.oracle.truffle.api.interop.InteropException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.InvalidArrayIndexException;
import com.oracle.truffle.api.interop.InvalidBufferOffsetException;
import com.oracle.truffle.api.interop.StopIterationException;
import com.oracle.truffle.api.interop.UnknownIdentifierException;
import com.oracle.truffle.api.interop.UnknownKeyException;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Maps as other languages see them. */
final class InteropTest {
    private static final InteropLibrary INTEROP = InteropLibrary.getUncached();

    private static BpfMap map(MapKind kind, int keySize, int valueSize, long maxEntries) {
        return Subject.create(new MapDefinition("m", kind, keySize, valueSize, maxEntries, 0));
    }

    @Test
    void members() throws InteropException {
        try (BpfMap map = map(MapKind.HASH, 4, 8, 10)) {
            map.put(new byte[4], new byte[8], 0);
            List<Object> names = new ArrayList<>();
            Object members = INTEROP.getMembers(map);
            for (long i = 0; i < INTEROP.getArraySize(members); i++) {
                String name = INTEROP.asString(INTEROP.readArrayElement(members, i));
                assertTrue(INTEROP.isMemberReadable(map, name));
                names.add(name);
            }
            assertEquals(List.of("name", "kind", "keySize", "valueSize", "maxEntries", "size", "raw"), names);
            assertEquals("m", INTEROP.readMember(map, "name"));
            assertEquals("HASH", INTEROP.readMember(map, "kind"));
            assertEquals(4, INTEROP.readMember(map, "keySize"));
            assertEquals(8, INTEROP.readMember(map, "valueSize"));
            assertEquals(10L, INTEROP.readMember(map, "maxEntries"));
            assertEquals(1L, INTEROP.readMember(map, "size"));
            assertThrows(UnknownIdentifierException.class, () -> INTEROP.readMember(map, "other"));
            assertFalse(INTEROP.isMemberReadable(map, "push") || INTEROP.hasArrayElements(map));
            assertEquals("map m (HASH, 10 entries)", INTEROP.toDisplayString(map));
        }
    }

    @Test
    void hashEntries() throws InteropException {
        try (BpfMap map = map(MapKind.HASH, 4, 8, 3)) {
            assertTrue(INTEROP.hasHashEntries(map));
            assertTrue(INTEROP.isHashEntryInsertable(map, 5) && !INTEROP.isHashEntryExisting(map, 5));
            INTEROP.writeHashEntry(map, 5, 50);
            INTEROP.writeHashEntry(map, 0xFFFF_FFFFL, 51L);
            INTEROP.writeHashEntry(map, 7, WholeNumber.ofUnsigned(-1));
            assertEquals(50, INTEROP.readHashValue(map, 5));
            assertEquals(51, INTEROP.readHashValue(map, -1));
            assertEquals(WholeNumber.ofUnsigned(-1), INTEROP.readHashValue(map, 7));
            assertTrue(INTEROP.isHashEntryModifiable(map, 5) && INTEROP.isHashEntryRemovable(map, 5) && !INTEROP.isHashEntryInsertable(map, 5));
            assertEquals(3, INTEROP.getHashSize(map));

            TreeMap<Long, String> seen = new TreeMap<>();
            Object iterator = INTEROP.getHashEntriesIterator(map);
            while (INTEROP.hasIteratorNextElement(iterator)) {
                Object entry = INTEROP.getIteratorNextElement(iterator);
                assertEquals(2, INTEROP.getArraySize(entry));
                seen.put(INTEROP.asLong(INTEROP.readArrayElement(entry, 0)), INTEROP.readArrayElement(entry, 1).toString());
            }
            assertEquals("{5=50, 7=18446744073709551615, 4294967295=51}", seen.toString());
            assertThrows(StopIterationException.class, () -> INTEROP.getIteratorNextElement(iterator));

            assertEquals("map m: update refused: full or beyond its 3 entries (E2BIG)",
                    assertThrows(MapException.class, () -> INTEROP.writeHashEntry(map, 1, 1)).getMessage());
            INTEROP.removeHashEntry(map, 5);
            assertThrows(UnknownKeyException.class, () -> INTEROP.removeHashEntry(map, 5));
            assertThrows(UnknownKeyException.class, () -> INTEROP.readHashValue(map, 5));
            assertThrows(UnknownKeyException.class, () -> INTEROP.readHashValue(map, "five"));
            assertFalse(INTEROP.isHashEntryInsertable(map, "five"));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "key   | 4294967296           | map m: key: 4294967296 does not fit 4 bytes (EINVAL)",
        "key   | -2147483649          | map m: key: -2147483649 does not fit 4 bytes (EINVAL)",
        "value | 18446744073709551616 | map m: value: 18446744073709551616 does not fit 8 bytes (EINVAL)",
        "key   | text                 | map m: key: a whole number is needed (EINVAL)"})
    void wrongTypesAreNamed(String what, String text, String message) {
        try (BpfMap map = map(MapKind.HASH, 4, 8, 3)) {
            Object given = text.equals("text") ? text : text.length() > 18 ? new Big(new BigInteger(text)) : (Object) Long.valueOf(text);
            MapException thrown = assertThrows(MapException.class,
                    () -> INTEROP.writeHashEntry(map, what.equals("key") ? given : 1, what.equals("value") ? given : 1));
            assertEquals(message, thrown.getMessage());
            assertEquals(Errno.EINVAL, thrown.errno());
            assertTrue(INTEROP.isException(thrown));
        }
    }

    @Test
    void arrayElements() throws InteropException {
        try (BpfMap map = map(MapKind.ARRAY, 4, 2, 3)) {
            assertEquals(3, INTEROP.getArraySize(map));
            INTEROP.writeArrayElement(map, 1, 65535);
            assertEquals(65535, INTEROP.readArrayElement(map, 1));
            assertEquals(0, INTEROP.readArrayElement(map, 2));
            assertThrows(InvalidArrayIndexException.class, () -> INTEROP.readArrayElement(map, 3));
            assertThrows(InvalidArrayIndexException.class, () -> INTEROP.readArrayElement(map, -1));
            assertThrows(InvalidArrayIndexException.class, () -> INTEROP.writeArrayElement(map, 3, 1));
            assertThrows(InvalidArrayIndexException.class, () -> INTEROP.readArrayElement(map, 1L << 32));
            assertTrue(INTEROP.isArrayElementModifiable(map, 2) && !INTEROP.isArrayElementInsertable(map, 3));
            assertEquals(65535, INTEROP.readHashValue(map, 1));
            INTEROP.writeHashEntry(map, 0, 3);
            assertEquals(3, INTEROP.readArrayElement(map, 0));
            assertEquals(3, INTEROP.getHashSize(map));
            assertFalse(INTEROP.isHashEntryRemovable(map, 0) || INTEROP.isHashEntryInsertable(map, 3));
            assertThrows(UnknownKeyException.class, () -> INTEROP.removeHashEntry(map, 0));
            assertEquals("map m: value: 65536 does not fit 2 bytes (EINVAL)",
                    assertThrows(MapException.class, () -> INTEROP.writeArrayElement(map, 1, 65536)).getMessage());
        }
    }

    @Test
    void perCpuValues() throws InteropException {
        try (BpfMap map = map(MapKind.PERCPU_ARRAY, 4, 4, 3)) {
            INTEROP.writeArrayElement(map, 1, new Values(10, 20));
            Object values = INTEROP.readArrayElement(map, 1);
            assertEquals(2, INTEROP.getArraySize(values));
            assertEquals(10, INTEROP.readArrayElement(values, 0));
            assertEquals(20, INTEROP.readArrayElement(values, 1));
            assertEquals("map m: value: an array with a value for each of the 2 CPUs is needed (EINVAL)",
                    assertThrows(MapException.class, () -> INTEROP.writeArrayElement(map, 1, 5)).getMessage());
            assertEquals("map m: value: CPU 1: 4294967296 does not fit 4 bytes (EINVAL)",
                    assertThrows(MapException.class, () -> INTEROP.writeArrayElement(map, 1, new Values(1, 1L << 32))).getMessage());
        }
    }

    @Test
    void devmapSlots() throws InteropException {
        try (BpfMap map = map(MapKind.DEVMAP, 4, 4, 2)) {
            assertFalse(INTEROP.isArrayElementReadable(map, 0));
            assertTrue(INTEROP.isArrayElementInsertable(map, 0));
            INTEROP.writeArrayElement(map, 0, 3);
            assertEquals(3, INTEROP.readHashValue(map, 0));
            assertEquals(1, INTEROP.getHashSize(map));
            INTEROP.removeHashEntry(map, 0);
            assertEquals(0, INTEROP.getHashSize(map));
            assertThrows(InvalidArrayIndexException.class, () -> INTEROP.readArrayElement(map, 0));
        }
    }

    @ParameterizedTest
    @CsvSource({"QUEUE,1,2", "STACK,2,1"})
    void queueMethods(MapKind kind, int first, int second) throws InteropException {
        try (BpfMap map = map(kind, 0, 4, 2)) {
            assertTrue(INTEROP.isNull(INTEROP.invokeMember(map, "pop")));
            INTEROP.invokeMember(map, "push", 1);
            INTEROP.invokeMember(map, "push", 2);
            assertEquals("map m: push refused: full or beyond its 2 entries (E2BIG)",
                    assertThrows(MapException.class, () -> INTEROP.invokeMember(map, "push", 3)).getMessage());
            Object iterator = INTEROP.getIterator(map);
            assertEquals(first, INTEROP.getIteratorNextElement(iterator));
            assertEquals(second, INTEROP.getIteratorNextElement(iterator));
            assertFalse(INTEROP.hasIteratorNextElement(iterator));
            assertEquals(first, INTEROP.invokeMember(map, "peek"));
            assertEquals(first, INTEROP.invokeMember(map, "pop"));
            assertEquals(1L, INTEROP.readMember(map, "size"));
            assertEquals(second, INTEROP.invokeMember(map, "pop"));
            assertThrows(ArityException.class, () -> INTEROP.invokeMember(map, "push"));
            assertThrows(UnknownIdentifierException.class, () -> INTEROP.invokeMember(map, "shove"));
            assertThrows(UnsupportedMessageException.class, () -> INTEROP.getHashSize(map));
            assertEquals("map m (" + kind + ", 2 entries)", INTEROP.toDisplayString(map));
            Object push = INTEROP.readMember(map, "push");
            assertTrue(INTEROP.isExecutable(push));
            INTEROP.execute(push, 4);
            assertEquals(4, INTEROP.execute(INTEROP.readMember(map, "pop")));
            assertTrue(INTEROP.isMemberInvocable(map, "push") && !INTEROP.isMemberInvocable(map, "name"));
        }
    }

    @Test
    void rawBytes() throws InteropException {
        try (BpfMap map = map(MapKind.HASH, 4, 8, 3)) {
            INTEROP.writeHashEntry(map, 0x01020304, WholeNumber.ofUnsigned(0x8877_6655_4433_2211L));
            Object raw = INTEROP.readMember(map, "raw");
            Object value = INTEROP.readHashValue(raw, new Bytes(new byte[] {4, 3, 2, 1}));
            assertEquals(8, INTEROP.getBufferSize(value));
            assertEquals(0x11, INTEROP.readBufferByte(value, 0));
            assertEquals(0x3322, INTEROP.readBufferShort(value, ByteOrder.LITTLE_ENDIAN, 1));
            assertEquals(0x1122_3344, INTEROP.readBufferInt(value, ByteOrder.BIG_ENDIAN, 0));
            assertEquals(0x8877_6655_4433_2211L, INTEROP.readBufferLong(value, ByteOrder.LITTLE_ENDIAN, 0));
            byte[] copy = new byte[3];
            INTEROP.readBuffer(value, 5, copy, 0, 3);
            assertArrayEquals(new byte[] {0x66, 0x77, (byte) 0x88}, copy);
            assertEquals(0x88, INTEROP.readArrayElement(value, 7));
            assertThrows(InvalidBufferOffsetException.class, () -> INTEROP.readBufferLong(value, ByteOrder.LITTLE_ENDIAN, 1));
            assertThrows(InvalidBufferOffsetException.class, () -> INTEROP.readBufferByte(value, -1));
            assertThrows(InvalidArrayIndexException.class, () -> INTEROP.readArrayElement(value, 8));
            assertFalse(INTEROP.isBufferWritable(value));
            assertEquals("11 22 33 44 55 66 77 88", INTEROP.toDisplayString(value));
            INTEROP.writeHashEntry(raw, new Values(1, 0, 0, 0), new Values(255, 0, 0, 0, 0, 0, 0, 0));
            assertEquals(255, INTEROP.readHashValue(map, 1));
            assertEquals("map m: value: byte 1 is no number from 0 to 255 (EINVAL)",
                    assertThrows(MapException.class, () -> INTEROP.writeHashEntry(raw, new Values(1, 0, 0, 0), new Values(0, 256, 0, 0, 0, 0, 0, 0)))
                            .getMessage());
            assertEquals("map m: key: has 2 bytes, not 4 (EINVAL)",
                    assertThrows(MapException.class, () -> INTEROP.writeHashEntry(raw, new Values(1, 0), new Values())).getMessage());
        }
    }

    @Test
    void unsignedLongs() throws InteropException {
        Object top = WholeNumber.ofUnsigned(Long.MIN_VALUE);
        assertEquals(9223372036854775808.0, INTEROP.asDouble(top));
        assertEquals(BigInteger.ONE.shiftLeft(63), INTEROP.asBigInteger(top));
        assertTrue(INTEROP.fitsInFloat(top) && !INTEROP.fitsInLong(top) && INTEROP.isNumber(top));
        Object all = WholeNumber.ofUnsigned(-1);
        assertFalse(INTEROP.fitsInDouble(all));
        assertThrows(UnsupportedMessageException.class, () -> INTEROP.asDouble(all));
        assertThrows(UnsupportedMessageException.class, () -> INTEROP.asLong(all));
        assertEquals("18446744073709551615", INTEROP.toDisplayString(all));
        assertEquals(5L, WholeNumber.ofUnsigned(5));
        assertThrows(IllegalArgumentException.class, () -> new WholeNumber(BigInteger.valueOf(5)));
    }

    @Test
    void perCpuHashesHoldArrays() throws InteropException {
        for (MapKind kind : List.of(MapKind.PERCPU_HASH, MapKind.LRU_PERCPU_HASH)) {
            try (BpfMap map = map(kind, 4, 4, 10)) {
                map.put(ArrayIndex.key(3), new byte[map.controlValueSize()], 0);
                Object values = INTEROP.readHashValue(map, 3);
                assertEquals(2, INTEROP.getArraySize(values));
                assertEquals(0, INTEROP.asInt(INTEROP.readArrayElement(values, 1)));
                assertThrows(MapException.class, () -> INTEROP.writeHashEntry(map, 3, 1));
                INTEROP.writeHashEntry(map, 4, new Values(7, 8));
                assertEquals(8, INTEROP.asInt(INTEROP.readArrayElement(INTEROP.readHashValue(map, 4), 1)));
                assertEquals(2, INTEROP.getHashSize(map));
            }
        }
    }

    /** Reading is matching, as in bpf(2); writing and removing name a rule exactly. */
    @Test
    void longestPrefixMatches() throws InteropException {
        MapDefinition definition = new MapDefinition("m", MapKind.LPM_TRIE, 5, 4, 10, MapFlags.NO_PREALLOC);
        try (BpfMap map = Subject.create(definition)) {
            Object prefix = new Bytes(new byte[] {4, 0, 0, 0, (byte) 0xA0});
            Object address = new Bytes(new byte[] {8, 0, 0, 0, (byte) 0xAB});
            INTEROP.writeHashEntry(map, prefix, 1);
            assertEquals(1, INTEROP.asInt(INTEROP.readHashValue(map, address)));
            assertThrows(UnknownKeyException.class, () -> INTEROP.removeHashEntry(map, address));
            INTEROP.removeHashEntry(map, prefix);
            assertFalse(INTEROP.isHashEntryReadable(map, address));
            assertThrows(MapException.class, () -> INTEROP.writeHashEntry(map, new Bytes(new byte[] {9, 0, 0, 0, 0}), 1));
        }
    }
}
