package org.trufflebpf.language.verifier;

import java.util.BitSet;
import java.util.List;
import org.trufflebpf.language.cfg.Block;
import org.trufflebpf.language.cfg.Graph;
import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.cfg.Operands.MemoryAccess;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.cfg.Terminator;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.Register;

/**
 * Which registers and stack words decide comparisons further on, at the start of each block, as far as the code shows it: states that differ in
 * them are worth telling apart. Only hints: nothing is taken as proved because of them.
 */
final class Deciders {
    private final BitSet[] deciding;
    private final BitSet[] written;
    private final boolean[] headers;

    private Deciders(int blocks) {
        this.deciding = new BitSet[blocks];
        this.written = new BitSet[blocks];
        this.headers = new boolean[blocks];
    }

    static Deciders of(Graph graph) {
        List<Block> blocks = graph.blocks();
        Deciders deciders = new Deciders(blocks.size());
        deciders.solve(graph);
        deciders.leaveOutCounters(blocks);
        return deciders;
    }

    /** Variables as {@link Liveness} numbers them; not to be changed. */
    BitSet at(int block) {
        return deciding[block];
    }

    /** Whether an edge leads back to a block. */
    boolean isHeader(int block) {
        return headers[block];
    }

    private void solve(Graph graph) {
        List<Block> blocks = graph.blocks();
        int[][] predecessors = graph.predecessors();
        BitSet work = new BitSet();
        work.set(0, blocks.size());
        for (int number = work.length() - 1; number >= 0; number = work.length() - 1) {
            work.clear(number);
            Block block = blocks.get(number);
            BitSet variables = new BitSet();
            for (int successor : block.terminator().successors()) {
                headers[successor] |= successor <= number;
                if (deciding[successor] != null) {
                    variables.or(deciding[successor]);
                }
            }
            if (block.terminator() instanceof Terminator.Branch branch) {
                variables.set(branch.left());
                for (int register : Operands.registers(branch.right())) {
                    variables.set(register);
                }
            }
            written[number] = new BitSet();
            for (int i = block.steps().size() - 1; i >= 0; i--) {
                before(block.steps().get(i), variables, written[number]);
            }
            if (!variables.equals(deciding[number])) {
                deciding[number] = variables;
                for (int predecessor : predecessors[number]) {
                    work.set(predecessor);
                }
            }
        }
    }

    /** From what decides after a step to what does before it. */
    private static void before(Step step, BitSet variables, BitSet written) {
        Instruction instruction = step.instruction();
        MemoryAccess access = Operands.access(instruction);
        int word = access == null ? -1 : word(access);
        int target = Operands.writes(instruction);
        boolean decides = target >= 0 && variables.get(target);
        boolean isMove = instruction instanceof Instruction.Alu alu && alu.operation() == AluOperation.MOV;
        boolean isSum = instruction instanceof Instruction.Alu && !isMove;
        if (target >= 0) {
            written.set(target);
            if (!isSum) {
                variables.clear(target);
            }
        }
        if (Prototype.of(instruction).isPresent()) {
            variables.clear(0, 6);
            written.set(0, 6);
        }
        if (isMove && decides && ((Instruction.Alu) instruction).source() instanceof Register source) {
            variables.set(source.number());
        }
        if (word >= 0 && access.reads() && decides) {
            variables.set(word);
        }
        if (word >= 0 && access.writes()) {
            written.set(word);
            if (variables.get(word) && instruction instanceof Instruction.Store store) {
                variables.clear(word);
                if (store.source() instanceof Register source) {
                    variables.set(source.number());
                }
            }
        }
    }

    /** The variable of a stack word whose place the instruction itself says, or -1. */
    private static int word(MemoryAccess access) {
        boolean isPlace = Registers.isFramePointer(access.base()) && State.inFrame(access.offset(), access.bytes());
        return isPlace ? Liveness.word(State.word(Registers.depthOfFramePointer(access.base()), access.offset())) : -1;
    }

    /** What a loop changes would tell each of its rounds apart. By their numbers, blocks between a header and an edge back to it are its loop. */
    private void leaveOutCounters(List<Block> blocks) {
        int[] last = new int[blocks.size()];
        for (int number = 0; number < blocks.size(); number++) {
            for (int successor : blocks.get(number).terminator().successors()) {
                if (successor <= number) {
                    last[successor] = number;
                }
            }
        }
        for (int header = 0; header < last.length; header++) {
            for (int block = header; headers[header] && block <= last[header]; block++) {
                deciding[header].andNot(written[block]);
            }
        }
    }
}
