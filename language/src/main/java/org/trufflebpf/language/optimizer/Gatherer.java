package org.trufflebpf.language.optimizer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.trufflebpf.language.cfg.Block;
import org.trufflebpf.language.cfg.Graph;
import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.cfg.Operands.MemoryAccess;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.cfg.Terminator;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.Condition;
import org.trufflebpf.language.isa.Instruction.Immediate;
import org.trufflebpf.language.isa.Instruction.Register;
import org.trufflebpf.language.isa.Instruction.Size;
import org.trufflebpf.language.verifier.Analysis;
import org.trufflebpf.language.verifier.ContextField;
import org.trufflebpf.language.verifier.State;
import org.trufflebpf.language.verifier.Value;
import org.trufflebpf.language.verifier.Value.Kind;

/**
 * Makes one comparison with the packet's end of the checks of one block that look at constant distances from one place of the packet. Where
 * the farthest of these accesses is outside the packet, a copy of the steps up to it runs, which does all that comes before and traps where it always
 * did. What follows the comparison is proved, and so is what the analysis sees behind it in other blocks.
 */
final class Gatherer {
    /** A single check is as cheap as the comparison that would take its place. */
    private static final int MIN_CHECKS = 2;
    /** The id of the packet's first byte here; those of the analysis are positive. */
    private static final int PACKET = 0;
    /** Above this many instructions a program does not grow any more. */
    private static final int MAX_PROGRAM = 8_000;

    /** Steps and ends of blocks that a comparison takes. */
    private static final int TEST_SIZE = 6;

    private final Analysis analysis;
    private final List<Block> blocks;
    private int size;

    private Gatherer(Analysis analysis) {
        this.analysis = analysis;
        this.blocks = new ArrayList<>(analysis.graph().blocks());
        this.size = analysis.graph().size();
    }

    static Graph gather(Analysis analysis) {
        return new Gatherer(analysis).run();
    }

    /**
     * Accesses through one place of the packet.
     *
     * @param register a register that leads there before the first one
     * @param delta its distance from that place, in bytes
     */
    private record Group(int register, long delta, List<Integer> steps, long[] reach) {
        int first() {
            return steps.getFirst();
        }

        /** What has to be added to the register to get the end of the farthest access. */
        long extent() {
            return reach[0] - delta;
        }

        void add(int step, long end) {
            steps.add(step);
            reach[0] = Math.max(reach[0], end);
        }
    }

    private Graph run() {
        int count = blocks.size();
        for (int number = 0; number < count; number++) {
            if (analysis.isReached(number) && blocks.get(number).steps().size() >= MIN_CHECKS) {
                List<Group> groups = groups(number);
                if (!groups.isEmpty() && size < MAX_PROGRAM) {
                    split(number, groups);
                }
            }
        }
        return blocks.size() == count ? analysis.graph() : Graph.ordered(blocks, analysis.graph().depths());
    }

    /** By their first step, ascending. */
    private List<Group> groups(int number) {
        List<Group> found = new ArrayList<>();
        Map<Integer, Group> open = new HashMap<>();
        int[] next = new int[1];
        analysis.replay(number, (step, state) -> {
            int index = next[0]++;
            MemoryAccess access = Operands.access(step.instruction());
            if (step.instruction() instanceof Instruction.CallHelper || step.instruction() instanceof Instruction.CallKfunc) {
                // It may move the packet, or not come back.
                open.clear();
            } else if (access != null && isCandidate(access, state)) {
                Value base = state.register(access.base());
                boolean fixed = base.isAt(Kind.PACKET);
                long delta = fixed ? base.min() : base.delta();
                Group group = open.computeIfAbsent(fixed ? PACKET : base.id(), _ -> {
                    Group fresh = new Group(access.base(), delta, new ArrayList<>(), new long[]{Long.MIN_VALUE});
                    found.add(fresh);
                    return fresh;
                });
                group.add(index, delta + access.offset() + access.bytes());
            }
        });
        found.removeIf(group -> group.steps.size() < MIN_CHECKS || group.extent() != (int) group.extent());
        found.sort(Comparator.comparingInt(Group::first));
        return found;
    }

    /** Whether an access is checked, and only the packet's end is in question. */
    private boolean isCandidate(MemoryAccess access, State state) {
        Value base = state.register(access.base());
        return base.isOnly(Kind.PACKET) && (base.isAt(Kind.PACKET) || base.id() != 0) && base.min() >= -access.offset() &&
                        state.register(Registers.CONTEXT).isAt(Kind.CONTEXT) && !Checks.isProved(analysis, access, state);
    }

    private void split(int number, List<Group> groups) {
        Block block = blocks.get(number);
        List<Step> steps = new ArrayList<>(block.steps());
        int from = 0;
        int at = number;
        for (Group group : groups) {
            int slot = steps.get(group.first()).slot();
            int test = Math.max(blocks.size(), at + 1);
            int checked = test + 1;
            int rest = test + 2;
            set(at, new Block(steps.subList(from, group.first()), new Terminator.Goto(test), slot));
            blocks.add(new Block(test(group, slot), new Terminator.Branch(Condition.GT, true, Edits.local(0), new Register(Edits.local(1)), checked, rest), slot));
            // It never gets to this end: the last step traps, if none before it does.
            List<Step> copy = List.copyOf(steps.subList(group.first(), group.steps.getLast() + 1));
            blocks.add(new Block(copy, new Terminator.Exit(), copy.getLast().slot()));
            group.steps.forEach(step -> steps.set(step, steps.get(step).asProved()));
            size += copy.size() + TEST_SIZE;
            from = group.first();
            at = rest;
        }
        set(at, new Block(steps.subList(from, steps.size()), block.terminator(), block.end()));
    }

    private static List<Step> test(Group group, int slot) {
        return Stream.of(Edits.move(Edits.local(0), group.register), //
                        new Instruction.Alu(AluOperation.ADD, true, Edits.local(0), new Immediate((int) group.extent())), //
                        new Instruction.Load(Size.WORD, false, Edits.local(1), Registers.CONTEXT, ContextField.DATA_END.offset())) //
                        .map(instruction -> new Step(slot, instruction)).toList();
    }

    private void set(int number, Block block) {
        if (number == blocks.size()) {
            blocks.add(block);
        } else {
            blocks.set(number, block);
        }
    }
}
