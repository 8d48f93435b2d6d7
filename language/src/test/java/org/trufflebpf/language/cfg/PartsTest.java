package org.trufflebpf.language.cfg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.trufflebpf.language.isa.Instruction.Condition;
import org.trufflebpf.language.isa.Instruction.Immediate;

class PartsTest {
    private static Block to(int target) {
        return new Block(List.of(), new Terminator.Goto(target), 0);
    }

    private static Block to(int taken, int fallThrough) {
        return new Block(List.of(), new Terminator.Branch(Condition.EQ, true, 0, new Immediate(0), taken, fallThrough), 0);
    }

    private static Block exit() {
        return new Block(List.of(), new Terminator.Exit(), 0);
    }

    /** The part of each block, each of which weighs one. */
    private static List<Integer> parts(int limit, Block... blocks) {
        int[] weights = new int[blocks.length];
        Arrays.fill(weights, 1);
        Parts parts = Parts.of(new Graph(List.of(blocks), 1), weights, limit);
        List<Integer> result = new ArrayList<>();
        for (int block = 0; block < blocks.length; block++) {
            result.add(parts.partOf(block));
            assertTrue(parts.blocks(parts.partOf(block)).get(block));
        }
        return result;
    }

    @Test
    void aProgramThatFitsIsOnePart() {
        assertEquals(List.of(0, 0, 0), parts(3, to(1), to(2), exit()));
    }

    @Test
    void straightCodeFillsOnePartAfterTheOther() {
        assertEquals(List.of(0, 0, 1, 1, 2), parts(2, to(1), to(2), to(3), to(4), exit()));
    }

    @Test
    void aLoopThatFitsIsNotCut() {
        assertEquals(List.of(0, 0, 1, 1, 1), parts(3, to(1), to(2), to(3), to(2, 4), exit()));
    }

    @Test
    void ofALoopThatDoesNotFitTheInnerOnesAreNotCut() {
        // 0 -> [1 [2 3] [4 5] 6] -> 7
        assertEquals(List.of(0, 1, 2, 2, 3, 3, 4, 4), parts(2, to(1), to(2), to(3), to(2, 4), to(5), to(4, 6), to(1, 7), exit()));
        assertEquals(List.of(0, 1, 1, 1, 2, 2, 2, 3), parts(3, to(1), to(2), to(3), to(2, 4), to(5), to(4, 6), to(1, 7), exit()));
    }

    @Test
    void aBlockThatIsTooHeavyIsAPart() {
        Parts parts = Parts.of(new Graph(List.of(to(1), to(2), exit()), 1), new int[]{1, 9, 1}, 2);
        assertEquals(List.of(0, 1, 2), List.of(parts.partOf(0), parts.partOf(1), parts.partOf(2)));
    }

    @Test
    void blocksWithoutWeightAreInNoPart() {
        Parts parts = Parts.of(new Graph(List.of(to(1, 2), exit(), exit()), 1), new int[]{1, 0, 1}, 1);
        assertEquals(List.of(0, Parts.NONE, 1), List.of(parts.partOf(0), parts.partOf(1), parts.partOf(2)));
        assertEquals(2, parts.count());
    }

    @Test
    void nestsOfAnyDepthAreCutSoon() {
        int depth = 20_000;
        Block[] blocks = new Block[2 * depth + 1];
        for (int i = 0; i < depth; i++) {
            blocks[i] = to(i + 1);
            blocks[depth + i] = to(depth - 1 - i, depth + i + 1);
        }
        blocks[2 * depth] = exit();
        assertEquals((2 * depth + 1 + 6) / 7, parts(7, blocks).stream().mapToInt(part -> part).max().orElseThrow() + 1, 200);
    }

    @Test
    void noPartIsHeavierThanTheLimit() {
        Random random = new Random(1);
        for (int round = 0; round < 200; round++) {
            Block[] blocks = new Block[40];
            int[] weights = new int[blocks.length];
            for (int i = 0; i < blocks.length; i++) {
                blocks[i] = i == blocks.length - 1 ? exit() : to(random.nextInt(blocks.length), i + 1);
                weights[i] = 1 + random.nextInt(5);
            }
            Parts parts = Parts.of(new Graph(List.of(blocks), 1), weights, 12);
            for (int part = 0; part < parts.count(); part++) {
                int weight = parts.blocks(part).stream().map(block -> weights[block]).sum();
                assertTrue(weight > 0 && weight <= 12, "weighs " + weight);
            }
        }
    }
}
