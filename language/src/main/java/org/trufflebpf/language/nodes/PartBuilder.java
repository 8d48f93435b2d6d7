package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.RootCallTarget;
import com.oracle.truffle.api.TruffleLanguage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.Function;
import org.trufflebpf.language.cfg.Block;
import org.trufflebpf.language.cfg.Graph;
import org.trufflebpf.language.cfg.Parts;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.Condition;
import org.trufflebpf.language.verifier.Analysis;
import org.trufflebpf.language.verifier.Liveness;
import org.trufflebpf.language.verifier.StackUse;

/** Turns a program that is too large to be compiled as one into several call targets. */
final class PartBuilder {
    /** What a call of a helper weighs, in instructions: compiling a map lookup takes as long (750 of them, 7.9 s in all, measured). */
    private static final int CALL_WEIGHT = 8;

    private final Analysis analysis;
    private final Liveness liveness;
    private final ProgramBindings bindings;
    private final BitSet variables;
    private final StackUse stackUse;
    private final Function<FrameLayout, StepBuilder> steps;
    private final CodeLines lines;
    private final Parts parts;
    /** By part, the blocks that others go on at. */
    private final List<List<Integer>> entries = new ArrayList<>();

    /**
     * @param variables that frames have slots for
     * @param steps makes nodes for a frame
     */
    PartBuilder(Analysis analysis, Liveness liveness, StackUse stackUse, ProgramBindings bindings, BitSet variables,
                    Function<FrameLayout, StepBuilder> steps, CodeLines lines, Parts parts) {
        this.analysis = analysis;
        this.liveness = liveness;
        this.bindings = bindings;
        this.variables = variables;
        this.stackUse = stackUse;
        this.steps = steps;
        this.lines = lines;
        this.parts = parts;
        for (int part = 0; part < parts.count(); part++) {
            entries.add(new ArrayList<>());
        }
        findEntries();
    }

    /** @param limit weight of a part, in instructions: those of a block, one for its end, and one for what lies between it and each block that follows */
    static Parts cut(Analysis analysis, int limit) {
        List<Block> blocks = analysis.graph().blocks();
        int[] weights = new int[blocks.size()];
        Arrays.setAll(weights, number -> analysis.isReached(number) ? weight(blocks.get(number)) : 0);
        return Parts.of(analysis.graph(), weights, limit);
    }

    private static int weight(Block block) {
        int ends = block.terminator().successors().length > 1 ? 3 : 1;
        return ends + block.steps().stream().mapToInt(step -> switch (step.instruction()) {
            case Instruction.CallHelper _, Instruction.CallKfunc _ -> CALL_WEIGHT;
            default -> 1;
        }).sum();
    }

    private void findEntries() {
        Graph graph = analysis.graph();
        BitSet found = new BitSet();
        for (int block = 0; block < graph.blocks().size(); block++) {
            if (parts.partOf(block) != Parts.NONE) {
                for (int to : graph.blocks().get(block).terminator().successors()) {
                    if (parts.partOf(to) != parts.partOf(block) && parts.partOf(to) != Parts.NONE) {
                        found.set(to);
                    }
                }
            }
        }
        found.stream().forEach(block -> entries.get(parts.partOf(block)).add(block));
    }

    /** @param prologue makes what the program begins with */
    List<RootCallTarget> build(TruffleLanguage<?> language, String name, Function<FrameLayout, List<StatementNode>> prologue) {
        List<RootCallTarget> targets = new ArrayList<>();
        for (int part = 0; part < parts.count(); part++) {
            targets.add(new Builder(part).build(language, name, prologue).getCallTarget());
        }
        return targets;
    }

    /** Of one part. */
    private final class Builder implements BlockBuilder.Exits {
        private final int part;
        private final BitSet members;
        private final FrameLayout layout;
        private final BitSet written = new BitSet();
        private final BlockBuilder blocks;

        Builder(int part) {
            this.part = part;
            this.members = parts.blocks(part);
            BitSet used = new BitSet();
            members.stream().forEach(block -> {
                used.or(liveness.variables(block));
                written.or(liveness.written(block));
                // Registers that pass through are part of a trap's report.
                BitSet live = liveness.liveIn(block);
                live.clear(Registers.NAMED, Liveness.COUNT);
                used.or(live);
            });
            // Which of these a step changes depends on where they are.
            used.or(Liveness.dynptrs());
            written.or(Liveness.dynptrs());
            used.and(variables);
            used.set(Registers.RESULT);
            this.layout = new FrameLayout(used, stackUse, bindings.traps(), bindings.innerMaps());
            this.blocks = new BlockBuilder(analysis, liveness, bindings, layout, steps.apply(layout), lines, members, this);
        }

        PartRootNode build(TruffleLanguage<?> language, String name, Function<FrameLayout, List<StatementNode>> prologue) {
            List<Integer> starts = new ArrayList<>();
            if (part == 0) {
                List<StatementNode> statements = prologue.apply(layout);
                statements.add(new PartNodes.Put(layout, variables(liveness.liveIn(0), true)));
                statements.add(new PartNodes.PutZeros(variables(liveness.liveIn(0), false)));
                starts.add(blocks.add(statements, null, BlockNode.EXIT, blocks.number(0)));
            }
            for (int entry : entries.get(part)) {
                List<StatementNode> statements = List.of(new PartNodes.Fetch(layout, variables(liveness.liveIn(entry), true)));
                starts.add(blocks.add(statements, null, BlockNode.EXIT, blocks.number(entry)));
            }
            return new PartRootNode(language, name, layout, blocks.build(choice(starts, 0, starts.size())));
        }

        /** The number of a block that goes to the one of those in [first, end) at which the part is entered. */
        private int choice(List<Integer> starts, int first, int end) {
            if (end - first == 1) {
                return starts.get(first);
            }
            int middle = first + end >>> 1;
            ConditionNode isBelow = ConditionNode.create(Condition.LT, true, new PartNodes.Entry(), new ConstantNode(middle));
            return blocks.add(List.of(), isBelow, choice(starts, first, middle), choice(starts, middle, end));
        }

        @Override
        public List<StatementNode> leave(int to) {
            BitSet read = liveness.liveIn(to);
            read.and(written);
            int other = parts.partOf(to);
            int entry = entries.get(other).indexOf(to) + (other == 0 ? 1 : 0);
            return List.of(new PartNodes.Put(layout, variables(read, true)), new PartNodes.GoOn(PartNodes.place(other, entry)));
        }

        @Override
        public List<StatementNode> end() {
            return List.of(new PartNodes.Put(layout, new int[]{Registers.RESULT}), new PartNodes.GoOn(PartNodes.END));
        }

        /** Those of {@code wanted} that this part has, or those that only others have. */
        private int[] variables(BitSet wanted, boolean here) {
            return wanted.stream().filter(variables::get).filter(variable -> layout.has(variable) == here).toArray();
        }
    }
}
