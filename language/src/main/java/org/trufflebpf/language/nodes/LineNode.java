package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.frame.Frame;
import com.oracle.truffle.api.frame.MaterializedFrame;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.instrumentation.GenerateWrapper;
import com.oracle.truffle.api.instrumentation.InstrumentableNode;
import com.oracle.truffle.api.instrumentation.ProbeNode;
import com.oracle.truffle.api.instrumentation.StandardTags.StatementTag;
import com.oracle.truffle.api.instrumentation.Tag;
import com.oracle.truffle.api.interop.NodeLibrary;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import com.oracle.truffle.api.nodes.ExplodeLoop;
import com.oracle.truffle.api.source.SourceSection;

/** The instructions that one C line made, in one block. Exists only once a tool asks for statements. */
@GenerateWrapper
@ExportLibrary(NodeLibrary.class)
class LineNode extends StatementNode implements InstrumentableNode {
    @Children private final StatementNode[] statements;
    /** Null where the object does not say the line. */
    private final SourceSection section;
    private final int slot;
    private final ScopedLines lines;
    private final FrameLayout layout;
    private final int depth;

    /**
     * @param slot of the first instruction
     * @param depth of calls
     */
    LineNode(StatementNode[] statements, int slot, ScopedLines lines, FrameLayout layout, int depth) {
        this.statements = statements;
        this.section = lines == null ? null : lines.section(slot);
        this.slot = slot;
        this.lines = lines;
        this.layout = layout;
        this.depth = depth;
    }

    /** For the wrapper. */
    LineNode() {
        this(new StatementNode[0], 0, null, null, 0);
    }

    @Override
    @ExplodeLoop
    public void execute(VirtualFrame frame) {
        for (StatementNode statement : statements) {
            statement.execute(frame);
        }
    }

    @Override
    public boolean isInstrumentable() {
        return section != null;
    }

    @Override
    public boolean hasTag(Class<? extends Tag> tag) {
        return tag == StatementTag.class;
    }

    @Override
    public WrapperNode createWrapper(ProbeNode probe) {
        return new LineNodeWrapper(this, probe);
    }

    @Override
    public SourceSection getSourceSection() {
        return section;
    }

    @ExportMessage
    @SuppressWarnings("static-method")
    boolean hasScope(@SuppressWarnings("unused") Frame frame) {
        return true;
    }

    @ExportMessage
    Object getScope(Frame frame, @SuppressWarnings("unused") boolean entered) throws UnsupportedMessageException {
        if (frame == null) {
            throw UnsupportedMessageException.create();
        }
        return scope(frame.materialize());
    }

    @TruffleBoundary
    private Object scope(MaterializedFrame frame) {
        return lines.scope(slot, new StepView(layout, frame, depth));
    }
}
