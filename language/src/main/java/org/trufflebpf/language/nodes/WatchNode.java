package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.frame.MaterializedFrame;
import com.oracle.truffle.api.frame.VirtualFrame;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.cfg.Terminator;

/** Tells a {@link StepListener} what comes next. */
final class WatchNode extends StatementNode {
    private final StepListener listener;
    private final FrameLayout layout;
    private final Step step;
    private final int slot;
    private final Terminator end;
    private final int depth;

    private WatchNode(StepListener listener, FrameLayout layout, Step step, int slot, Terminator end, int depth) {
        this.listener = listener;
        this.layout = layout;
        this.step = step;
        this.slot = slot;
        this.end = end;
        this.depth = depth;
    }

    static WatchNode before(Step step, StepListener listener, FrameLayout layout, int depth) {
        return new WatchNode(listener, layout, step, step.slot(), null, depth);
    }

    static WatchNode before(int slot, Terminator end, StepListener listener, FrameLayout layout, int depth) {
        return new WatchNode(listener, layout, null, slot, end, depth);
    }

    @Override
    public void execute(VirtualFrame frame) {
        tell(frame.materialize());
    }

    @TruffleBoundary
    private void tell(MaterializedFrame frame) {
        StepView view = new StepView(layout, frame, depth);
        if (end == null) {
            listener.step(step, view);
        } else {
            listener.end(slot, end, view);
        }
    }
}
