package org.trufflebpf.maps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.trufflebpf.io.memory.Memory;

/** Samples from the control plane to programs. */
final class UserRingTest {
    private static final int SIZE = 4096;

    private static UserRingMap map() {
        return (UserRingMap) Subject.create(new MapDefinition("m", MapKind.USER_RINGBUF, 0, 0, SIZE, 0));
    }

    @Test
    void samplesArriveInOrder() {
        try (UserRingMap map = map()) {
            Random random = new Random(2);
            Deque<String> sent = new ArrayDeque<>();
            for (int round = 0; round < 500; round++) {
                byte[] sample = new byte[random.nextInt(900)];
                random.nextBytes(sample);
                while (map.send(sample)) {
                    sent.add(HexFormat.of().formatHex(sample));
                    sample = Arrays.copyOf(sample, random.nextInt(900));
                }
                int wanted = 1 + random.nextInt(4);
                int[] left = {wanted};
                long got = map.drain((address, size) -> {
                    assertTrue(map.ownsLive(address, size) && map.ownsLive(address + size, 0));
                    assertFalse(map.ownsLive(address, size + 1) || map.ownsLive(address - 1, 1) || map.ownsLive(0, 1));
                    assertEquals(sent.remove(), HexFormat.of().formatHex(Memory.bytes(address, size)));
                    return --left[0] == 0 ? 1 : 0;
                }, round % 4);
                assertEquals(wanted - left[0], got);
                assertFalse(map.ownsLive(0, 0) || map.ownsLive(1, 1));
            }
            while (!sent.isEmpty()) {
                assertEquals(1, map.drain((address, size) -> sent.remove().length() + 1, 0));
            }
            assertEquals(0, map.size());
        }
    }

    @Test
    void oneDrainsAtATime() {
        try (UserRingMap map = map()) {
            assertTrue(map.send(new byte[3]));
            assertEquals(1, map.drain((address, size) -> {
                assertEquals(-Errno.EBUSY, map.drain((a, s) -> 0, 0));
                return 0;
            }, 0));
            assertEquals(-Errno.EINVAL, map.drain((address, size) -> 0, 4));
            assertThrows(IllegalStateException.class, () -> {
                assertTrue(map.send(new byte[3]));
                map.drain((address, size) -> {
                    throw new IllegalStateException();
                }, 0);
            });
            assertEquals(1, map.drain((address, size) -> 0, 0));
            assertEquals(Errno.E2BIG, assertThrows(MapException.class, () -> map.send(new byte[SIZE - 7])).errno());
            assertTrue(map.send(new byte[SIZE - 8]));
            assertFalse(map.send(new byte[0]));
        }
    }

    /** As Linux 6.18 counted for the same samples of 20 bytes and a callback that stops at its third call. */
    @Test
    void countsAreTheKernels() {
        int[] sent = {0, 1, 2, 3, 5, 0, 7, 4, 0, 0, 9};
        int[] drained = {0, 1, 2, 3, 3, 2, 3, 3, 3, 2, 3};
        int[] consumed = {0, 32, 96, 192, 288, 352, 448, 544, 640, 704, 800};
        try (UserRingMap map = map()) {
            long produced = 0;
            for (int i = 0; i < sent.length; i++) {
                for (int sample = 0; sample < sent[i]; sample++) {
                    assertTrue(map.send(new byte[20]));
                    produced += 32;
                }
                int[] calls = {0};
                assertEquals(drained[i], map.drain((address, size) -> ++calls[0] == 3 ? 1 : 0, 0));
                assertEquals(drained[i], calls[0]);
                assertEquals(consumed[i], produced - map.size());
            }
        }
    }
}
