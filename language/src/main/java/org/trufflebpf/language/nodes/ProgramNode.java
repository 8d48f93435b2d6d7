package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.CompilerAsserts;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.instrumentation.GenerateWrapper;
import com.oracle.truffle.api.instrumentation.InstrumentableNode;
import com.oracle.truffle.api.instrumentation.ProbeNode;
import com.oracle.truffle.api.instrumentation.StandardTags.RootBodyTag;
import com.oracle.truffle.api.instrumentation.StandardTags.RootTag;
import com.oracle.truffle.api.instrumentation.StandardTags.StatementTag;
import com.oracle.truffle.api.instrumentation.Tag;
import com.oracle.truffle.api.nodes.ExplodeLoop;
import com.oracle.truffle.api.nodes.ExplodeLoop.LoopExplosionKind;
import com.oracle.truffle.api.nodes.Node;
import com.oracle.truffle.api.nodes.NodeUtil;
import com.oracle.truffle.api.source.SourceSection;
import java.util.Arrays;
import java.util.Set;

/**
 * The program: its blocks under one dispatch loop, which partial evaluation unfolds into the program's own control flow. Runs once per packet;
 * for tools it is the body of the function that the C source calls the program.
 */
@GenerateWrapper
class ProgramNode extends Node implements InstrumentableNode {
    @Children private final StatementNode[] prologue;
    @Children private final BlockNode[] blocks;
    @Child private ExpressionNode result;
    private final ScopedLines lines;
    private final FrameLayout layout;
    private final boolean hasLines;

    /** @param blocks entry first */
    ProgramNode(StatementNode[] prologue, BlockNode[] blocks, ExpressionNode result, ScopedLines lines, FrameLayout layout) {
        this(prologue, blocks, result, lines, layout, false);
    }

    private ProgramNode(StatementNode[] prologue, BlockNode[] blocks, ExpressionNode result, ScopedLines lines, FrameLayout layout,
                    boolean hasLines) {
        this.prologue = prologue;
        this.blocks = blocks;
        this.result = result;
        this.lines = lines;
        this.layout = layout;
        this.hasLines = hasLines;
    }

    /** For the wrapper. */
    ProgramNode() {
        this(new StatementNode[0], new BlockNode[0], null, null, null, true);
    }

    /** Gives r0. */
    long execute(VirtualFrame frame) {
        begin(frame);
        dispatch(frame);
        return result.execute(frame);
    }

    @ExplodeLoop
    private void begin(VirtualFrame frame) {
        for (StatementNode statement : prologue) {
            statement.execute(frame);
        }
    }

    /** Each way on has its own {@code continue}: where they met before the loop's end, the block number would no longer be a constant. */
    @ExplodeLoop(kind = LoopExplosionKind.MERGE_EXPLODE)
    private void dispatch(VirtualFrame frame) {
        int block = 0;
        while (block != BlockNode.EXIT) {
            CompilerAsserts.partialEvaluationConstant(block);
            BlockNode node = blocks[block];
            node.execute(frame);
            if (node.condition == null) {
                block = node.next;
                continue;
            }
            if (node.condition.execute(frame)) {
                block = node.taken;
                continue;
            } else {
                block = node.next;
                continue;
            }
        }
    }

    @Override
    public boolean isInstrumentable() {
        return getSourceSection() != null;
    }

    @Override
    public boolean hasTag(Class<? extends Tag> tag) {
        return tag == RootTag.class || tag == RootBodyTag.class;
    }

    @Override
    public WrapperNode createWrapper(ProbeNode probe) {
        return new ProgramNodeWrapper(this, probe);
    }

    /** Line nodes cost time on every packet, so they are made only for tools that ask for statements. */
    @Override
    public InstrumentableNode materializeInstrumentableNodes(Set<Class<? extends Tag>> tags) {
        if (hasLines || !tags.contains(StatementTag.class)) {
            return this;
        }
        BlockNode[] withLines = Arrays.stream(blocks).map(block -> block.withLines(lines, layout)).toArray(BlockNode[]::new);
        StatementNode[] samePrologue = Arrays.stream(prologue).map(NodeUtil::cloneNode).toArray(StatementNode[]::new);
        return new ProgramNode(samePrologue, withLines, NodeUtil.cloneNode(result), lines, layout, true);
    }

    @Override
    public SourceSection getSourceSection() {
        return lines == null ? null : lines.section();
    }
}
