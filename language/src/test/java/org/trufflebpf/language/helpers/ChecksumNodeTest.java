package org.trufflebpf.language.helpers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.trufflebpf.io.linux.Bpf;
import org.trufflebpf.io.linux.BpfException;
import org.trufflebpf.io.linux.KernelProgram;
import org.trufflebpf.io.linux.KernelVersion;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.language.assembly.Assembler;
import org.trufflebpf.language.assembly.AssemblyException;
import org.trufflebpf.language.nodes.ConstantNode;
import org.trufflebpf.maps.Errno;

/** What Linux 6.18 answers, above all where zero has two representations. */
class ChecksumNodeTest {
    private static final int MAX_SIZE = 512;

    @ParameterizedTest
    @CsvSource({
        // from, its size, to, its size, seed, answer
        "0, 0, 0, 0, 0, 0",
        "0, 0, 0, 0, -1, 65535",
        "0, 0, 0, 4, 0, 0",
        "0, 0, -1, 4, 0, 65535",
        "0, 0, -1, 4, 5, 5",
        "0, 4, 0, 0, 0, 0",
        "-1, 4, 0, 0, 0, 0",
        "-1, 4, 0, 0, -1, 0",
        "-1, 4, 0, 0, 5, 5",
        "-1, 4, 0, 4, 0, 0",
        "-1, 4, -1, 4, 0, 65535",
        "1, 4, 0, 0, 0, 65534",
        "1, 4, 65535, 4, 5, 4",
        "0, 0, 16909060, 3, 0, 774",
        "0, 0, 16909060, 1, 0, 4",
        "0, 0, 16909060, 2, 0, 772",
    })
    void answersAsTheKernelDoes(int from, int fromSize, int to, int toSize, int seed, long expected) {
        try (NativeBlock block = new NativeBlock(16)) {
            Memory.putInt(block.address(), from);
            Memory.putInt(block.address() + 8, to);
            assertEquals(expected, answer(block.address(), fromSize, block.address() + 8, toSize, seed));
        }
    }

    /** All sizes up to 512 with some others each, random bytes, against sums of 16 bits. */
    @Test
    void sumsAllSizes() {
        Random random = new Random(7);
        byte[] bytes = new byte[2 * MAX_SIZE];
        try (NativeBlock block = new NativeBlock(bytes.length)) {
            for (int fromSize = 0; fromSize <= MAX_SIZE; fromSize++) {
                for (int toSize = 0; toSize <= MAX_SIZE; toSize += fromSize % 64 == 0 ? 1 : 99) {
                    random.nextBytes(bytes);
                    Memory.copyFrom(bytes, 0, block.address(), bytes.length);
                    int seed = random.nextInt();
                    long answer = answer(block.address(), fromSize, block.address() + MAX_SIZE, toSize, seed);
                    assertTrue(answer >= 0 && answer <= 0xffff, "folded: " + answer);
                    // Modulo 0xffff both zeros are the same; which one it is the rows above say.
                    long expected = Integer.toUnsignedLong(seed) + sum(bytes, MAX_SIZE, toSize) - sum(bytes, 0, fromSize);
                    assertEquals(Math.floorMod(expected, 0xffffL), answer % 0xffff, fromSize + " to " + toSize);
                }
            }
        }
    }

    private static long sum(byte[] bytes, int start, int size) {
        long sum = 0;
        for (int i = start; i < start + size; i += 2) {
            sum += bytes[i] & 0xff | (i + 1 < start + size ? bytes[i + 1] & 0xff : 0) << 8;
        }
        return sum;
    }

