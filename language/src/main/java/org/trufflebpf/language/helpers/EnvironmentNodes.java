package org.trufflebpf.language.helpers;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.frame.VirtualFrame;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.language.nodes.ConstantNode;
import org.trufflebpf.language.nodes.ExpressionNode;
import org.trufflebpf.language.nodes.FrameLayout;
import org.trufflebpf.language.runtime.Clock;
import org.trufflebpf.language.runtime.Worker;

/** Helpers that ask where and when the program runs. */
public final class EnvironmentNodes {
    private EnvironmentNodes() {
    }

    /** bpf_ktime_get_ns. */
    public static ExpressionNode time(Clock clock) {
        return switch (clock) {
            case Clock.Wall wall -> new WallTime();
            case Clock.Capture capture -> new CaptureTime();
            case Clock.Fixed fixed -> new ConstantNode(fixed.nanoseconds());
        };
    }

    /** bpf_ktime_get_tai_ns: the time of day; with a clock other than the machine's, that clock. */
    public static ExpressionNode wallTime(Clock clock) {
        return clock instanceof Clock.Wall ? new TimeOfDay() : time(clock);
    }

    /** bpf_jiffies64, at the usual 250 a second. */
    public static ExpressionNode jiffies(Clock clock) {
        return new Jiffies(time(clock));
    }

    private static final class Jiffies extends ExpressionNode {
        private static final long NANOSECONDS = 1_000_000_000L / 250;

        @Child private ExpressionNode time;

        Jiffies(ExpressionNode time) {
            this.time = time;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return time.execute(frame) / NANOSECONDS;
        }
    }

    private static final class TimeOfDay extends ExpressionNode {
        @Override
        public long execute(VirtualFrame frame) {
            return now();
        }

        @TruffleBoundary
        private static long now() {
            return System.currentTimeMillis() * 1_000_000;
        }
    }

    private static final class WallTime extends ExpressionNode {
        @Override
        public long execute(VirtualFrame frame) {
            return System.nanoTime();
        }
    }

    private static final class CaptureTime extends ExpressionNode {
        @Override
        public long execute(VirtualFrame frame) {
            return Memory.getLong(frame.getLongStatic(FrameLayout.DESCRIPTOR) + Burst.TIMESTAMP);
        }
    }

    /** bpf_get_prandom_u32. */
    public static final class Random extends ExpressionNode {
        @Override
        public long execute(VirtualFrame frame) {
            return Integer.toUnsignedLong(((Worker) frame.getArguments()[0]).nextRandom());
        }
    }

    /** bpf_get_smp_processor_id. */
    public static final class Cpu extends ExpressionNode {
        @Override
        public long execute(VirtualFrame frame) {
            return MapNodes.cpu(frame);
        }
    }
}
