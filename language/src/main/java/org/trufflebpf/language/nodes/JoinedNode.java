package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.CompilerDirectives.CompilationFinal;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.ExplodeLoop;
import java.util.ArrayList;
import java.util.List;

/** One to eight bytes, zero-extended, put together from the lowest up. */
final class JoinedNode extends ExpressionNode {
    @Children private final ExpressionNode[] parts;
    @CompilationFinal(dimensions = 1) private final int[] shifts;

    private JoinedNode(List<ExpressionNode> parts, List<Integer> shifts) {
        this.parts = parts.toArray(ExpressionNode[]::new);
        this.shifts = shifts.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Parts by their sizes. */
    static final class Builder {
        private final List<ExpressionNode> parts = new ArrayList<>();
        private final List<Integer> shifts = new ArrayList<>();
        private int bytes;

        /** @param part so many bytes, zero-extended */
        Builder add(ExpressionNode part, int size) {
            parts.add(part);
            shifts.add(8 * bytes);
            bytes += size;
            return this;
        }

        ExpressionNode build() {
            return parts.size() == 1 ? parts.getFirst() : new JoinedNode(parts, shifts);
        }
    }

    @Override
    @ExplodeLoop
    public long execute(VirtualFrame frame) {
        long joined = 0;
        for (int i = 0; i < parts.length; i++) {
            joined |= parts[i].execute(frame) << shifts[i];
        }
        return joined;
    }
}
