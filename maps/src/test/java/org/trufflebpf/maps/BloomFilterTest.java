package org.trufflebpf.maps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.truffle.api.interop.InteropException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bloom filters: no wrong no, few a wrong yes, and with a seed of zero the kernel's. */
final class BloomFilterTest {

    private static MapDefinition definition(int valueSize, long maxEntries, int hashes, int flags) {
        return new MapDefinition("m", MapKind.BLOOM_FILTER, 0, valueSize, maxEntries, flags, null, hashes);
    }

    /** Filters much too small for what is pushed, so that wrong answers are common. */
    @ParameterizedTest
    @CsvSource({"1,1,0", "2,10,1", "3,50,2", "4,50,3", "5,20,0", "8,20,5", "9,20,5", "11,50,4", "12,50,5", "13,50,5", "16,100,15", "24,50,7",
        "25,50,1", "36,300,5", "37,50,5", "64,50,5"})
    void kernelsWrongAnswers(int valueSize, int maxEntries, int hashes) {
        Kernel.assumeThere();
        Random random = new Random(valueSize);
        MapDefinition definition = definition(valueSize, maxEntries, hashes, MapFlags.ZERO_SEED);
        try (Subject kernel = Subject.kernel(definition); Subject program = Subject.program(definition)) {
            int yes = 0;
            for (int i = 0; i < 3000; i++) {
                byte[] value = new byte[valueSize];
                random.nextBytes(value);
                Subject.Step step = new Subject.Step(i < 3 * maxEntries ? "push" : "peek", new byte[0], value, 0);
                String answer = kernel.run(step);
                assertEquals(answer, program.run(step), step::toString);
                yes += answer.equals("ok") ? 1 : 0;
            }
            assertTrue(yes > 3 * maxEntries, "no wrong answer was tried");
        }
    }

    @Test
    void rates() {
        int entries = 10_000;
        try (BloomFilterMap map = (BloomFilterMap) Subject.create(definition(8, entries, 0, 0))) {
            Random random = new Random(1);
            byte[] value = new byte[8];
            for (int i = 0; i < entries; i++) {
                random.nextBytes(value);
                map.push(value, 0);
            }
            int wrong = 0;
            for (int i = 0; i < 10_000; i++) {
                random.nextBytes(value);
                wrong += map.contains(value) ? 1 : 0;
            }
            random.setSeed(1);
            for (int i = 0; i < entries; i++) {
                random.nextBytes(value);
                assertTrue(map.contains(value));
            }
            // 2^17 bits, of which 5 * 10^4 are asked for: (1 - e^(-0.38))^5 = 0.3 %.
            assertTrue(wrong < 100, wrong + " of 10000");
        }
    }

    /** The largest filter has 2^32 bits, 512 MiB of address space. */
    @Test
    void sizes() {
        assertEquals(1L << 29, MapFactory.memoryNeeded(definition(8, 0xFFFF_FFFFL, 15, 0), 1));
        assertEquals(1L << 29, MapFactory.memoryNeeded(definition(8, 400_000_000, 0, 0), 1));
        assertEquals(1L << 28, MapFactory.memoryNeeded(definition(8, 300_000_000, 5, 0), 1));
        assertEquals(128, MapFactory.memoryNeeded(definition(8, 1, 0, 0), 1));
    }

    @Test
    void face() throws InteropException {
        InteropLibrary interop = InteropLibrary.getUncached();
        try (BpfMap map = Subject.create(definition(4, 10, 0, 0))) {
            interop.invokeMember(map, "push", 7);
            assertEquals(true, interop.invokeMember(map, "contains", 7));
            assertEquals(true, interop.execute(interop.readMember(map, "contains"), 7));
            assertTrue(!interop.isMemberInvocable(map, "pop") && !interop.hasIterator(map));
            assertThrows(UnsupportedMessageException.class, () -> interop.getIterator(map));
            assertThrows(MapException.class, () -> interop.invokeMember(map, "push", "x"));
            assertEquals(0L, interop.readMember(map, "size"));
        }
    }
}
