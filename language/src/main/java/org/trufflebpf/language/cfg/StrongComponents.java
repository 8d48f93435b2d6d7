package org.trufflebpf.language.cfg;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** The loops among some blocks of a graph: strongly connected components with a cycle (Tarjan 1972, with an explicit stack). */
final class StrongComponents {
    private final List<Block> blocks;
    private final BitSet members;
    private final int[] index;
    private final int[] low;
    private final BitSet onStack = new BitSet();
    private final int[] stack;
    private int stackSize;
    private int counter;
    private final List<BitSet> loops = new ArrayList<>();

    StrongComponents(List<Block> blocks, BitSet members) {
        this.blocks = blocks;
        this.members = members;
        this.index = new int[blocks.size()];
        this.low = new int[blocks.size()];
        this.stack = new int[members.cardinality()];
        members.stream().filter(block -> index[block] == 0).forEach(this::visit);
    }

    List<BitSet> loops() {
        return loops;
    }

    private void visit(int root) {
        int[] path = new int[stack.length + 1];
        int[] nextSuccessor = new int[stack.length + 1];
        int depth = 0;
        path[0] = root;
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
        BitSet component = new BitSet();
        int member;
        do {
            member = stack[--stackSize];
            onStack.clear(member);
            component.set(member);
        } while (member != block);
        if (component.cardinality() > 1 || hasSelfEdge(block)) {
            loops.add(component);
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
