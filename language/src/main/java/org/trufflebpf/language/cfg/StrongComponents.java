package org.trufflebpf.language.cfg;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;

/**
 * Finds the loops among some blocks of a graph: strongly connected components with a cycle (Tarjan 1972, with an explicit stack). Takes time
 * proportional to those blocks, however large the graph, so one finder serves all the parts of a graph.
 */
public final class StrongComponents {
    private final List<Block> blocks;
    /** By block: when it was met, from 1; 0 outside a search. */
    private int[] index = new int[0];
    private int[] low = new int[0];
    private final BitSet onStack = new BitSet();
    private int[] stack;
    private int stackSize;
    private int counter;
    private BitSet members;
    private List<int[]> loops;

    /** @param blocks may grow from one search to the next */
    public StrongComponents(List<Block> blocks) {
        this.blocks = blocks;
    }

    /**
     * The loops that have no loop inside, from the outside in.
     *
     * @param maxWork blocks to look at, once for each loop around them; those of what is left then are not found
     */
    public List<int[]> innermost(long maxWork) {
        List<int[]> innermost = new ArrayList<>();
        Deque<int[]> parts = new ArrayDeque<>();
        int[] all = new int[blocks.size()];
        Arrays.setAll(all, block -> block);
        parts.add(all);
        for (long work = 0; !parts.isEmpty() && work < maxWork;) {
            int[] part = parts.remove();
            work += part.length;
            for (int[] loop : loops(part)) {
                int header = Arrays.stream(loop).min().orElseThrow();
                int[] inside = Arrays.stream(loop).filter(block -> block != header).toArray();
                if (loops(inside).isEmpty()) {
                    innermost.add(loop);
                } else {
                    parts.add(inside);
                }
            }
        }
        return innermost;
    }

    /** The loops within {@code part}, each the numbers of its blocks. */
    public List<int[]> loops(int[] part) {
        if (index.length < blocks.size()) {
            index = Arrays.copyOf(index, 2 * blocks.size());
            low = Arrays.copyOf(low, 2 * blocks.size());
        }
        members = new BitSet();
        for (int block : part) {
            members.set(block);
        }
        loops = new ArrayList<>();
        stack = new int[part.length];
        counter = 0;
        int[] path = new int[part.length];
        int[] nextSuccessor = new int[part.length];
        for (int block : part) {
            if (index[block] == 0) {
                visit(block, path, nextSuccessor);
            }
        }
        for (int block : part) {
            index[block] = 0;
        }
        return loops;
    }

    private void visit(int root, int[] path, int[] nextSuccessor) {
        int depth = 0;
        path[0] = root;
        nextSuccessor[0] = 0;
        enter(root);
        while (depth >= 0) {
            int block = path[depth];
            int[] successors = blocks.get(block).terminator().successors();
            if (nextSuccessor[depth] < successors.length) {
                int successor = successors[nextSuccessor[depth]++];
                if (!members.get(successor)) {
                    continue;
                }
                if (index[successor] == 0) {
                    depth++;
                    path[depth] = successor;
                    nextSuccessor[depth] = 0;
                    enter(successor);
                } else if (onStack.get(successor)) {
                    low[block] = Math.min(low[block], index[successor]);
                }
            } else {
                leave(block);
                depth--;
                if (depth >= 0) {
                    low[path[depth]] = Math.min(low[path[depth]], low[block]);
                }
            }
        }
    }

    private void enter(int block) {
        index[block] = ++counter;
        low[block] = counter;
        stack[stackSize++] = block;
        onStack.set(block);
    }

    private void leave(int block) {
        if (low[block] != index[block]) {
            return;
        }
        int end = stackSize;
        int member;
        do {
            member = stack[--stackSize];
            onStack.clear(member);
        } while (member != block);
        if (end - stackSize > 1 || hasSelfEdge(block)) {
            loops.add(Arrays.copyOfRange(stack, stackSize, end));
        }
    }

    private boolean hasSelfEdge(int block) {
        for (int successor : blocks.get(block).terminator().successors()) {
            if (successor == block) {
                return true;
            }
        }
        return false;
    }
}
