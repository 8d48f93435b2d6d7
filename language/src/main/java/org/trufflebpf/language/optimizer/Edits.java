package org.trufflebpf.language.optimizer;

import java.util.ArrayList;
import java.util.List;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.Immediate;
import org.trufflebpf.language.isa.Instruction.Register;

/** Changes to the steps of one block. A replaced step keeps its slot, so messages and tools find the instruction that it came from. */
final class Edits {
    /** Scratch registers whose contents are needed only within one run of inserted steps. */
    static final int LOCAL = 8;

    private final List<Step> steps;
    /** By step: what to insert in front of it; the last at the end of the block. */
    private final List<List<Step>> before;
    private final List<List<Instruction>> replacements;
    private final int end;
    private int captured;
    private int reserved;
    private boolean changed;

    /** @param end the slot of the block's end */
    Edits(List<Step> steps, int end) {
        this.steps = steps;
        this.end = end;
        this.before = new ArrayList<>();
        this.replacements = new ArrayList<>();
        for (int i = 0; i <= steps.size(); i++) {
            before.add(null);
            replacements.add(null);
        }
    }

    static int local(int number) {
        return Registers.SCRATCH + number;
    }

    static Instruction move(int target, int source) {
        return new Instruction.Alu(AluOperation.MOV, true, target, new Register(source));
    }

    /** How many registers {@link #capture} can still give. */
    int free() {
        return Registers.SCRATCH_COUNT - LOCAL - captured - reserved;
    }

    /** Keeps some back for who {@linkplain #release releases} them. */
    void reserve(int count) {
        reserved = count;
    }

    void release() {
        reserved = 0;
    }

    /** A register of its own until the block ends. */
    int capture() {
        return Registers.SCRATCH + LOCAL + captured++;
    }

    void before(int step, Instruction instruction) {
        before(step, new Step(slot(step), instruction));
    }

    void before(int step, Step inserted) {
        if (before.get(step) == null) {
            before.set(step, new ArrayList<>());
        }
        before.get(step).add(inserted);
        changed = true;
    }

    int slot(int step) {
        return step < steps.size() ? steps.get(step).slot() : end;
    }

    void replace(int step, Instruction... instructions) {
        replacements.set(step, List.of(instructions));
        changed = true;
    }

    /** In the place of a store that goes stays what keeps its line visible to tools; machine code has nothing of it. */
    void leave(int step, Instruction.Store store) {
        replace(step, switch (store.source()) {
            case Register source -> move(local(0), source.number());
            case Immediate source -> new Instruction.LoadConstant(local(0), source.value());
        });
    }

    boolean isChanged() {
        return changed;
    }

    List<Step> result() {
        List<Step> result = new ArrayList<>();
        for (int i = 0; i <= steps.size(); i++) {
            int slot = slot(i);
            if (before.get(i) != null) {
                result.addAll(before.get(i));
            }
            if (replacements.get(i) != null) {
                replacements.get(i).forEach(instruction -> result.add(new Step(slot, instruction)));
            } else if (i < steps.size()) {
                result.add(steps.get(i));
            }
        }
        return result;
    }
}
