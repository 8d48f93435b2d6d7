package org.trufflebpf.language.cfg;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.trufflebpf.language.isa.Instruction.Condition;
import org.trufflebpf.language.isa.Instruction.Immediate;

/** Graphs whose blocks do nothing: {@link Block#end} is what tells them apart, and stays when they are copied. */
final class RandomGraph {
    private RandomGraph() {
    }

    /** @param successors of each block: none is an exit, one a goto, two a branch */
    static Graph of(int[]... successors) {
        List<Block> blocks = new ArrayList<>();
        for (int i = 0; i < successors.length; i++) {
            int[] to = successors[i];
            Terminator terminator = switch (to.length) {
                case 0 -> new Terminator.Exit();
                case 1 -> new Terminator.Goto(to[0]);
                default -> new Terminator.Branch(Condition.EQ, true, 1, new Immediate(0), to[0], to[1]);
            };
            blocks.add(new Block(List.of(), terminator, i));
        }
        return Graph.ordered(blocks, 1);
    }

    static Graph make(Random random, int size) {
        int[][] successors = new int[size][];
        for (int i = 0; i < size; i++) {
            successors[i] = new int[i == size - 1 ? 0 : random.nextInt(8) == 0 ? 1 : 2];
            for (int j = 0; j < successors[i].length; j++) {
                successors[i][j] = random.nextInt(3) == 0 ? random.nextInt(size) : Math.min(size - 1, i + 1 + random.nextInt(3));
            }
        }
        return of(successors);
    }

    /** A loop inside a loop and so on; reducible. */
    static Graph nest(int depth) {
        int[][] successors = new int[2 * depth + 1][];
        for (int i = 0; i < depth; i++) {
            successors[i] = new int[]{i + 1};
            successors[depth + i] = new int[]{depth - 1 - i, depth + i + 1};
        }
        successors[2 * depth] = new int[0];
        return of(successors);
    }

    /** Loops in a row, each entered in two places. */
    static Graph irreducibleRow(int loops) {
        int[][] successors = new int[3 * loops + 1][];
        for (int i = 0; i < loops; i++) {
            successors[3 * i] = new int[]{3 * i + 1, 3 * i + 2};
            successors[3 * i + 1] = new int[]{3 * i + 2};
            successors[3 * i + 2] = new int[]{3 * i + 1, 3 * i + 3};
        }
        successors[3 * loops] = new int[0];
        return of(successors);
    }

    /**
     * Whether it becomes one block by taking away edges of a block to itself (T1) and by merging blocks into their only predecessor (T2), which
     * is what reducible means (Hecht and Ullman 1972).
     */
    static boolean isReducible(Graph graph) {
        int size = graph.blocks().size();
        List<Set<Integer>> successors = new ArrayList<>();
        List<Set<Integer>> predecessors = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            successors.add(new HashSet<>());
            predecessors.add(new HashSet<>());
        }
        for (int i = 0; i < size; i++) {
            for (int successor : graph.blocks().get(i).terminator().successors()) {
                if (successor != i) {
                    successors.get(i).add(successor);
                    predecessors.get(successor).add(i);
                }
            }
        }
        int left = size;
        for (boolean changed = true; changed;) {
            changed = false;
            for (int block = 1; block < size; block++) {
                if (predecessors.get(block).size() == 1) {
                    int into = predecessors.get(block).iterator().next();
                    predecessors.get(block).clear();
                    successors.get(into).remove(block);
                    for (int successor : successors.get(block)) {
                        predecessors.get(successor).remove(block);
                        if (successor != into) {
                            successors.get(into).add(successor);
                            predecessors.get(successor).add(into);
                        }
                    }
                    successors.get(block).clear();
                    left--;
                    changed = true;
                }
            }
        }
        return left == 1;
    }
}
