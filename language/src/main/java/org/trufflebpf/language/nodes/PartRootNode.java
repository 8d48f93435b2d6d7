package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.TruffleLanguage;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.RootNode;
import org.trufflebpf.language.runtime.Worker;

/** A part of a program that is too large to be compiled as one. Runs from one of its entries until the program leaves it; {@link PartsNode} calls it. */
final class PartRootNode extends RootNode {
    private final String name;
    @Child private BlocksNode blocks;

    PartRootNode(TruffleLanguage<?> language, String name, FrameLayout layout, BlocksNode blocks) {
        super(language, layout.descriptor());
        this.name = name;
        this.blocks = blocks;
    }

    @Override
    public Object execute(VirtualFrame frame) {
        Worker worker = (Worker) frame.getArguments()[0];
        PartNodes.fetchAll(frame, worker);
        try {
            blocks.execute(frame);
        } catch (TrapException trap) {
            PartNodes.setNext(worker, PartNodes.TRAPPED);
        } catch (TailCallException call) {
            PartNodes.setNext(worker, PartNodes.TAIL_CALL);
        }
        PartNodes.putChanging(frame);
        return worker;
    }

    @Override
    public String getName() {
        return name;
    }

    /** To tools the program is one function. */
    @Override
    public boolean isInternal() {
        return true;
    }
}
