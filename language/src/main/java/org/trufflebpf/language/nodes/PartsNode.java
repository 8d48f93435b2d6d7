package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.CompilerDirectives.CompilationFinal;
import com.oracle.truffle.api.RootCallTarget;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.IndirectCallNode;
import java.util.List;
import java.util.function.Supplier;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.runtime.Worker;

/**
 * A program that is too large to be compiled as one: calls one part of it after the other, each of which says where to go on. Calls are indirect, as
 * Truffle would put small parts into the caller again.
 */
final class PartsNode extends ProgramBody {
    private static final TrapException TRAP = new TrapException();

    @CompilationFinal(dimensions = 1) private final RootCallTarget[] parts;
    @Child private IndirectCallNode call = IndirectCallNode.create();
    /** Tools see statements of the program only where it is in the caller's frame. */
    private final Supplier<ProgramBody> whole;

    PartsNode(List<RootCallTarget> parts, Supplier<ProgramBody> whole) {
        this.parts = parts.toArray(RootCallTarget[]::new);
        this.whole = whole;
    }

    List<RootCallTarget> parts() {
        return List.of(parts);
    }

    @Override
    long execute(VirtualFrame frame) {
        Worker worker = (Worker) frame.getArguments()[0];
        PartNodes.putFixed(frame);
        PartNodes.putChanging(frame);
        long next = PartNodes.place(0, 0);
        PartNodes.setNext(worker, next);
        while (next >= 0) {
            call.call(parts[PartNodes.part(next)], frame.getArguments());
            next = PartNodes.next(worker);
        }
        PartNodes.fetchChanging(frame);
        if (next == PartNodes.TRAPPED) {
            throw TRAP;
        }
        if (next == PartNodes.TAIL_CALL) {
            throw TailCallException.INSTANCE;
        }
        return Memory.getLong(worker.stackAddress() + StackMemory.ofVariable(Registers.RESULT));
    }

    @Override
    ProgramBody withLines(ScopedLines lines, FrameLayout layout) {
        return whole.get().withLines(lines, layout);
    }
}
