package org.trufflebpf.language.cfg;

import java.util.ArrayList;
import java.util.List;

/**
 * The control flow of a program with its calls inlined. Blocks are numbered in reverse post-order, so block 0 is the entry and an edge to a
 * number not above its own is a back edge.
 *
 * @param depths call frames used, 1 to {@link Registers#MAX_DEPTH}
 */
public record Graph(List<Block> blocks, int depths) {
    public Graph {
        blocks = List.copyOf(blocks);
    }

    /** Drops what cannot be reached from block 0 and numbers the rest in reverse post-order. */
    public static Graph ordered(List<Block> blocks, int depths) {
        int[] order = reversePostOrder(blocks);
        int[] renumbered = new int[blocks.size()];
        for (int i = 0; i < order.length; i++) {
            renumbered[order[i]] = i;
        }
        List<Block> result = new ArrayList<>(order.length);
        for (int old : order) {
            Block block = blocks.get(old);
            result.add(block.retarget(target -> renumbered[target]));
        }
        return new Graph(result, depths);
    }

    private static int[] reversePostOrder(List<Block> blocks) {
        int[] postOrder = new int[blocks.size()];
        int finished = 0;
        boolean[] seen = new boolean[blocks.size()];
        int[] path = new int[blocks.size()];
        int[] nextSuccessor = new int[blocks.size()];
        int depth = 1;
        seen[0] = true;
        while (depth > 0) {
            int block = path[depth - 1];
            int[] successors = blocks.get(block).terminator().successors();
            if (nextSuccessor[block] < successors.length) {
                int successor = successors[nextSuccessor[block]++];
                if (!seen[successor]) {
                    seen[successor] = true;
                    path[depth++] = successor;
                }
            } else {
                postOrder[finished++] = block;
                depth--;
            }
        }
        int[] order = new int[finished];
        for (int i = 0; i < finished; i++) {
            order[i] = postOrder[finished - 1 - i];
        }
        return order;
    }

    public int[][] predecessors() {
        int[] counts = new int[blocks.size()];
        for (Block block : blocks) {
            for (int successor : block.terminator().successors()) {
                counts[successor]++;
            }
        }
        int[][] predecessors = new int[blocks.size()][];
        for (int i = 0; i < predecessors.length; i++) {
            predecessors[i] = new int[counts[i]];
        }
        for (int i = blocks.size() - 1; i >= 0; i--) {
            for (int successor : blocks.get(i).terminator().successors()) {
                predecessors[successor][--counts[successor]] = i;
            }
        }
        return predecessors;
    }

    /** Steps and terminators of all blocks. */
    public int size() {
        return blocks.stream().mapToInt(block -> block.steps().size() + 1).sum();
    }
}
