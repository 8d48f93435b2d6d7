package org.trufflebpf.language.cfg;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.function.IntUnaryOperator;

/**
 * How deep in calls each block of a graph is. Inlining leaves no mark of it, but a function is only ever entered at its first instruction, and
 * nothing calls itself.
 */
public final class CallDepths {
    private CallDepths() {
    }

    /**
     * @param functionOf the first slot of the function that has a slot
     * @return by block; 0 where control never gets
     */
    public static int[] of(Graph graph, IntUnaryOperator functionOf) {
        int[] depths = new int[graph.blocks().size()];
        Arrays.fill(depths, -1);
        depths[0] = 0;
        Deque<Integer> pending = new ArrayDeque<>();
        pending.add(0);
        for (Integer from = pending.poll(); from != null; from = pending.poll()) {
            int function = functionOf.applyAsInt(graph.blocks().get(from).end());
            for (int to : graph.blocks().get(from).terminator().successors()) {
                if (depths[to] < 0) {
                    int start = start(graph.blocks().get(to));
                    int entered = functionOf.applyAsInt(start);
                    depths[to] = entered == function ? depths[from]
                                    : Math.clamp(depths[from] + (start == entered ? 1 : -1), 0, Registers.MAX_DEPTH - 1);
                    pending.add(to);
                }
            }
        }
        return Arrays.stream(depths).map(depth -> Math.max(depth, 0)).toArray();
    }

    private static int start(Block block) {
        return block.steps().isEmpty() ? block.end() : block.steps().getFirst().slot();
    }
}
