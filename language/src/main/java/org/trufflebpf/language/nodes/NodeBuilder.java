package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.RootCallTarget;
import com.oracle.truffle.api.TruffleLanguage;
import com.oracle.truffle.api.nodes.NodeUtil;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.trufflebpf.language.cfg.CallDepths;
import org.trufflebpf.language.cfg.LineStarts;
import org.trufflebpf.language.cfg.Parts;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.isa.Instruction.Size;
import org.trufflebpf.language.verifier.Analysis;
import org.trufflebpf.language.verifier.Liveness;
import org.trufflebpf.language.verifier.StackUse;
import org.trufflebpf.language.verifier.State;
import org.trufflebpf.language.verifier.VerifiedProgram;

/** Turns a verified program and the maps of one instance into a call target that runs it over bursts. */
public final class NodeBuilder {
    private final TruffleLanguage<?> language;
    private final VerifiedProgram program;
    private final ProgramBindings bindings;
    private final Analysis analysis;
    private final Liveness liveness;
    private final StackUse stackUse;
    private final BitSet variables;
    private final FrameLayout layout;
    private final PacketUse packetUse;
    private final CodeLines lines;

    private NodeBuilder(TruffleLanguage<?> language, VerifiedProgram program, ProgramBindings bindings) {
        this.language = language;
        this.program = program;
        this.bindings = bindings;
        this.analysis = program.analysis();
        this.stackUse = StackUse.of(analysis);
        this.liveness = Liveness.ofParts(analysis, stackUse);
        this.packetUse = PacketUse.of(analysis);
        this.variables = liveness.variables();
        for (int word : stackUse.memoryWords().stream().toArray()) {
            variables.clear(Liveness.word(word));
        }
        variables.set(Registers.RESULT);
        this.layout = new FrameLayout(variables, stackUse, bindings.traps(), bindings.innerMaps());
        this.lines = new CodeLines(new LineStarts(program.spec(), program.code()),
                        CallDepths.of(analysis.graph(), slot -> program.spec().functionAt(slot).slot()),
                        bindings.sampled() ? new SampledLines(language, bindings.lines()) : null);
    }

    /** @return a target whose one argument is the {@link org.trufflebpf.language.runtime.Worker} */
    public static RootCallTarget build(TruffleLanguage<?> language, VerifiedProgram program, ProgramBindings bindings) {
        return new NodeBuilder(language, program, bindings).build();
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

    /** What a program calls that is too large to be compiled as one: its parts. */
    public static List<RootCallTarget> parts(RootCallTarget target) {
        PartsNode node = NodeUtil.findFirstNodeInstance(target.getRootNode(), PartsNode.class);
        return node == null ? List.of() : node.parts();
    }

    private RootCallTarget build() {
        StepBuilder steps = steps(layout);
        ProgramNode node = new ProgramNode(body(steps), LineMark.of(bindings.lines(), program.spec()), bindings.lines(), layout);
        TailCallsNode tailCalls = packetUse.tailCalls() ? new TailCallsNode(bindings.tailCalls()) : null;
        return new BurstRootNode(language, program.spec().name(), bindings.lines(), layout, bindings.loopBudget(), program.spec().handlesFragments(),
                        packetUse, node, tailCalls, steps.rings()).getCallTarget();
    }

    /** Who watches a program's steps has it in one piece. */
    private ProgramBody body(StepBuilder steps) {
        Parts parts = PartBuilder.cut(analysis, bindings.watcher() == null ? bindings.partLimit() : Integer.MAX_VALUE);
        if (parts.count() == 1) {
            return whole(steps);
        }
        List<RootCallTarget> targets = new PartBuilder(analysis, liveness, stackUse, bindings, variables, this::steps, lines, parts) //
                        .build(language, program.spec().name(), this::prologue);
        return new PartsNode(targets, () -> whole(steps));
    }

    private ProgramBody whole(StepBuilder steps) {
        BitSet reached = new BitSet();
        for (int block = 0; block < analysis.graph().blocks().size(); block++) {
            reached.set(block, analysis.isReached(block));
        }
        BlockBuilder blocks = new BlockBuilder(analysis, liveness, bindings, layout, steps, lines, reached, BlockBuilder.Exits.NONE);
        return new ProgramBody.Whole(prologue(layout), blocks.build(blocks.number(0)), new SlotNodes.Read(layout.slot(Registers.RESULT)));
    }

    private StepBuilder steps(FrameLayout frame) {
        return new StepBuilder(program, stackUse, frame, packetUse.readsMeta() ? FrameLayout.DATA_META : FrameLayout.DATA, bindings);
    }

    private List<StatementNode> prologue(FrameLayout frame) {
        List<StatementNode> statements = new ArrayList<>();
        BitSet live = liveness.liveIn(0);
        switch (program.entry()) {
            case XDP -> write(statements, frame, live, Registers.CONTEXT_ARGUMENT, new ConstantNode(FrameLayout.CONTEXT_HANDLE));
            case MEMORY -> {
                write(statements, frame, live, 1, new MemoryEntryNodes.Address());
                write(statements, frame, live, 2, new MemoryEntryNodes.Length());
            }
            case TIMER -> {
                write(statements, frame, live, 1, new TimerNodes.OwnMap());
                write(statements, frame, live, 2, new TimerNodes.OwnKey());
                write(statements, frame, live, 3, new TimerNodes.OwnValue());
            }
        }
        // Stack memory may hold what an earlier packet left; frame slots start as zeros. The analysis counts on zeros.
        for (int word = 0; word < analysis.graph().depths() * State.WORDS_PER_FRAME; word++) {
            if (stackUse.inMemory(word) && live.get(Liveness.word(word))) {
                statements.add(MemoryNodes.store(Size.DOUBLE, AddressNode.Stack.ofWord(word), new ConstantNode(0)));
            }
        }
        return statements;
    }

    private static void write(List<StatementNode> statements, FrameLayout frame, BitSet live, int register, ExpressionNode value) {
        if (live.get(register)) {
            statements.add(new SlotNodes.Write(frame.slot(register), value));
        }
    }
}
