package org.trufflebpf.language.cfg;

import java.util.BitSet;
import java.util.List;
import org.trufflebpf.language.isa.Code;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.object.ProgramSpec.Line;

/**
 * Where lines of C begin. An object says at which instruction a line's code starts and nothing until the next one, so what the compiler put behind a
 * branch without a line of its own seems to belong to the line before, which may not have run. As for gdb, a line runs where control comes through
 * the first of its instructions; where it comes into their middle, the line before goes on.
 */
public final class LineStarts {
    private final ProgramSpec program;
    /** Slots where control comes from elsewhere, or from a branch that was not taken. */
    private final BitSet entries = new BitSet();
    /** By index of the line: slot of the first of the neighbours that are of the same line, in other columns. */
    private final int[] firsts;

    public LineStarts(ProgramSpec program, Code code) {
        this.program = program;
        List<Instruction> slots = code.slots();
        for (int slot = 0; slot < slots.size(); slot++) {
            switch (slots.get(slot)) {
                case Instruction.Jump jump -> entries.set(jump.slot());
                case Instruction.Branch branch -> enter(slot, branch.slot());
                case Instruction.MayGoto jump -> enter(slot, jump.slot());
                case Instruction.CallLocal call -> enter(slot, call.slot());
                case Instruction.CallHelper call when CallbackHelper.has(call.helper()) -> entries.set(slot + 1);
                case null, default -> {
                }
            }
        }
        List<Line> lines = program.lines();
        firsts = new int[lines.size()];
        for (int i = 0; i < firsts.length; i++) {
            firsts[i] = i > 0 && lines.get(i - 1).isSameAs(lines.get(i)) ? firsts[i - 1] : lines.get(i).slot();
        }
    }

    private void enter(int slot, int target) {
        entries.set(slot + 1);
        entries.set(target);
    }

    /** Whether what runs from {@code slot} on, in one go, has come through the beginning of its line. */
    public boolean isAt(int slot) {
        int line = program.lineIndex(slot);
        return line >= 0 && entries.previousSetBit(slot) <= firsts[line];
    }

    /** The last slot of what runs in one go: where its terminator stands, unless that is none and control only comes to the next block. */
    public int lastSlot(Block block) {
        if (!(block.terminator() instanceof Terminator.Goto) || block.steps().isEmpty()) {
            return block.end();
        }
        int last = block.steps().getLast().slot();
        int next = entries.nextSetBit(last + 1);
        return next >= 0 && next <= block.end() ? last : block.end();
    }
}
