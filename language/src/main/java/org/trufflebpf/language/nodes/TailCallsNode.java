package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.CompilerDirectives.CompilationFinal;
import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.RootCallTarget;
import com.oracle.truffle.api.nodes.DirectCallNode;
import com.oracle.truffle.api.nodes.ExplodeLoop;
import com.oracle.truffle.api.nodes.IndirectCallNode;
import com.oracle.truffle.api.nodes.Node;
import org.trufflebpf.language.runtime.Worker;

/**
 * Goes on with a packet in another program. Programs that were in a program array when this code was compiled have a direct call each; one that came
 * later is called indirectly, which costs some 7 ns more (measured) until the program is compiled again.
 */
final class TailCallsNode extends Node {
    private final TailCallTargets targets;
    @CompilationFinal(dimensions = 1) private int[] known = {};
    @Children private DirectCallNode[] direct = {};
    @Child private IndirectCallNode indirect = IndirectCallNode.create();

    TailCallsNode(TailCallTargets targets) {
        this.targets = targets;
    }

    /** Takes notice of the programs that the arrays hold now. Before compiling; not while packets are processed. */
    void update() {
        int[] current = targets.current();
        DirectCallNode[] calls = new DirectCallNode[current.length];
        for (int i = 0; i < calls.length; i++) {
            calls[i] = DirectCallNode.create(targets.target(current[i]));
        }
        known = current;
        direct = insert(calls);
    }

    @ExplodeLoop
    void execute(Worker worker, long descriptor) {
        int program = worker.tailCallTarget();
        Object[] arguments = worker.argumentsFor(descriptor);
        for (int i = 0; i < known.length; i++) {
            if (known[i] == program) {
                direct[i].call(arguments);
                return;
            }
        }
        indirect.call(target(program), arguments);
    }

    @TruffleBoundary
    private RootCallTarget target(int program) {
        return targets.target(program);
    }
}
