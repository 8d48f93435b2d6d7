package org.trufflebpf.language.verifier;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.trufflebpf.language.cfg.Block;
import org.trufflebpf.language.cfg.CallbackHelper;
import org.trufflebpf.language.cfg.StrongComponents;
import org.trufflebpf.language.cfg.Terminator;
import org.trufflebpf.language.isa.Instruction;

/**
 * Which loops end by themselves, and after how many rounds at most: each round moves some register or stack word on in one direction, and what is
 * known of it where a round begins bounds it.
 */
public final class Loops {
    /** More rounds than this are as good as no bound: what bpf_loop takes in Linux (BPF_MAX_LOOPS). */
    public static final long MAX_ROUNDS = 1 << 23;
    /**
     * Rounds of a loop that is proved to end, up to which nobody counts them or looks whether the program is to be stopped: well under a millisecond.
     */
    public static final int MAX_UNCOUNTED = 4096;
    /** A loop that is not known to end. */
    public static final long ENDLESS = Long.MAX_VALUE;
    /** Joins at a block inside a loop after which changing bounds are given up. */
    private static final int WIDEN_AFTER = 3;
    /**
     * Blocks looked at, once for each loop around them, before the other loops stay unproved: about a second. Loops nest deeply only in hostile code.
     */
    private static final int MAX_WORK = 60_000;
    /** Blocks of a loop that is looked at. */
    private static final int MAX_BODY = 2000;

    private final Analysis analysis;
    private final Map<Integer, Long> rounds = new TreeMap<>();
    private final int[][] predecessors;

    private Loops(Analysis analysis) {
        this.analysis = analysis;
        this.predecessors = analysis.graph().predecessors();
    }

    /** All loops of the reached code. */
    static Loops of(Analysis analysis) {
        Loops loops = new Loops(analysis);
        loops.run();
        return loops;
    }

    /**
     * By the block that a loop begins with, ascending: how often control gets there from inside the loop, for each time that the outermost loop
     * around it is entered; {@link #ENDLESS} where that is not known to be at most {@link #MAX_ROUNDS}.
     */
    public Map<Integer, Long> rounds() {
        return Map.copyOf(rounds);
    }

    /** Rounds of the loop that begins at a block; {@link #ENDLESS} if none is known to. */
    public long rounds(int header) {
        return rounds.getOrDefault(header, ENDLESS);
    }

    /** @param outer rounds of the loops around it */
    private record Part(int[] blocks, long outer) {
    }

    private void run() {
        StrongComponents components = new StrongComponents(analysis.graph().blocks());
        ArrayDeque<Part> parts = new ArrayDeque<>();
        int[] all = new int[analysis.graph().blocks().size()];
        Arrays.setAll(all, block -> block);
        parts.add(new Part(Arrays.stream(all).filter(analysis::isReached).toArray(), 1));
        long work = 0;
        while (!parts.isEmpty()) {
            Part part = parts.remove();
            for (int[] loop : components.loops(part.blocks)) {
                work += loop.length;
                BitSet body = new BitSet();
                Arrays.stream(loop).forEach(body::set);
                int[] counted = Arrays.stream(loop).filter(this::isCounted).toArray();
                int header = header(body);
                if (counted.length > 0) {
                    // What is left without the blocks that have a count of their own.
                    Arrays.stream(counted).forEach(body::clear);
                    parts.add(new Part(body.stream().toArray(), part.outer));
                } else {
                    long found = work > MAX_WORK || loop.length > MAX_BODY ? ENDLESS : bound(header, body);
                    long total = found == ENDLESS || found > MAX_ROUNDS / part.outer ? ENDLESS : Math.max(1, found) * part.outer;
                    rounds.put(header, found > MAX_ROUNDS ? ENDLESS : total == ENDLESS ? MAX_ROUNDS : total);
                    body.clear(header);
                    parts.add(new Part(body.stream().toArray(), total == ENDLESS ? MAX_ROUNDS : total));
                }
            }
        }
    }

    /** Whether each time through a block is counted when the program runs: by may_goto, or by the elements that are left. */
    private boolean isCounted(int number) {
        Block block = analysis.graph().blocks().get(number);
        return block.terminator() instanceof Terminator.Budget ||
                        block.steps().stream().anyMatch(step -> step.instruction() instanceof Instruction.CallHelper(int helper) &&
                        (helper == CallbackHelper.NEXT_ELEMENT || helper == CallbackHelper.NEXT_SAMPLE));
    }

    /** The entry with the smallest number. */
    private int header(BitSet body) {
        for (int block = body.nextSetBit(0); block >= 0; block = body.nextSetBit(block + 1)) {
            if (block == 0 || Arrays.stream(predecessors[block]).anyMatch(before -> !body.get(before))) {
                return block;
            }
        }
        return body.nextSetBit(0);
    }

    /** Rounds of a loop, at most. */
    private long bound(int header, BitSet body) {
        Progress round = round(header, body);
        State state = analysis.entry(header);
        long best = ENDLESS;
        for (int variable = 0; round != null && variable < round.variables(); variable++) {
            long step = round.step(variable);
            Value value = step == 0 ? null : Progress.value(state, variable);
            if (value != null && !value.isUnwritten() && value.kindSet().size() == 1) {
                long span = value.max() - value.min();
                if (span >= 0) {
                    best = Math.min(best, step == Long.MIN_VALUE ? 1 : span / Math.abs(step));
                }
            }
        }
        return best;
    }

    /** What one round does, whatever way it goes; null if none comes back to the header. */
    private Progress round(int header, BitSet body) {
        Map<Integer, Progress> entries = new HashMap<>();
        Map<Integer, Integer> visits = new HashMap<>();
        Progress[] end = new Progress[1];
        entries.put(header, Progress.start(analysis.graph().depths()));
        BitSet work = new BitSet();
        work.set(header);
        for (int block = work.nextSetBit(0); block >= 0; block = work.nextSetBit(0)) {
            work.clear(block);
            Progress progress = entries.get(block).copy();
            analysis.replay(block, (step, state) -> progress.apply(step, state, analysis.maps()));
            for (int successor : analysis.graph().blocks().get(block).terminator().successors()) {
                if (successor == header) {
                    if (end[0] == null) {
                        end[0] = progress.copy();
                    } else {
                        end[0].join(progress, false);
                    }
                } else if (body.get(successor)) {
                    Progress known = entries.putIfAbsent(successor, progress.copy());
                    if (known == null || known.join(progress, visits.merge(successor, 1, Integer::sum) > WIDEN_AFTER)) {
                        work.set(successor);
                    }
                }
            }
        }
        return end[0];
    }
}
