package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.instrumentation.GenerateWrapper;
import com.oracle.truffle.api.instrumentation.InstrumentableNode;
import com.oracle.truffle.api.instrumentation.ProbeNode;
import com.oracle.truffle.api.instrumentation.StandardTags.StatementTag;
import com.oracle.truffle.api.instrumentation.Tag;
import com.oracle.truffle.api.nodes.Node;
import com.oracle.truffle.api.nodes.NodeUtil;
import com.oracle.truffle.api.source.SourceSection;
import java.util.HashSet;
import java.util.Set;
import org.trufflebpf.language.object.ProgramSpec;

/**
 * A line in a file that the program does not begin in, such as a header with inlined functions, before there are {@link LineNode}s. Never runs: it makes
 * breakpoints find the line. What Truffle sees of a root node's files at first holds for good (RootNodeBits), and decides in which files it looks at all; and
 * outside the root's own lines it only takes a node that begins at the breakpoint's (NearestNodesCollector, 25.0.1).
 */
@GenerateWrapper
class LineMark extends StatementNode implements InstrumentableNode {
    private final ProgramLines lines;
    private final int slot;

    /** @param slot of an instruction that the line made */
    LineMark(ProgramLines lines, int slot) {
        this.lines = lines;
        this.slot = slot;
    }

    /** For the wrapper. */
    LineMark() {
        this(null, 0);
    }

    /** @param lines null where nothing is known of them */
    static LineMark[] of(ProgramLines lines, ProgramSpec program) {
        record Place(String file, int line) {
        }
        Set<Place> places = new HashSet<>();
        return lines == null ? new LineMark[0]
                : program.lines().stream().filter(line -> !line.file().equals(program.lines().getFirst().file()))
                                .filter(line -> places.add(new Place(line.file(), line.line()))).map(line -> new LineMark(lines, line.slot()))
                                .toArray(LineMark[]::new);
    }

    @Override
    public void execute(VirtualFrame frame) {
        throw new UnsupportedOperationException("a mark does not run");
    }

    @Override
    public boolean isInstrumentable() {
        return getSourceSection() != null;
    }

    @Override
    public WrapperNode createWrapper(ProbeNode probe) {
        return new LineMarkWrapper(this, probe);
    }

    @Override
    public SourceSection getSourceSection() {
        return lines == null ? null : lines.section(slot);
    }

    @Override
    public Node findNearestNodeAt(int offset, Set<Class<? extends Tag>> tags) {
        return line(tags);
    }

    @Override
    public Node findNearestNodeAt(int line, int column, Set<Class<? extends Tag>> tags) {
        return line(tags);
    }

    /** What runs for the line, or null. */
    private Node line(Set<Class<? extends Tag>> tags) {
        ProgramNode program = NodeUtil.findParent(this, ProgramNode.class);
        if (program == null || !tags.contains(StatementTag.class)) {
            return null;
        }
        Node withLines = (Node) program.materializeInstrumentableNodes(tags);
        return NodeUtil.findAllNodeInstances(withLines, LineNode.class).stream().filter(line -> line.getSourceSection() == getSourceSection()).findFirst()
                        .orElse(null);
    }
}
