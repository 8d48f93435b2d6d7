package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.RootCallTarget;
import com.oracle.truffle.api.TruffleLanguage;
import com.oracle.truffle.api.nodes.NodeUtil;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.trufflebpf.language.cfg.Block;
import org.trufflebpf.language.cfg.CallDepths;
import org.trufflebpf.language.cfg.Graph;
import org.trufflebpf.language.cfg.LineStarts;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.cfg.Terminator;
import org.trufflebpf.language.isa.Instruction.Size;
import org.trufflebpf.language.verifier.Analysis;
import org.trufflebpf.language.verifier.Entry;
import org.trufflebpf.language.verifier.Liveness;
import org.trufflebpf.language.verifier.Loops;
import org.trufflebpf.language.verifier.StackUse;
import org.trufflebpf.language.verifier.State;
import org.trufflebpf.language.verifier.VerifiedProgram;

/** Turns a verified program and the maps of one instance into a call target that runs it over bursts. */
public final class NodeBuilder {
    private final VerifiedProgram program;
    private final ProgramBindings bindings;
    private final Analysis analysis;
    private final Graph graph;
    private final Liveness liveness;
    private final StackUse stackUse;
    private final FrameLayout layout;
    private final PacketUse packetUse;
    private final long loopBudget;
    private final StepBuilder steps;
    private final LineStarts starts;
    /** Null where no profiler asks for lines. */
    private final SampledLines sampled;
    private final int[] numbers;
    private final int[] depths;
    private final List<BlockNode> blocks = new ArrayList<>();
    private final Map<ForwardEdge, Integer> forwardEdges = new HashMap<>();

    /** @param cleared variables */
    private record ForwardEdge(int to, BitSet cleared) {
    }

    private NodeBuilder(TruffleLanguage<?> language, VerifiedProgram program, ProgramBindings bindings) {
        this.program = program;
        this.bindings = bindings;
        this.analysis = program.analysis();
        this.graph = analysis.graph();
        this.stackUse = StackUse.of(analysis);
        this.liveness = Liveness.ofParts(analysis, stackUse);
        this.packetUse = PacketUse.of(analysis);
        this.loopBudget = bindings.loopBudget();
        this.numbers = new int[graph.blocks().size()];
        this.depths = CallDepths.of(graph, slot -> program.spec().functionAt(slot).slot());
        BitSet variables = liveness.variables();
        for (int word : stackUse.memoryWords().stream().toArray()) {
            variables.clear(Liveness.word(word));
        }
        variables.set(Registers.RESULT);
        this.layout = new FrameLayout(variables, stackUse, bindings.traps(), bindings.innerMaps());
        int packetStart = packetUse.readsMeta() ? FrameLayout.DATA_META : FrameLayout.DATA;
        this.steps = new StepBuilder(program, stackUse, layout, packetStart, bindings);
        this.starts = new LineStarts(program.spec(), program.code());
        this.sampled = bindings.sampled() ? new SampledLines(language, bindings.lines()) : null;
    }

    /** @return a target whose one argument is the {@link org.trufflebpf.language.runtime.Worker} */
    public static RootCallTarget build(TruffleLanguage<?> language, VerifiedProgram program, ProgramBindings bindings) {
        return new NodeBuilder(language, program, bindings).build(language);
    }

    /** Has the tail calls of a program go straight to those that the program arrays hold now. Before compiling; not while it processes packets. */
    public static void updateTailCalls(RootCallTarget target) {
        if (target.getRootNode() instanceof BurstRootNode root) {
            root.updateTailCalls();
        }
    }

    /** Whether a program can hand packets on to others. */
    public static boolean makesTailCalls(RootCallTarget target) {
        return target.getRootNode() instanceof BurstRootNode root && root.makesTailCalls();
    }

    /** Whether a tool looks at the program's lines. */
    public static boolean hasLines(RootCallTarget target) {
        return NodeUtil.findFirstNodeInstance(target.getRootNode(), LineNode.class) != null;
    }

    private RootCallTarget build(TruffleLanguage<?> language) {
        int count = 0;
        for (int block = 0; block < numbers.length; block++) {
            numbers[block] = analysis.isReached(block) ? count++ : BlockNode.EXIT;
        }
        for (int i = 0; i < count; i++) {
            blocks.add(null);
        }
        for (int block = 0; block < numbers.length; block++) {
            if (analysis.isReached(block)) {
                blocks.set(numbers[block], block(block));
            }
        }
        ProgramNode node = new ProgramNode(prologue().toArray(StatementNode[]::new), blocks.toArray(BlockNode[]::new),
                        new SlotNodes.Read(layout.slot(Registers.RESULT)), bindings.lines(), layout);
        TailCallsNode tailCalls = packetUse.tailCalls() ? new TailCallsNode(bindings.tailCalls()) : null;
        return new BurstRootNode(language, program.spec().name(), bindings.lines(), layout, loopBudget, program.spec().handlesFragments(), packetUse,
                        node, tailCalls, steps.rings()).getCallTarget();
    }

    private List<StatementNode> prologue() {
        List<StatementNode> statements = new ArrayList<>();
        BitSet live = liveness.liveIn(0);
        switch (program.entry()) {
            case XDP -> write(statements, live, Registers.CONTEXT_ARGUMENT, new ConstantNode(FrameLayout.CONTEXT_HANDLE));
            case MEMORY -> {
                write(statements, live, 1, new MemoryEntryNodes.Address());
                write(statements, live, 2, new MemoryEntryNodes.Length());
            }
            case TIMER -> {
                write(statements, live, 1, new TimerNodes.OwnMap());
                write(statements, live, 2, new TimerNodes.OwnKey());
                write(statements, live, 3, new TimerNodes.OwnValue());
            }
        }
        // Stack memory may hold what an earlier packet left; frame slots start as zeros. The analysis counts on zeros.
        for (int word = 0; word < graph.depths() * State.WORDS_PER_FRAME; word++) {
            if (stackUse.inMemory(word) && live.get(Liveness.word(word))) {
                statements.add(MemoryNodes.store(Size.DOUBLE, AddressNode.Stack.ofWord(word), new ConstantNode(0)));
            }
        }
        return statements;
    }

