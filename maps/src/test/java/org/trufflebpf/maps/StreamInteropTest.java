package org.trufflebpf.maps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.truffle.api.interop.ArityException;
import com.oracle.truffle.api.interop.InteropException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.InvalidArrayIndexException;
import com.oracle.truffle.api.interop.StopIterationException;
import com.oracle.truffle.api.interop.UnknownIdentifierException;
import com.oracle.truffle.api.interop.UnsupportedTypeException;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.maps.ReferenceMapsTest.Owner;

/** Event streams, samples, and maps of programs and maps as other languages see them. */
final class StreamInteropTest {
    private static final InteropLibrary INTEROP = InteropLibrary.getUncached();
    private static final long CURRENT_CPU = 0xFFFF_FFFFL;

    /** With one type, a number of 8 bytes. */
    private static BpfMap make(MapKind kind, int keySize, int valueSize, long maxEntries) {
        return MapFactory.create(new MapDefinition("m", kind, keySize, valueSize, maxEntries, 0), 1, 2, Codec.untyped(keySize),
                Codec.untyped(valueSize), 0, new References() {
                    @Override
                    public Codec type(String name) {
                        return name.equals("number") ? Codec.untyped(8) : null;
                    }
                });
    }

    private static void send(RingMap map, long block, long number, int size) {
        Memory.putLong(block, number);
        assertEquals(0, map.output(block, size, 0));
    }

    @Test
    void ringBuffer() throws InteropException {
        try (RingMap map = (RingMap) make(MapKind.RINGBUF, 0, 0, 4096); NativeBlock block = new NativeBlock(64)) {
            long data = block.address();
            assertTrue(INTEROP.isNull(INTEROP.invokeMember(map, "take")));
            send(map, data, 5, 8);
            Object event = INTEROP.invokeMember(map, "take");
            assertEquals(8, INTEROP.getBufferSize(event));
            assertEquals(5, INTEROP.readBufferByte(event, 0));

            Object numbers = INTEROP.invokeMember(map, "as", "number");
            send(map, data, 6, 8);
            send(map, data, 7, 9);
            assertEquals(6, INTEROP.invokeMember(numbers, "take"));
            assertEquals(9, INTEROP.getBufferSize(INTEROP.invokeMember(numbers, "take")), "of another size");

            send(map, data, 1, 8);
            send(map, data, 2, 8);
            Object iterator = INTEROP.getIterator(numbers);
            assertEquals(1, INTEROP.getIteratorNextElement(iterator));
            assertEquals(2, INTEROP.getIteratorNextElement(iterator));
            assertFalse(INTEROP.hasIteratorNextElement(iterator));
            assertThrows(StopIterationException.class, () -> INTEROP.getIteratorNextElement(iterator));
            send(map, data, 3, 8);
            assertTrue(INTEROP.hasIteratorNextElement(iterator), "new events go on");
            assertEquals(3, INTEROP.getIteratorNextElement(iterator));

            send(map, data, 8, 8);
            send(map, data, 9, 8);
            Calls calls = new Calls();
            assertEquals(2, INTEROP.invokeMember(numbers, "poll", calls));
            assertEquals("[[8, -1, 0], [9, -1, 0]]", calls.seen.toString());
            assertEquals(0, INTEROP.invokeMember(numbers, "poll", calls));
            assertEquals(0L, INTEROP.invokeMember(map, "lost"));
            assertThrows(UnsupportedTypeException.class, () -> INTEROP.invokeMember(map, "poll", 5));
            assertThrows(ArityException.class, () -> INTEROP.invokeMember(map, "poll"));
            assertThrows(UnsupportedTypeException.class, () -> INTEROP.invokeMember(map, "poll", calls, "soon"));
            assertThrows(UnknownIdentifierException.class, () -> INTEROP.invokeMember(map, "push", 5));
            assertEquals("map m: the object has no type 'other' (ENOENT)",
                    assertThrows(MapException.class, () -> INTEROP.invokeMember(map, "as", "other")).getMessage());
            assertEquals("RINGBUF", INTEROP.readMember(numbers, "kind"));
            assertEquals(0L, INTEROP.readMember(map, "size"));
        }
    }

    @Test
    void perfEvents() throws InteropException {
        try (PerfEventMap map = (PerfEventMap) make(MapKind.PERF_EVENT_ARRAY, 4, 4, 2); NativeBlock block = new NativeBlock(64)) {
            assertEquals(-Errno.ENOENT, map.output(CURRENT_CPU, block.address(), 8, 0, 0, 1));
            Calls calls = new Calls();
            Object numbers = INTEROP.invokeMember(map, "as", "number");
            assertEquals(0, INTEROP.invokeMember(numbers, "poll", calls), "opens");
            Memory.putLong(block.address(), 77);
            assertEquals(0, map.output(CURRENT_CPU, block.address(), 8, 0, 0, 1));
            assertEquals(-Errno.ENOSPC, map.output(CURRENT_CPU, block.address(), 1 << 20, 0, 0, 1));
            assertEquals(0, map.output(CURRENT_CPU, block.address(), 8, 0, 0, 1));
            assertEquals(2, INTEROP.invokeMember(numbers, "poll", calls));
            assertEquals("[[77, 1, 0], [77, 1, 1]]", calls.seen.toString());
            assertEquals(1L, INTEROP.invokeMember(map, "lost"));
        }
    }

