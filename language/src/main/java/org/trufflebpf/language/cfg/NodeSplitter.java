package org.trufflebpf.language.cfg;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes a graph reducible by copying: a loop that can be entered in more than one place (clang makes such loops by jump threading) keeps one
 * entry, and the other entries go to a copy of the loop's body. Graal's explosion of the dispatch loop turns an irreducible loop into a
 * dispatch variable with all registers as phis, at twice the time per packet (125 against 68 ns, measured on xdp_hash_sum).
 */
final class NodeSplitter {
    /** Copying stops when the program has grown by this factor and this many blocks; what remains irreducible runs, but slower. */
    private static final int MAX_GROWTH = 4;
    private static final int MAX_EXTRA_BLOCKS = 1000;
    /**
     * Blocks looked at, once for each loop around them, before the rest stays as it is: half a second. Loops nest by the thousand only in hostile
     * code.
     */
    private static final int MAX_WORK = 3_000_000;

    private final List<Block> blocks;
    private final List<List<Integer>> predecessors = new ArrayList<>();
    private final int limit;

    private NodeSplitter(Graph graph) {
        this.blocks = new ArrayList<>(graph.blocks());
        this.limit = Math.min(blocks.size() * MAX_GROWTH, blocks.size() + MAX_EXTRA_BLOCKS);
        for (int[] blocksBefore : graph.predecessors()) {
            predecessors.add(new ArrayList<>(Arrays.stream(blocksBefore).boxed().toList()));
        }
    }

    static Graph split(Graph graph) {
        NodeSplitter splitter = new NodeSplitter(graph);
        splitter.run();
        return splitter.blocks.size() == graph.blocks().size() ? graph : Graph.ordered(splitter.blocks, graph.depths());
    }

    private void run() {
        StrongComponents components = new StrongComponents(blocks);
        ArrayDeque<int[]> parts = new ArrayDeque<>();
        int[] all = new int[blocks.size()];
        Arrays.setAll(all, block -> block);
        parts.add(all);
        // Outer loops first, so that where work runs out the innermost are left.
        for (long work = 0; !parts.isEmpty() && work < MAX_WORK;) {
            int[] part = parts.remove();
            work += part.length;
            for (int[] loop : components.loops(part)) {
                BitSet body = bits(loop);
                int header = header(loop, body);
                body.clear(header);
                BitSet copies = copyBehindOtherEntries(body, header);
                if (!copies.isEmpty()) {
                    parts.add(copies.stream().toArray());
                }
                if (loop.length > 1) {
                    parts.add(Arrays.stream(loop).filter(block -> block != header).toArray());
                }
            }
        }
    }

    private static BitSet bits(int[] numbers) {
        BitSet bits = new BitSet();
        for (int number : numbers) {
            bits.set(number);
        }
        return bits;
    }

    /** The entry with the smallest number: in reverse post-order the one that control meets first. */
    private int header(int[] loop, BitSet body) {
        int smallest = Integer.MAX_VALUE;
        int smallestEntry = Integer.MAX_VALUE;
        for (int block : loop) {
            smallest = Math.min(smallest, block);
            if (block < smallestEntry && isEntry(block, body, -1)) {
                smallestEntry = block;
            }
        }
        return smallestEntry == Integer.MAX_VALUE ? smallest : smallestEntry;
    }

    /** Whether control reaches {@code block} from outside {@code body}, edges of {@code ignored} left out. */
    private boolean isEntry(int block, BitSet body, int ignored) {
        if (block == 0) {
            return true;
        }
        for (int predecessor : predecessors.get(block)) {
            if (!body.get(predecessor) && predecessor != ignored) {
                return true;
            }
        }
        return false;
    }

    private BitSet copyBehindOtherEntries(BitSet body, int header) {
        BitSet copied = new BitSet();
        for (int block = body.nextSetBit(0); block >= 0; block = body.nextSetBit(block + 1)) {
            if (isEntry(block, body, header)) {
                copied.set(block);
            }
        }
        BitSet entries = (BitSet) copied.clone();
        addReachable(copied, body);
        BitSet copies = new BitSet();
        if (copied.isEmpty() || blocks.size() + copied.cardinality() > limit) {
            return copies;
        }
        Map<Integer, Integer> copyOf = new HashMap<>();
        copied.stream().forEach(block -> copyOf.put(block, blocks.size() + copyOf.size()));
        copied.stream().forEach(block -> {
            copies.set(blocks.size());
            blocks.add(blocks.get(block).retarget(target -> copyOf.getOrDefault(target, target)));
            predecessors.add(new ArrayList<>());
        });
        copies.stream().forEach(copy -> {
            for (int successor : blocks.get(copy).terminator().successors()) {
                predecessors.get(successor).add(copy);
            }
        });
        entries.stream().forEach(entry -> {
            List<Integer> outside = predecessors.get(entry).stream() //
                            .filter(block -> !body.get(block) && block != header && !copies.get(block)).toList();
            for (int block : outside) {
                blocks.set(block, blocks.get(block).retarget(target -> target == entry ? copyOf.get(entry) : target));
            }
            predecessors.get(copyOf.get(entry)).addAll(outside);
            predecessors.get(entry).removeAll(outside);
        });
        return copies;
    }

    /** Adds to {@code reached} what control can reach from there without leaving {@code body}. */
    private void addReachable(BitSet reached, BitSet body) {
        ArrayDeque<Integer> work = new ArrayDeque<>();
        reached.stream().forEach(work::push);
        while (!work.isEmpty()) {
            for (int successor : blocks.get(work.pop()).terminator().successors()) {
                if (body.get(successor) && !reached.get(successor)) {
                    reached.set(successor);
                    work.push(successor);
                }
            }
        }
    }
}