    private void write(List<StatementNode> statements, BitSet live, int register, ExpressionNode value) {
        if (live.get(register)) {
            statements.add(new SlotNodes.Write(layout.slot(register), value));
        }
    }

    private BlockNode block(int number) {
        Block block = graph.blocks().get(number);
        Body body = new Body(starts.lastSlot(block), starts, depths[number], sampled);
        State end = analysis.replay(number, (step, state) -> {
            if (bindings.watcher() != null) {
                body.statements.add(WatchNode.before(step, bindings.watcher(), layout, depths[number]));
            }
            steps.build(step, state, body.statements);
            body.fill(step.slot());
        });
        if (bindings.watcher() != null) {
            body.statements.add(WatchNode.before(block.end(), block.terminator(), bindings.watcher(), layout, depths[number]));
        }
        return switch (block.terminator()) {
            case Terminator.Exit exit -> body.end(null, BlockNode.EXIT, BlockNode.EXIT);
            case Terminator.Goto jump -> goTo(body, number, jump.target());
            case Terminator.Budget budget -> branch(body, number, new BudgetNodes.Exhausted(Math.max(1, loopBudget / 8)), budget.exhausted(), budget.fallThrough());
            case Terminator.Branch branch -> {
                ConditionNode condition = ConditionNode.create(branch.condition(), branch.wide(), steps.register(branch.left(), end),
                                steps.operand(branch.right(), end));
                yield branch(body, number, condition, branch.taken(), branch.fallThrough());
            }
        };
    }

    private BlockNode goTo(Body body, int from, int to) {
        body.statements.addAll(edge(from, to));
        return body.end(null, BlockNode.EXIT, numbers[to]);
    }

    private BlockNode branch(Body body, int from, ConditionNode condition, int taken, int fallThrough) {
        if (!analysis.isReached(taken)) {
            return goTo(body, from, fallThrough);
        }
        if (!analysis.isReached(fallThrough)) {
            return goTo(body, from, taken);
        }
        return body.end(condition, edgeBlock(from, taken), edgeBlock(from, fallThrough));
    }

    /** What has to happen between two blocks, as a block of its own if it is anything. Those that only clear the same are one: Graal counts blocks. */
    private int edgeBlock(int from, int to) {
        List<StatementNode> statements = edge(from, to);
        if (statements.isEmpty()) {
            return numbers[to];
        }
        if (to > from) {
            return forwardEdges.computeIfAbsent(new ForwardEdge(to, cleared(from, to)), edge -> addEdge(statements, to));
        }
        return addEdge(statements, to);
    }

    private int addEdge(List<StatementNode> statements, int to) {
        blocks.add(new BlockNode(statements.toArray(StatementNode[]::new), null, null, 0, null, BlockNode.EXIT, numbers[to]));
        return blocks.size() - 1;
    }

    /** A block's statements, and for each the instruction that it came from. */
    private static final class Body {
        final List<StatementNode> statements = new ArrayList<>();
        private final List<Integer> slots = new ArrayList<>();
        private final int end;
        private final LineStarts starts;
        private final int depth;
        private final SampledLines sampled;

        /** @param sampled null where no profiler asks for lines */
        Body(int end, LineStarts starts, int depth, SampledLines sampled) {
            this.end = end;
            this.starts = starts;
            this.depth = depth;
            this.sampled = sampled;
        }

        /** The statements added since the last call came from the instruction at {@code slot}. */
        void fill(int slot) {
            while (slots.size() < statements.size()) {
                slots.add(slot);
            }
        }

        private void markLines() {
            for (int i = statements.size(); i >= 0; i--) {
                StatementNode mark = i == statements.size() || sampled.differ(slots.get(i), slots.get(i + 1)) ? sampled.endOf(slots.get(i)) : null;
                if (mark != null) {
                    int after = Math.min(i + 1, statements.size());
                    statements.add(after, mark);
                    slots.add(after, slots.get(i));
                }
            }
        }

        BlockNode end(ConditionNode condition, int taken, int next) {
            fill(end);
            slots.add(end);
            if (sampled != null) {
                markLines();
            }
            return new BlockNode(statements.toArray(StatementNode[]::new), slots.stream().mapToInt(Integer::intValue).toArray(), starts, depth, condition, taken, next);
        }
    }

    private List<StatementNode> edge(int from, int to) {
        List<StatementNode> statements = new ArrayList<>();
        int[] slots = cleared(from, to).stream().filter(layout::has).map(layout::slot).toArray();
        if (slots.length > 0) {
            statements.add(new SlotNodes.Clear(slots));
        }
        if (to <= from && analysis.loops().rounds(to) > Loops.MAX_UNCOUNTED) {
            statements.add(new BudgetNodes.BackEdge(new TrapSite(layout, graph.blocks().get(from).end(), Trap.Kind.LOOP,
                            "takes more than " + loopBudget + " loop iterations for one packet")));
        }
        return statements;
    }

    /** The variables that may hold something at the end of one block and that the other does not look at. */
    private BitSet cleared(int from, int to) {
        BitSet dead = liveness.filledAtEnd(from);
        dead.andNot(liveness.liveIn(to));
        return dead;
    }
}