    /** The kernel's own answers for random sizes, bytes and seeds. */
    @Test
    void answersAsThisKernelDoes() throws AssemblyException, BpfException {
        if (!Bpf.available()) {
            System.out.println("skipped: " + Bpf.reason());
        }
        assumeTrue(Bpf.available(), Bpf.reason());
        assumeTrue(KernelVersion.current().isAtLeast(6, 13), "this kernel's bpf_csum_diff answers otherwise, 6.13's is followed");
        Random random = new Random(8);
        for (int i = 0; i < 200; i++) {
            int fromSize = random.nextInt(257);
            int toSize = random.nextInt(257);
            int seed = random.nextInt(3) == 0 ? -random.nextInt(2) : random.nextInt();
            byte[] packet = new byte[512];
            if (random.nextInt(4) == 0) {
                Arrays.fill(packet, (byte) -random.nextInt(2));
            } else {
                random.nextBytes(packet);
            }
            String program = """
                    r2 = *(u32 *)(r1 + 0)
                    r3 = *(u32 *)(r1 + 4)
                    r4 = r2
                    r4 += 512
                    r0 = 0
                    if r4 > r3 goto end
                    r1 = r2
                    r3 = r2
                    r3 += 256
                    r2 = %d
                    r4 = %d
                    w5 = %d
                    call 28
                    end: exit""".formatted(fromSize, toSize, seed);
            byte[] code = Assembler.assemble("csum", program).programs().getFirst().code();
            try (KernelProgram kernel = KernelProgram.load(code, "GPL", "csum"); NativeBlock block = new NativeBlock(packet.length)) {
                Memory.copyFrom(packet, 0, block.address(), packet.length);
                assertEquals(kernel.run(packet).result(), answer(block.address(), fromSize, block.address() + 256, toSize, seed), program);
            }
        }
    }

    /** Before Linux 6.13: csum_partial of x86 over the complements of the words taken away, then the words added. */
    @Test
    void unfolded() {
        Random random = new Random(9);
        try (NativeBlock block = new NativeBlock(2 * MAX_SIZE)) {
            for (int i = 0; i < 2000; i++) {
                byte[] bytes = new byte[2 * MAX_SIZE];
                if (random.nextInt(4) == 0) {
                    Arrays.fill(bytes, (byte) -random.nextInt(2));
                } else {
                    random.nextBytes(bytes);
                }
                Memory.copyFrom(bytes, 0, block.address(), bytes.length);
                int fromSize = 4 * random.nextInt(65);
                int toSize = 4 * random.nextInt(65);
                int seed = random.nextInt(3) == 0 ? -random.nextInt(2) : random.nextInt();
                long sum = Integer.toUnsignedLong(seed);
                for (int at = 0; at < fromSize + toSize; at += 4) {
                    int word = at < fromSize ? ~Memory.getInt(block.address() + at) : Memory.getInt(block.address() + MAX_SIZE + at - fromSize);
                    sum += Integer.toUnsignedLong(word);
                    sum = (sum & 0xffff_ffffL) + (sum >>> 32);
                }
                assertEquals(sum, answer(false, block.address(), fromSize, block.address() + MAX_SIZE, toSize, seed));
            }
        }
    }

    @Test
    void unfoldedTakesWholeWordsOfAtMost512Bytes() {
        try (NativeBlock block = new NativeBlock(2 * MAX_SIZE)) {
            for (int[] sizes : new int[][]{{3, 4}, {4, 6}, {512, 4}, {260, 256}, {-4, 0}}) {
                assertEquals(-Errno.EINVAL, answer(false, block.address(), sizes[0], block.address() + MAX_SIZE, sizes[1], 0));
            }
            assertEquals(0xffff_ffffL, answer(false, block.address(), 512, block.address(), 0, 0));
        }
    }

    private static long answer(long from, int fromSize, long to, int toSize, int seed) {
        return answer(true, from, fromSize, to, toSize, seed);
    }

    private static long answer(boolean folded, long from, int fromSize, long to, int toSize, int seed) {
        return new ChecksumNode(folded, new ConstantNode(from), new ConstantNode(Integer.toUnsignedLong(fromSize)), new ConstantNode(to),
                        new ConstantNode(toSize), new ConstantNode(seed))
                        .execute(null);
    }
}
