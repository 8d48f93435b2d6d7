package org.trufflebpf.language.helpers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.language.nodes.ConstantNode;

/** What Linux 6.18 answers, above all where zero has two representations. */
class ChecksumNodeTest {

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
            ChecksumNode node = new ChecksumNode(new ConstantNode(block.address()), new ConstantNode(fromSize), new ConstantNode(block.address() + 8),
                            new ConstantNode(toSize), new ConstantNode(seed));
            assertEquals(expected, node.execute(null));
        }
    }
}
