package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.frame.VirtualFrame;
import org.trufflebpf.language.helpers.EnvironmentNodes;
import org.trufflebpf.language.helpers.MapSource;
import org.trufflebpf.language.runtime.Clock;
import org.trufflebpf.language.runtime.Worker;
import org.trufflebpf.maps.BpfMap;

/** The bpf_timer helpers, and what the registers of a function hold that a timer calls. */
final class TimerNodes {
    private TimerNodes() {
    }

    private static Worker worker(VirtualFrame frame) {
        return (Worker) frame.getArguments()[0];
    }

    static ExpressionNode init(HelperCall call, Timers timers) {
        return call.withMap(2, map -> new Init(timers, MapSource.of(map), call),
                        template -> new Init(timers, call.inner(2, BpfMap.class, template), call));
    }

    private static final class Init extends ExpressionNode {
        private final Timers timers;
        @Child private MapSource<BpfMap> map;
        @Child private ExpressionNode timer;
        @Child private ExpressionNode flags;
        private final TrapSite trap;

        Init(Timers timers, MapSource<BpfMap> map, HelperCall call) {
            this.timers = timers;
            this.map = map;
            this.timer = call.fixedMemory(1);
            this.flags = call.argument(3);
            this.trap = call.site("gives bpf_timer_init in r1 no timer of the map in r2");
        }

        @Override
        public long execute(VirtualFrame frame) {
            long result = init(map.execute(frame), timer.execute(frame), flags.execute(frame));
            if (result == Timers.NO_TIMER) {
                throw trap.trap(frame);
            }
            return result;
        }

        @TruffleBoundary
        private long init(BpfMap owner, long address, long bits) {
            return timers.init(owner, address, bits);
        }
    }

    static final class SetCallback extends ExpressionNode {
        private final Timers timers;
        @Child private ExpressionNode timer;
        @Child private ExpressionNode function;
        private final TrapSite trap;

        SetCallback(Timers timers, HelperCall call) {
            this.timers = timers;
            this.timer = call.fixedMemory(1);
            this.function = call.argument(2);
            this.trap = call.site("gives bpf_timer_set_callback in r2 no function for timers of this map");
        }

        @Override
        public long execute(VirtualFrame frame) {
            long result = set(timer.execute(frame), function.execute(frame));
            if (result == Timers.NO_CALLBACK) {
                throw trap.trap(frame);
            }
            return result;
        }

        @TruffleBoundary
        private long set(long address, long slot) {
            return timers.setCallback(address, slot);
        }
    }

    static final class Start extends ExpressionNode {
        private final Timers timers;
        @Child private ExpressionNode timer;
        @Child private ExpressionNode nanoseconds;
        @Child private ExpressionNode flags;
        @Child private ExpressionNode now;

        Start(Timers timers, HelperCall call, Clock clock) {
            this.timers = timers;
            this.timer = call.fixedMemory(1);
            this.nanoseconds = call.argument(2);
            this.flags = call.argument(3);
            this.now = EnvironmentNodes.time(clock);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return start(timer.execute(frame), nanoseconds.execute(frame), flags.execute(frame), now.execute(frame), worker(frame));
        }

        @TruffleBoundary
        private long start(long address, long delay, long bits, long time, Worker worker) {
            return timers.start(address, delay, bits, time, worker);
        }
    }

    static final class Cancel extends ExpressionNode {
        private final Timers timers;
        @Child private ExpressionNode timer;

        Cancel(Timers timers, HelperCall call) {
            this.timers = timers;
            this.timer = call.fixedMemory(1);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return cancel(timer.execute(frame), worker(frame));
        }

        @TruffleBoundary
        private long cancel(long address, Worker worker) {
            return timers.cancel(address, worker);
        }
    }

    static final class OwnMap extends ExpressionNode {
        @Override
        public long execute(VirtualFrame frame) {
            return MapHandle.ofNumber(worker(frame).timerMap());
        }
    }

    static final class OwnKey extends ExpressionNode {
        @Override
        public long execute(VirtualFrame frame) {
            return worker(frame).timerKey();
        }
    }

    static final class OwnValue extends ExpressionNode {
        @Override
        public long execute(VirtualFrame frame) {
            return worker(frame).timerValue();
        }
    }
}