    @Test
    void samples() throws InteropException {
        try (UserRingMap map = (UserRingMap) make(MapKind.USER_RINGBUF, 0, 0, 4096)) {
            assertEquals(true, INTEROP.invokeMember(map, "send", new Values(1, 2, 3)));
            assertEquals(true, INTEROP.invokeMember(INTEROP.invokeMember(map, "as", "number"), "send", 258));
            StringBuilder seen = new StringBuilder();
            assertEquals(2, map.drain((address, size) -> {
                seen.append(size).append(':').append(Memory.getShort(address)).append(' ');
                return 0;
            }, 0));
            assertEquals("3:513 8:258 ", seen.toString());
            assertEquals(true, INTEROP.invokeMember(map, "send", new Bytes(new byte[4088])));
            assertEquals(false, INTEROP.invokeMember(map, "send", new Values()));
            for (Object wrong : new Object[] {5, "text", new Values(1, 256), new Bytes(new byte[4089]), new Bytes(new byte[5000])}) {
                assertTrue(assertThrows(MapException.class, () -> INTEROP.invokeMember(map, "send", wrong)).getMessage().startsWith("map m: "));
            }
            assertThrows(ArityException.class, () -> INTEROP.invokeMember(map, "send"));
            assertThrows(UnknownIdentifierException.class, () -> INTEROP.invokeMember(map, "poll", new Calls()));
        }
    }

    @Test
    void programsByName() throws InteropException {
        try (Owner owner = new Owner(); BpfMap map = owner.make(new MapDefinition("m", MapKind.PROG_ARRAY, 4, 4, 3, 0))) {
            assertFalse(INTEROP.isArrayElementReadable(map, 0));
            INTEROP.writeArrayElement(map, 0, "two");
            assertEquals("two", INTEROP.readArrayElement(map, 0));
            assertEquals(2, ((ProgramArrayMap) map).programId(0));
            assertEquals("map m: value: a program of this object or its name is needed (EBADF)",
                    assertThrows(MapException.class, () -> INTEROP.writeArrayElement(map, 0, "three")).getMessage());
            Object raw = INTEROP.readMember(map, "raw");
            assertEquals(2, INTEROP.readBufferInt(INTEROP.readArrayElement(raw, 0), ByteOrder.LITTLE_ENDIAN, 0));
            INTEROP.removeHashEntry(map, 0);
            assertThrows(InvalidArrayIndexException.class, () -> INTEROP.readArrayElement(map, 0));
        }
    }

    @Test
    void innerMapsAreMaps() throws InteropException {
        try (Owner owner = new Owner()) {
            for (MapKind kind : List.of(MapKind.ARRAY_OF_MAPS, MapKind.HASH_OF_MAPS)) {
                try (BpfMap map = owner.make(new MapDefinition("m", kind, 4, 4, 3, 0)); BpfMap foreign = Subject.create(owner.map(1).definition())) {
                    INTEROP.writeHashEntry(map, 2, owner.map(2));
                    Object inner = INTEROP.readHashValue(map, 2);
                    assertSame(owner.map(2), inner);
                    INTEROP.writeArrayElement(inner, 3, 55);
                    assertEquals(55, INTEROP.readArrayElement(INTEROP.readHashValue(map, 2), 3));
                    assertEquals("map m: value: a map of this object or its name is needed (EBADF)",
                            assertThrows(MapException.class, () -> INTEROP.writeHashEntry(map, 0, foreign)).getMessage());
                    assertThrows(MapException.class, () -> INTEROP.writeHashEntry(map, 0, 1));
                }
            }
        }
    }

    @Test
    void frozen() throws InteropException {
        try (BpfMap map = Subject.create(new MapDefinition("m", MapKind.ARRAY, 4, 4, 2, 0));
                BpfMap secret = Subject.create(new MapDefinition("s", MapKind.HASH, 4, 4, 2, MapFlags.WRONLY))) {
            INTEROP.writeArrayElement(map, 0, 1);
            map.freeze();
            assertTrue(map.frozen() && INTEROP.isArrayElementReadable(map, 0));
            assertFalse(INTEROP.isArrayElementModifiable(map, 0) || INTEROP.isHashEntryModifiable(map, 0) || INTEROP.isHashEntryRemovable(map, 0));
            assertEquals("map m: is frozen: only programs can write it (EPERM)",
                    assertThrows(MapException.class, () -> INTEROP.writeArrayElement(map, 0, 2)).getMessage());
            INTEROP.writeHashEntry(secret, 1, 2);
            assertFalse(INTEROP.isHashEntryReadable(secret, 1));
            assertThrows(MapException.class, () -> INTEROP.getIteratorNextElement(INTEROP.getHashEntriesIterator(secret)));
        }
    }
}
