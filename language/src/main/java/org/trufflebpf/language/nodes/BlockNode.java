package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.CompilerDirectives.CompilationFinal;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.ExplodeLoop;
import com.oracle.truffle.api.nodes.Node;
import com.oracle.truffle.api.nodes.NodeUtil;
import com.oracle.truffle.api.source.SourceSection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.trufflebpf.language.cfg.LineStarts;

/** A basic block: statements, then on to {@link #next}, or to {@link #taken} where {@link #condition} holds. */
final class BlockNode extends Node {
    /** The block number that ends the program. */
    static final int EXIT = -1;

    /** Graal gives up where one loop is unfolded too often, 10,000 times unless Java was told otherwise (MaximumLoopExplosionCount). */
    private static final int MAX_UNFOLDED = 1000;

    @Children private final StatementNode[] statements;
    /** Null when the block always goes to {@link #next}. */
    @Child ConditionNode condition;
    final int taken;
    final int next;
    /** By statement: the instruction that it belongs to; the last is the end of the block. Null where no instruction is meant. */
    @CompilationFinal(dimensions = 1) private final int[] slots;
    private final LineStarts starts;
    private final int depth;

    /**
     * @param slots one more than there are statements; null for a block that belongs to no instruction
     * @param starts of the program's lines; null like slots
     * @param depth of calls
     */
    BlockNode(StatementNode[] statements, int[] slots, LineStarts starts, int depth, ConditionNode condition, int taken, int next) {
        this.statements = statements;
        this.slots = slots;
        this.starts = starts;
        this.depth = depth;
        this.condition = condition;
        this.taken = taken;
        this.next = next;
    }

    @ExplodeLoop
    void execute(VirtualFrame frame) {
        for (int first = 0; first < statements.length; first += MAX_UNFOLDED) {
            execute(frame, first);
        }
    }

    @ExplodeLoop
    private void execute(VirtualFrame frame, int first) {
        for (int i = first; i < Math.min(first + MAX_UNFOLDED, statements.length); i++) {
            statements[i].execute(frame);
        }
    }

    /** A copy whose statements are grouped by C line. What is not read any more stays for people to see, whom Graal's phis do not trouble. */
    BlockNode withLines(ScopedLines program, FrameLayout layout) {
        ConditionNode sameCondition = condition == null ? null : NodeUtil.cloneNode(condition);
        StatementNode[] copies = Arrays.stream(statements)
                        .map(statement -> statement instanceof SlotNodes.Clear ? new SlotNodes.Clear(new int[0]) : NodeUtil.cloneNode(statement))
                        .toArray(StatementNode[]::new);
        if (slots == null) {
            return new BlockNode(copies, null, null, depth, sameCondition, taken, next);
        }
        List<StatementNode> lines = new ArrayList<>();
        int start = 0;
        SourceSection current = program.section(slots[0]);
        for (int i = 1; i <= copies.length; i++) {
            SourceSection section = program.section(slots[i]);
            if (section != current) {
                addLine(lines, Arrays.copyOfRange(copies, start, i), slots[start], program, layout);
                start = i;
                current = section;
            }
        }
        // What the block ends with may be all that its line made here.
        addLine(lines, Arrays.copyOfRange(copies, start, copies.length), slots[start], program, layout);
        return new BlockNode(lines.toArray(StatementNode[]::new), null, null, depth, sameCondition, taken, next);
    }

    /** What goes on with a line, or may be of none, is no line to tools. */
    private void addLine(List<StatementNode> lines, StatementNode[] group, int slot, ScopedLines program, FrameLayout layout) {
        if (starts.isAt(slot)) {
            lines.add(new LineNode(group, slot, program, layout, depth));
        } else {
            lines.addAll(List.of(group));
        }
    }
}
