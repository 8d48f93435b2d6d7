package org.trufflebpf.io.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.io.linux.Bpf;

final class NativeBlockTest {
    private static final long GIB = 1L << 30;

    /** A line of /proc/self/status in bytes. */
    private static long status(String key) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream().filter(line -> line.startsWith(key + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024).findFirst().orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"0,1", "1,64", "100,4096", "1048575,64", "1048576,64", "1048577,8192", "3000000,2097152", "10000000,1073741824"})
    void isZeroAndAligned(long size, long alignment) {
        try (NativeBlock block = new NativeBlock(size, alignment)) {
            assertEquals(size, block.size());
            assertEquals(0, block.address() & (alignment - 1));
            for (long i = 0; i < size; i++) {
                if (Memory.getByte(block.address() + i) != 0) {
                    throw new AssertionError("byte " + i);
                }
            }
            Memory.fill(block.address(), size, (byte) 1);
        }
    }

    @Test
    void aLargeBlockCostsOnlyWhatIsTouched() throws IOException {
        long resident = status("VmRSS");
        long mapped = status("VmSize");
        try (NativeBlock block = new NativeBlock(64 * GIB)) {
            for (long at = 0; at < block.size(); at += GIB) {
                Memory.putLong(block.address() + at, at);
            }
            Memory.putByte(block.address() + block.size() - 1, (byte) 7);
            for (long at = 0; at < block.size(); at += GIB) {
                assertEquals(at, Memory.getLong(block.address() + at));
            }
            // 65 places, each at most one huge page of 2 MiB, and what the runtime takes meanwhile.
            assertTrue(status("VmRSS") - resident < 200 << 20, "resident memory grew by " + (status("VmRSS") - resident));
            assertTrue(status("VmSize") - mapped >= 64 * GIB);
        }
        assertTrue(status("VmSize") - mapped < GIB, "close gives the mapping back");
    }

    @ParameterizedTest
    @CsvSource({"9223372036854775807,64", "9223372036854775807,2097152", "4611686018427387904,64"})
    void saysHowMuchThereIsNoRoomFor(long size, long alignment) {
        OutOfNativeMemoryException e = assertThrows(OutOfNativeMemoryException.class, () -> new NativeBlock(size, alignment));
        assertEquals("no room for " + size + " bytes of memory outside the heap", e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"-1,64", "10,0", "10,3", "10,-8"})
    void refusesBadArguments(long size, long alignment) {
        assertThrows(IllegalArgumentException.class, () -> new NativeBlock(size, alignment));
    }

    /** Started by {@link #worksSilentlyWithoutNativeAccess} on the class path. */
    public static void main(String[] arguments) {
        try (NativeBlock block = new NativeBlock(8 << 20)) {
            Memory.putByte(block.address() + block.size() - 1, (byte) 1);
            System.out.println(block.size() + " bytes; " + Bpf.reason());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"warn", "deny"})
    void worksSilentlyWithoutNativeAccess(String illegalAccess) throws Exception {
        Path target = Path.of(System.getProperty("basedir", ""), "target").toAbsolutePath();
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--illegal-native-access=" + illegalAccess, "--sun-misc-unsafe-memory-access=allow", "-cp",
                target.resolve("classes") + ":" + target.resolve("test-classes") + ":" + System.getProperty("java.class.path"),
                NativeBlockTest.class.getName()).redirectErrorStream(true).start();
        assertEquals("8388608 bytes; system calls need Linux on x86-64 and a Java started with --enable-native-access=ALL-UNNAMED\n",
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        assertEquals(0, process.waitFor());
    }

    @ParameterizedTest
    @CsvSource({"100", "2000000"})
    void theBufferIsTheBlock(long size) {
        NativeBlock block = new NativeBlock(size);
        ByteBuffer buffer = block.asByteBuffer();
        assertEquals(size, buffer.capacity());
        buffer.put((int) size - 1, (byte) 9);
        assertEquals(9, Memory.getByte(block.address() + size - 1));
        block.close();
        block.close();
        assertThrows(IllegalStateException.class, () -> buffer.get(0));
    }
}
