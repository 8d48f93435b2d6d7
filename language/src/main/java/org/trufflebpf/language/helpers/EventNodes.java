package org.trufflebpf.language.helpers;

import com.oracle.truffle.api.frame.VirtualFrame;
import org.trufflebpf.language.nodes.ExpressionNode;
import org.trufflebpf.language.nodes.FrameLayout;
import org.trufflebpf.maps.PerfEventMap;
import org.trufflebpf.maps.RingMap;

/** Helpers that send records to the control plane. */
public final class EventNodes {
    private EventNodes() {
    }

    /** bpf_ringbuf_output. */
    public static final class Output extends ExpressionNode {
        @Child private MapSource<RingMap> ring;
        @Child private ExpressionNode data;
        @Child private ExpressionNode size;
        @Child private ExpressionNode flags;

        public Output(MapSource<RingMap> ring, ExpressionNode data, ExpressionNode size, ExpressionNode flags) {
            this.ring = ring;
            this.data = data;
            this.size = size;
            this.flags = flags;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return ring.execute(frame).output(data.execute(frame), size.execute(frame), flags.execute(frame));
        }
    }

    /** bpf_ringbuf_reserve in an inner map. */
    public static final class Reserve extends ExpressionNode {
        @Child private MapSource<RingMap> ring;
        @Child private ExpressionNode size;
        @Child private ExpressionNode flags;

        public Reserve(MapSource<RingMap> ring, ExpressionNode size, ExpressionNode flags) {
            this.ring = ring;
            this.size = size;
            this.flags = flags;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return ring.execute(frame).reserve(size.execute(frame), flags.execute(frame), MapNodes.cpu(frame));
        }
    }

    /** bpf_ringbuf_query. */
    public static final class Query extends ExpressionNode {
        @Child private MapSource<RingMap> ring;
        @Child private ExpressionNode flags;

        public Query(MapSource<RingMap> ring, ExpressionNode flags) {
            this.ring = ring;
            this.flags = flags;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return ring.execute(frame).query(flags.execute(frame));
        }
    }

    /** bpf_perf_event_output. The high half of the flags asks for that many packet bytes behind the data. */
    public static final class PerfOutput extends ExpressionNode {
        @Child private MapSource<PerfEventMap> map;
        @Child private ExpressionNode flags;
        @Child private ExpressionNode data;
        @Child private ExpressionNode size;

        public PerfOutput(MapSource<PerfEventMap> map, ExpressionNode flags, ExpressionNode data, ExpressionNode size) {
            this.map = map;
            this.flags = flags;
            this.data = data;
            this.size = size;
        }

        @Override
        public long execute(VirtualFrame frame) {
            long packet = frame.getLongStatic(FrameLayout.DATA);
            return map.execute(frame).output(flags.execute(frame), data.execute(frame), size.execute(frame), packet, frame.getLongStatic(FrameLayout.PACKET_END) - packet,
                            MapNodes.cpu(frame));
        }
    }
}
