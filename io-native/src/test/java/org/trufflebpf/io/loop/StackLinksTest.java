package org.trufflebpf.io.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.Verdict;
import org.trufflebpf.io.linux.Processors;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.io.pcap.CaptureBytes;
import org.trufflebpf.io.port.CaptureSink;
import org.trufflebpf.io.port.Captured;
import org.trufflebpf.io.port.PcapPort;
import org.trufflebpf.io.port.Port;

/** Ports that are linked with the kernel's network stack through a companion. */
class StackLinksTest {
    /** What the program never sees. */
    private static final int FROM_STACK = 99;

    /** In place of a TAP interface. */
    private static final class Stack implements Port {
        private final NativeBlock frame = new NativeBlock(Burst.DEFAULT_FRAME_SIZE);
        private final List<Integer> taken = new ArrayList<>();
        private final boolean breaks;
        private final int room;
        private int left;
        private int lent;
        private boolean started;

        /** @param left packets that the stack sends */
        Stack(int left, int room, boolean breaks) {
            this.left = left;
            this.room = room;
            this.breaks = breaks;
        }

        @Override
        public void start() {
            started = true;
        }

        @Override
        public int ifindex() {
            return 1;
        }

        @Override
        public int receive(Burst burst, int limit) throws IOException {
            assertTrue(started);
            if (left > 0) {
                left--;
                lent++;
                Memory.putByte(frame.address() + Burst.HEADROOM, (byte) FROM_STACK);
                burst.setPacket(0, frame.address(), Burst.DEFAULT_FRAME_SIZE, Burst.HEADROOM, 20, 0);
                return 1;
            }
            if (breaks) {
                throw new IOException("the stack is gone");
            }
            return 0;
        }

        @Override
        public boolean copy(long descriptor) {
            if (taken.size() == room) {
                return false;
            }
            taken.add((int) Memory.getByte(Memory.getLong(descriptor + Burst.DATA)));
            return true;
        }

        @Override
        public void release(long descriptor) {
            lent--;
        }

        @Override
        public void close() {
            frame.close();
        }
    }

    private final Captured first = new Captured();
    private final Captured second = new Captured();
    private final Captured rest = new Captured();
    private Statistics.Snapshot counts;

    /** Two ports with packets 1 to 10 and 11 to 20, which all pass; the second has a companion. */
    private void run(Stack stack) throws IOException {
        try (PcapPort one = port(1, 1, first); PcapPort two = port(2, 11, second); stack; PassTarget target = PassTarget.to(rest.writer())) {
            Workers workers = new Workers(List.of(new Workers.Worker(List.of(one, two), Arrays.asList(null, stack), burst -> {
                for (int i = 0; i < burst.count(); i++) {
                    long descriptor = burst.descriptor(i);
                    assertTrue(Memory.getByte(Memory.getLong(descriptor + Burst.DATA)) != FROM_STACK);
                    Memory.putInt(descriptor + Burst.VERDICT, Verdict.PASS.ordinal());
                }
            })), target, PollLoop.Settings.DEFAULT.withBurst(1));
            try {
                workers.run(Thread::new, Waiter.SLEEP, Processors::shared);
            } finally {
                counts = workers.statistics();
                assertEquals(0, stack.lent);
            }
        }
    }

    private static PcapPort port(int ifindex, int number, Captured output) throws IOException {
        byte[][] packets = new byte[10][20];
        for (int i = 0; i < packets.length; i++) {
            packets[i][0] = (byte) (number + i);
        }
        return new PcapPort(ifindex, Captured.reader(CaptureBytes.pcap(packets)), new CaptureSink(output.writer()), 64);
    }

    private static List<Integer> numbers(Captured output) throws IOException {
        return output.packets().stream().map(line -> Integer.parseInt(line.substring(line.indexOf(':') + 1).substring(0, 2), 16)).toList();
    }

    @Test
    void passedPacketsReachTheStackAndItsOwnLeaveByTheirPort() throws IOException {
        Stack stack = new Stack(5, 100, false);
        run(stack);
        assertEquals(List.of(11, 12, 13, 14, 15, 16, 17, 18, 19, 20), stack.taken);
        assertEquals(List.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), numbers(rest));
        assertEquals(List.of(), numbers(first));
        assertEquals(List.of(99, 99, 99, 99, 99), numbers(second));
        assertEquals(10, counts.packets(1, Counter.PASS));
        assertEquals(5, counts.packets(1, Counter.FROM_STACK));
        assertEquals(5, counts.packets(1, Counter.SENT));
        assertEquals(100, counts.bytes(1, Counter.SENT));
        assertEquals(0, counts.packets(Counter.NOT_PASSED));
        assertEquals(20, counts.packets(Counter.RECEIVED), "what the stack sends was not received");
    }

    @Test
    void whatTheStackHasNoRoomForIsCounted() throws IOException {
        run(new Stack(0, 3, false));
        assertEquals(10, counts.packets(1, Counter.PASS));
        assertEquals(7, counts.packets(1, Counter.NOT_PASSED));
        assertEquals(0, counts.packets(0, Counter.NOT_PASSED));
    }

    @Test
    void theRunGoesOnWithoutACompanionThatBrokeAndTellsInTheEnd() throws IOException {
        Stack stack = new Stack(2, 100, true);
        assertEquals("the stack is gone", assertThrows(IOException.class, () -> run(stack)).getMessage());
        assertEquals(20, counts.packets(Counter.RECEIVED));
        assertEquals(2, counts.packets(1, Counter.FROM_STACK));
        assertEquals(List.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), numbers(rest));
    }
}
