package org.trufflebpf.language.cfg;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Cuts a program into parts, each to be compiled on its own. Blocks go to the part at hand in reverse post-order until it is full, loops as a whole
 * where they fit, so that few packets go back and forth between parts. Of a loop that is too large for a part, the inner loops stay whole.
 */
public final class Parts {
    /** The part of a block that is in none. */
    public static final int NONE = -1;
    /** Blocks looked at, once for each loop around them, before loops are cut as they come. Loops nest by the hundred only in hostile code. */
    private static final int MAX_WORK = 1_000_000;

    private final int[] weights;
    private final long limit;
    private final int[] partOf;
    private final StrongComponents components;
    private int count = 1;
    private long filled;
    private long work;

    private Parts(List<Block> blocks, int[] weights, long limit) {
        this.weights = weights;
        this.limit = limit;
        this.components = new StrongComponents(blocks);
        this.partOf = new int[weights.length];
        Arrays.fill(partOf, NONE);
    }

    /**
     * @param weights by block, 0 for those that are in no part
     * @param limit of the weights of a part's blocks together, unless it is a single block
     */
    public static Parts of(Graph graph, int[] weights, long limit) {
        Parts parts = new Parts(graph.blocks(), weights, limit);
        int[] all = new int[weights.length];
        Arrays.setAll(all, block -> block);
        parts.addAll(Arrays.stream(all).filter(block -> weights[block] > 0).toArray());
        return parts;
    }

    public int count() {
        return count;
    }

    /** The part that {@code block} is in, from 0, or {@link #NONE}. Block 0 is in part 0. */
    public int partOf(int block) {
        return partOf[block];
    }

    /** The blocks of a part, in their order. */
    public BitSet blocks(int part) {
        BitSet blocks = new BitSet();
        for (int block = 0; block < partOf.length; block++) {
            blocks.set(block, partOf[block] == part);
        }
        return blocks;
    }

    /** @param blocks ascending */
    private void addAll(int[] blocks) {
        work += blocks.length;
        if (weight(blocks) <= limit - filled || work > MAX_WORK) {
            Arrays.stream(blocks).forEach(this::add);
            return;
        }
        List<int[]> loops = components.loops(blocks);
        Map<Integer, int[]> loopOf = new HashMap<>();
        for (int[] loop : loops) {
            Arrays.sort(loop);
            Arrays.stream(loop).forEach(block -> loopOf.put(block, loop));
        }
        for (int block : blocks) {
            int[] loop = loopOf.get(block);
            if (loop == null) {
                add(block);
            } else if (loop[0] == block) {
                addLoop(loop);
            }
        }
    }

    private void addLoop(int[] loop) {
        if (weight(loop) > limit - filled) {
            next();
        }
        // In reverse post-order the loop's entry is first. Without it, only inner loops are left.
        add(loop[0]);
        addAll(Arrays.copyOfRange(loop, 1, loop.length));
    }

    private void add(int block) {
        if (weights[block] > limit - filled) {
            next();
        }
        partOf[block] = count - 1;
        filled += weights[block];
    }

    private void next() {
        if (filled > 0) {
            count++;
            filled = 0;
        }
    }

    private long weight(int[] blocks) {
        return Arrays.stream(blocks).mapToLong(block -> weights[block]).sum();
    }
}
