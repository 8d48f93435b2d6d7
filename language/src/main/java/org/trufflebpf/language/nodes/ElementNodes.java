package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;
import org.trufflebpf.language.helpers.MapSource;
import org.trufflebpf.language.runtime.Worker;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.ElementCursor;

/** The steps of bpf_for_each_map_elem. Each call depth has a cursor, as a callback may go over a map too. */
final class ElementNodes {
    private ElementNodes() {
    }

    /** @param depth of the caller */
    private static long cursor(VirtualFrame frame, long depth) {
        return frame.getLongStatic(FrameLayout.STACK) + StackMemory.CURSORS + depth * ElementCursor.BYTES;
    }

    /** The address of the next element's value, or 0. */
    static final class Next extends ExpressionNode {
        @Child private MapSource<BpfMap> map;
        @Child private ExpressionNode depth;
        @Child private ExpressionNode count;

        /** @param count of the elements so far */
        Next(MapSource<BpfMap> map, ExpressionNode depth, ExpressionNode count) {
            this.map = map;
            this.depth = depth;
            this.count = count;
        }

        @Override
        public long execute(VirtualFrame frame) {
            long cursor = cursor(frame, depth.execute(frame));
            if (count.execute(frame) == 0) {
                ElementCursor.rewind(cursor);
            }
            return map.execute(frame).next(cursor, ((Worker) frame.getArguments()[0]).cpu());
        }
    }

    /** The address of the key of the element at hand. */
    static final class Key extends ExpressionNode {
        @Child private MapSource<BpfMap> map;
        @Child private ExpressionNode depth;

        Key(MapSource<BpfMap> map, ExpressionNode depth) {
            this.map = map;
            this.depth = depth;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return map.execute(frame).keyAt(cursor(frame, depth.execute(frame)));
        }
    }
}
