package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.instrumentation.GenerateWrapper;
import com.oracle.truffle.api.instrumentation.InstrumentableNode;
import com.oracle.truffle.api.instrumentation.ProbeNode;
import com.oracle.truffle.api.instrumentation.StandardTags.StatementTag;
import com.oracle.truffle.api.instrumentation.Tag;
import com.oracle.truffle.api.nodes.ExplodeLoop;
import com.oracle.truffle.api.source.SourceSection;

/** The instructions that one C line made, in one block. Exists only once a tool asks for statements. */
@GenerateWrapper
class LineNode extends StatementNode implements InstrumentableNode {
    @Children private final StatementNode[] statements;
    /** Null where the object does not say the line. */
    private final SourceSection section;

    LineNode(StatementNode[] statements, SourceSection section) {
        this.statements = statements;
        this.section = section;
    }

    /** For the wrapper. */
    LineNode() {
        this(new StatementNode[0], null);
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
}
