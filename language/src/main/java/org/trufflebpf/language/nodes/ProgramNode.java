package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.instrumentation.GenerateWrapper;
import com.oracle.truffle.api.instrumentation.InstrumentableNode;
import com.oracle.truffle.api.instrumentation.ProbeNode;
import com.oracle.truffle.api.instrumentation.StandardTags.RootBodyTag;
import com.oracle.truffle.api.instrumentation.StandardTags.RootTag;
import com.oracle.truffle.api.instrumentation.StandardTags.StatementTag;
import com.oracle.truffle.api.instrumentation.Tag;
import com.oracle.truffle.api.nodes.Node;
import com.oracle.truffle.api.source.SourceSection;
import java.util.Set;

/** The program. Runs once per packet; for tools it is the body of the function that the C source calls the program. */
@GenerateWrapper
class ProgramNode extends Node implements InstrumentableNode {
    @Child private ProgramBody body;
    @Children private final LineMark[] marks;
    private final ScopedLines lines;
    private final FrameLayout layout;
    private final boolean hasLines;

    ProgramNode(ProgramBody body, LineMark[] marks, ScopedLines lines, FrameLayout layout) {
        this(body, marks, lines, layout, false);
    }

    private ProgramNode(ProgramBody body, LineMark[] marks, ScopedLines lines, FrameLayout layout, boolean hasLines) {
        this.body = body;
        this.marks = marks;
        this.lines = lines;
        this.layout = layout;
        this.hasLines = hasLines;
    }

    /** For the wrapper. */
    ProgramNode() {
        this(null, new LineMark[0], null, null, true);
    }

    /** Gives r0. */
    long execute(VirtualFrame frame) {
        return body.execute(frame);
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
        return new ProgramNode(body.withLines(lines, layout), new LineMark[0], lines, layout, true);
    }

    @Override
    public SourceSection getSourceSection() {
        return lines == null ? null : lines.section();
    }
}
