package org.trufflebpf.language.helpers;

import com.oracle.truffle.api.frame.VirtualFrame;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.Verdict;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.language.nodes.ExpressionNode;
import org.trufflebpf.language.nodes.FrameLayout;
import org.trufflebpf.maps.CpuMap;
import org.trufflebpf.maps.DevMap;
import org.trufflebpf.maps.XskMap;

/** Helpers that choose where a redirected packet goes; the choice stands in the packet's descriptor until the verdict says whether it counts. */
public final class RedirectNodes {
    /** BPF_F_BROADCAST: to all ports of the map. */
    private static final long BROADCAST = 1 << 3;
    /** BPF_F_EXCLUDE_INGRESS: but not to where it came from. */
    private static final long EXCLUDE_INGRESS = 1 << 4;
    /** The low flag bits are the verdict on a miss. */
    private static final long ACTION_MASK = 3;

    private RedirectNodes() {
    }

    private static long choose(VirtualFrame frame, int kind, int target, int program) {
        long descriptor = frame.getLongStatic(FrameLayout.DESCRIPTOR);
        Memory.putInt(descriptor + Burst.REDIRECT_KIND, kind);
        Memory.putInt(descriptor + Burst.REDIRECT_TARGET, target);
        Memory.putInt(descriptor + Burst.REDIRECT_PROGRAM, program);
        return Verdict.REDIRECT.ordinal();
    }

    /** bpf_redirect. */
    public static final class ByInterface extends ExpressionNode {
        @Child private ExpressionNode ifindex;
        @Child private ExpressionNode flags;

        public ByInterface(ExpressionNode ifindex, ExpressionNode flags) {
            this.ifindex = ifindex;
            this.flags = flags;
        }

        @Override
        public long execute(VirtualFrame frame) {
            int target = (int) ifindex.execute(frame);
            return flags.execute(frame) != 0 ? Verdict.ABORTED.ordinal() : choose(frame, Burst.REDIRECT_TO_INTERFACE, target, 0);
        }
    }

    /** bpf_redirect_map on a device map (__bpf_xdp_redirect_map). */
    public static final class ByMap extends ExpressionNode {
        @Child private MapSource<DevMap> source;
        @Child private ExpressionNode key;
        @Child private ExpressionNode flags;

        public ByMap(MapSource<DevMap> source, ExpressionNode key, ExpressionNode flags) {
            this.source = source;
            this.key = key;
            this.flags = flags;
        }

        @Override
        public long execute(VirtualFrame frame) {
            DevMap map = source.execute(frame);
            int index = (int) key.execute(frame);
            long bits = flags.execute(frame);
            if ((bits & ~(ACTION_MASK | BROADCAST | EXCLUDE_INGRESS)) != 0) {
                return Verdict.ABORTED.ordinal();
            }
            if ((bits & BROADCAST) != 0) {
                return choose(frame, (bits & EXCLUDE_INGRESS) != 0 ? Burst.REDIRECT_TO_OTHERS : Burst.REDIRECT_TO_GROUP, map.id(), 0);
            }
            long target = map.target(index);
            return target == 0 ? bits & ACTION_MASK : choose(frame, Burst.REDIRECT_TO_INTERFACE, (int) target, (int) (target >>> 32));
        }
    }

    /** bpf_redirect_map on a CPU map. */
    public static final class ToCpu extends ExpressionNode {
        @Child private MapSource<CpuMap> source;
        @Child private ExpressionNode key;
        @Child private ExpressionNode flags;

        public ToCpu(MapSource<CpuMap> source, ExpressionNode key, ExpressionNode flags) {
            this.source = source;
            this.key = key;
            this.flags = flags;
        }

        @Override
        public long execute(VirtualFrame frame) {
            CpuMap map = source.execute(frame);
            int cpu = (int) key.execute(frame);
            long bits = flags.execute(frame);
            if ((bits & ~ACTION_MASK) != 0) {
                return Verdict.ABORTED.ordinal();
            }
            long target = map.target(cpu);
            return target == 0 ? bits & ACTION_MASK : choose(frame, Burst.REDIRECT_TO_CPU, cpu, (int) (target >>> 32));
        }
    }

    /** bpf_redirect_map on a map of sockets. */
    public static final class ToSocket extends ExpressionNode {
        @Child private MapSource<XskMap> source;
        @Child private ExpressionNode key;
        @Child private ExpressionNode flags;

        public ToSocket(MapSource<XskMap> source, ExpressionNode key, ExpressionNode flags) {
            this.source = source;
            this.key = key;
            this.flags = flags;
        }

        @Override
        public long execute(VirtualFrame frame) {
            XskMap map = source.execute(frame);
            int index = (int) key.execute(frame);
            long bits = flags.execute(frame);
            if ((bits & ~ACTION_MASK) != 0) {
                return Verdict.ABORTED.ordinal();
            }
            long target = map.target(index);
            return target == 0 ? bits & ACTION_MASK : choose(frame, Burst.REDIRECT_TO_SOCKET, (int) target, 0);
        }
    }
}
