package org.trufflebpf.io.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.io.pcap.CaptureBytes;

final class KernelTest {
    private static final byte[] NO_KEY = {};

    @BeforeAll
    static void needsTheKernel() {
        if (!Bpf.available()) {
            System.out.println("skipped: " + Bpf.reason());
        }
        assumeTrue(Bpf.available(), Bpf.reason());
        assertEquals("", Bpf.reason());
    }

    /** A program, instruction by instruction. */
    private static final class Code {
        private final ByteBuffer bytes = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);

        Code add(int opcode, int dst, int src, int offset, int imm) {
            bytes.put((byte) opcode).put((byte) (src << 4 | dst)).putShort((short) offset).putInt(imm);
            return this;
        }

        Code call(int helper) {
            return add(0x85, 0, 0, 0, helper);
        }

        Code returnConstant(int value) {
            return add(0xb7, 0, 0, 0, value).add(0x95, 0, 0, 0, 0);
        }

        KernelProgram load() throws BpfException {
            return KernelProgram.load(Arrays.copyOf(bytes.array(), bytes.position()), "GPL", "test/code");
        }
    }

    private static byte[] u32(int value) {
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
    }

    private static byte[] u64(long value) {
        return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, -1, 0x12345678})
    void givesTheWholeResult(int result) throws BpfException {
        byte[] packet = CaptureBytes.packet(1, 60);
        try (KernelProgram program = new Code().returnConstant(result).load()) {
            KernelProgram.Run run = program.run(packet);
            assertEquals(result, run.result());
            assertArrayEquals(packet, run.data());
            assertEquals(0, run.metaLength());
            assertTrue(program.run(packet, 0, 1, 0, 10_000).duration() < 10_000);
        }
    }

    /** Swaps two bytes of the packet and sends it back. */
    @Test
    void givesThePacketOut() throws BpfException {
        Code code = new Code()
                .add(0x61, 2, 1, 0, 0)       // r2 = data
                .add(0x61, 3, 1, 4, 0)       // r3 = data_end
                .add(0xbf, 4, 2, 0, 0)
                .add(0x07, 4, 0, 0, 14)
                .add(0x2d, 4, 3, 4, 0)       // if r2 + 14 > r3 leave
                .add(0x71, 5, 2, 0, 0)
                .add(0x71, 6, 2, 6, 0)
                .add(0x73, 2, 6, 0, 0)
                .add(0x73, 2, 5, 6, 0)
                .returnConstant(3);
        byte[] packet = CaptureBytes.packet(1, 60);
        byte[] expected = packet.clone();
        expected[0] = packet[6];
        expected[6] = packet[0];
        try (KernelProgram program = code.load()) {
            KernelProgram.Run run = program.run(packet);
            assertEquals(3, run.result());
            assertArrayEquals(expected, run.data());
            assertArrayEquals(packet, program.run(packet, 0, 1, 0, 2).data(), "the packet is not reset between repetitions");
        }
    }

    @Test
    void metadataComesFirst() throws BpfException {
        Code code = new Code()
                .add(0xbf, 6, 1, 0, 0)
                .add(0xb7, 2, 0, 0, -8)
                .call(54)                    // xdp_adjust_meta
                .add(0xbf, 0, 6, 0, 0)
                .add(0x61, 2, 6, 8, 0)       // r2 = data_meta
                .add(0x61, 3, 6, 0, 0)       // r3 = data
                .add(0xbf, 4, 2, 0, 0)
                .add(0x07, 4, 0, 0, 4)
                .add(0x2d, 4, 3, 1, 0)
                .add(0x62, 2, 0, 0, 0x44332211)
                .returnConstant(2);
        byte[] packet = CaptureBytes.packet(1, 60);
        byte[] data = new byte[64];
        System.arraycopy(packet, 0, data, 4, 60);
        try (KernelProgram program = code.load()) {
            KernelProgram.Run run = program.run(data, 4, 1, 0, 1);
            assertEquals(2, run.result());
            assertEquals(12, run.metaLength());
            byte[] expected = new byte[72];
            System.arraycopy(new byte[] {0x11, 0x22, 0x33, 0x44}, 0, expected, 0, 4);
            System.arraycopy(packet, 0, expected, 12, 60);
            assertArrayEquals(expected, run.data());
        }
    }

    @Test
    void theContextNamesTheInterface() throws BpfException {
        try (KernelProgram program = new Code().add(0x61, 0, 1, 12, 0).add(0x95, 0, 0, 0, 0).load()) {
            assertEquals(1, program.run(new byte[14]).result());
            BpfException e = assertThrows(BpfException.class, () -> program.run(new byte[14], 0, 987654321, 0, 1));
            assertFalse(e.getMessage().contains("\n"));
        }
    }

    @Test
    void programsCountInAnArray() throws BpfException {
        try (KernelMap map = KernelMap.create(Bpf.MAP_TYPE_ARRAY, 4, 8, 2)) {
            Code code = new Code()
                    .add(0x62, 10, 0, -4, 1)          // key 1 on the stack
                    .add(0x18, 1, 1, 0, map.fd()).add(0, 0, 0, 0, 0)
                    .add(0xbf, 2, 10, 0, 0)
                    .add(0x07, 2, 0, 0, -4)
                    .call(1)                          // map_lookup_elem
                    .add(0x15, 0, 0, 2, 0)
                    .add(0xb7, 1, 0, 0, 1)
                    .add(0xdb, 0, 1, 0, 0)            // atomic add
                    .returnConstant(1);
            try (KernelProgram program = code.load()) {
                program.run(new byte[60], 0, 1, 0, 41);
                assertEquals(1, program.run(new byte[60]).result());
            }
            assertArrayEquals(u64(42), map.lookup(u32(1)));
            assertArrayEquals(u64(0), map.lookup(u32(0)));
            assertNull(map.lookup(u32(2)));
        }
    }

    @Test
    void showsItsMachineCode() throws BpfException {
        try (KernelProgram shorter = KernelProgram.load(KernelProgram.RETURN_PASS, "GPL", "code");
                KernelProgram longer =
                        KernelProgram.load(HexFormat.of().parseHex("b700000001000000" + "bf01000000000000".repeat(8) + "9500000000000000"),
                        "GPL", "code")) {
            assumeTrue(shorter.machineCode().length > 0, "the kernel does not show machine code: net.core.bpf_jit_enable or kernel.kptr_restrict");
            assertTrue(longer.machineCode().length > shorter.machineCode().length);
        }
    }

    @Test
    void aRejectedProgramSaysWhy() {
        BpfException e = assertThrows(BpfException.class, () -> new Code().add(0x61, 0, 1, 400, 0).add(0x95, 0, 0, 0, 0).load());
        assertEquals("load an XDP program of 2 instructions: EACCES (not allowed, or rejected as unsafe)", e.getMessage());
        assertEquals(13, e.errno());
        assertTrue(e.log().contains("invalid bpf_context access off=400"), e.log());
    }

    @Test
    void hashEntries() throws BpfException {
        try (KernelMap map = KernelMap.create(Bpf.MAP_TYPE_HASH, 4, 8, 3)) {
            assertNull(map.nextKey(null));
            for (int i = 1; i <= 3; i++) {
                map.update(u32(i), u64(i * 10), KernelMap.NO_EXIST);
            }
            assertEquals(7, assertThrows(BpfException.class, () -> map.update(u32(4), u64(0), KernelMap.ANY)).errno());
            assertEquals(17, assertThrows(BpfException.class, () -> map.update(u32(1), u64(0), KernelMap.NO_EXIST)).errno());
            assertEquals(2, assertThrows(BpfException.class, () -> map.update(u32(4), u64(0), KernelMap.EXIST)).errno());
            long sum = 0;
            int count = 0;
            for (byte[] key = map.nextKey(null); key != null; key = map.nextKey(key)) {
                sum += ByteBuffer.wrap(map.lookup(key)).order(ByteOrder.LITTLE_ENDIAN).getLong();
                count++;
            }
            assertEquals(3, count);
            assertEquals(60, sum);
            assertArrayEquals(u64(20), map.lookupAndDelete(u32(2)));
            assertTrue(map.delete(u32(1)));
            assertFalse(map.delete(u32(1)));
            map.freeze();
            assertEquals(1, assertThrows(BpfException.class, () -> map.update(u32(3), u64(0), KernelMap.ANY)).errno());
            assertThrows(IllegalArgumentException.class, () -> map.lookup(new byte[3]));
            assertThrows(IllegalArgumentException.class, () -> map.update(u32(1), new byte[4], KernelMap.ANY));
        }
    }

    @Test
    void queueAndStack() throws BpfException {
        try (KernelMap queue = KernelMap.create(Bpf.MAP_TYPE_QUEUE, 0, 4, 4); KernelMap stack = KernelMap.create(Bpf.MAP_TYPE_STACK, 0, 4, 4)) {
            for (int i = 1; i <= 3; i++) {
                queue.update(NO_KEY, u32(i), KernelMap.ANY);
                stack.update(NO_KEY, u32(i), KernelMap.ANY);
            }
            assertArrayEquals(u32(1), queue.lookup(NO_KEY));
            assertArrayEquals(u32(1), queue.lookupAndDelete(NO_KEY));
            assertArrayEquals(u32(2), queue.lookupAndDelete(NO_KEY));
            assertArrayEquals(u32(3), stack.lookupAndDelete(NO_KEY));
            assertArrayEquals(u32(3), queue.lookupAndDelete(NO_KEY));
            assertNull(queue.lookupAndDelete(NO_KEY));
        }
    }

    @Test
    void perCpuValuesAreSideBySide() throws BpfException {
        int cpus = KernelMap.possibleCpus();
        try (KernelMap map = KernelMap.create(Bpf.MAP_TYPE_PERCPU_ARRAY, 4, 5, 1)) {
            assertEquals(8 * cpus, map.valueSize());
            byte[] value = new byte[8 * cpus];
            for (int cpu = 0; cpu < cpus; cpu++) {
                value[8 * cpu] = (byte) (cpu + 1);
            }
            map.update(u32(0), value, KernelMap.ANY);
            assertArrayEquals(value, map.lookup(u32(0)));
        }
    }

    @Test
    void mapsOfMapsNameTheirTemplate() throws BpfException {
        try (KernelMap inner = KernelMap.create(Bpf.MAP_TYPE_ARRAY, 4, 8, 1); KernelMap outer = KernelMap.create(12, 4, 4, 2, 0, inner)) {
            outer.update(u32(1), u32(inner.fd()), KernelMap.ANY);
            assertNotNull(outer.lookup(u32(1)));
        }
    }

    @Test
    void closingTwiceIsHarmless() throws BpfException {
        KernelMap map = KernelMap.create(Bpf.MAP_TYPE_ARRAY, 4, 8, 1);
        map.close();
        map.close();
        assertThrows(BpfException.class, () -> map.lookup(u32(0)));
    }

    @Test
    void badArgumentsAreTheKernelsToRefuse() {
        BpfException e = assertThrows(BpfException.class, () -> KernelMap.create(9999, 4, 8, 1));
        assertEquals("create a map of type 9999, key 4, value 8, 1 entries: EINVAL (invalid argument or instruction)", e.getMessage());
    }
}
