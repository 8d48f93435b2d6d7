package org.trufflebpf.language.optimizer;

import java.util.ArrayList;
import java.util.List;
import org.trufflebpf.language.cfg.Block;
import org.trufflebpf.language.cfg.Graph;
import org.trufflebpf.language.verifier.Analysis;
import org.trufflebpf.language.verifier.StackUse;

/**
 * Makes of several small memory accesses fewer large ones. Clang's BPF target loads and stores no more at once than the type's alignment allows,
 * which for packed headers is a byte, and Graal combines nothing. Within each block:
 * <ul>
 * <li>numbers put together from bytes are loaded at once, in either byte order;
 * <li>stores of adjacent bytes, be they constants, copies or the bytes of one number, become stores of up to eight bytes;
 * <li>sums of adjacent bytes or 16-bit numbers are added up eight bytes at a time;
 * <li>zeros that are stored in a record just reserved, which holds nothing else, are left out.
 * </ul>
 */
final class MemoryCombiner {
    private MemoryCombiner() {
    }

    static Graph combine(Analysis analysis) {
        StackUse stackUse = StackUse.of(analysis);
        int[][] predecessors = analysis.graph().predecessors();
        List<Block> blocks = new ArrayList<>(analysis.graph().blocks());
        for (int number = 0; number < blocks.size(); number++) {
            if (analysis.isReached(number)) {
                blocks.set(number, BlockCombiner.combine(analysis, stackUse, number, FreshRecord.at(analysis, predecessors, number)));
            }
        }
        return blocks.equals(analysis.graph().blocks()) ? analysis.graph() : new Graph(blocks, analysis.graph().depths());
    }
}
