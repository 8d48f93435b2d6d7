package org.trufflebpf.language.verifier;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.trufflebpf.language.cfg.CallbackHelper;
import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.isa.Code;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.verifier.HelperPrototype.Argument;

/**
 * Finds reads of registers that not every path has written, as the kernel sees them: a call of any kind takes r1 to r5 away, and a function
 * begins without r0 and r6 to r9. The graph does not show that, as there inlined functions share registers with their callers.
 */
final class WrittenRegisters {
    private static final int ARGUMENTS = 0b11_1110;
    private static final int FRAME_POINTER = 1 << 10;

    /**
     * @param slot of the read
     * @param register 0 to 9
     */
    record Unwritten(int slot, int register) {
    }

    /**
     * Of a function.
     *
     * @param needs the argument registers that it reads as its caller left them, a bit each
     * @param gives whether r0 is written wherever it ends
     */
    private record Summary(int needs, boolean gives) {
    }

    private final Code code;
    private final BitSet reached;
    private final int[] starts;
    private final Map<Integer, Summary> summaries = new HashMap<>();
    private final List<Unwritten> found = new ArrayList<>();

    private WrittenRegisters(Code code, BitSet reached) {
        this.code = code;
        this.reached = reached;
        this.starts = code.functionStarts();
    }

    /**
     * @param start the first slot of the function that is run
     * @param written the registers that it starts with, a bit each
     * @param reached slots that control gets to
     */
    static List<Unwritten> find(Code code, int start, int written, BitSet reached) {
        WrittenRegisters registers = new WrittenRegisters(code, reached);
        registers.visit(start, written);
        return registers.found;
    }

    /** Of a function that is called; its callers see to the arguments. */
    private Summary summary(int start) {
        Summary known = summaries.get(start);
        if (known == null) {
            known = visit(start, ARGUMENTS);
            summaries.put(start, known);
        }
        return known;
    }

    private Summary visit(int start, int written) {
        int end = end(start);
        // By slot: the registers that all paths have written, and the arguments that some path has not changed.
        int[] all = new int[end - start];
        int[] kept = new int[end - start];
        BitSet work = new BitSet();
        BitSet seen = new BitSet();
        all[0] = written | FRAME_POINTER;
        kept[0] = ARGUMENTS;
        work.set(0);
        seen.set(0);
        for (int at = work.nextSetBit(0); at >= 0; at = work.nextSetBit(0)) {
            work.clear(at);
            int slot = start + at;
            Instruction instruction = code.slots().get(slot);
            int after = after(instruction, all[at]);
            int keptAfter = kept[at] & ~overwritten(instruction);
            for (int next : next(instruction, slot)) {
                int to = next - start;
                if (reached.get(next) && (!seen.get(to) || (all[to] & after) != all[to] || (kept[to] | keptAfter) != kept[to])) {
                    all[to] = seen.get(to) ? all[to] & after : after;
                    kept[to] |= keptAfter;
                    seen.set(to);
                    work.set(to);
                }
            }
        }
        int needs = 0;
        boolean gives = true;
        for (int at = seen.nextSetBit(0); at >= 0; at = seen.nextSetBit(at + 1)) {
            Instruction instruction = code.slots().get(start + at);
            int reads = reads(instruction, start == 0);
            needs |= reads & kept[at];
            gives &= !(instruction instanceof Instruction.Exit) || (all[at] & 1) != 0;
            for (int missing = reads & ~all[at]; missing != 0; missing &= missing - 1) {
                found.add(new Unwritten(start + at, Integer.numberOfTrailingZeros(missing)));
            }
        }
        return new Summary(needs, gives);
    }

    private int end(int start) {
        for (int other : starts) {
            if (other > start) {
                return other;
            }
        }
        return code.slots().size();
    }

    private static int[] next(Instruction instruction, int slot) {
        int following = slot + instruction.slotCount();
        return switch (instruction) {
            case Instruction.Exit _ -> new int[0];
            case Instruction.Jump jump -> new int[]{jump.slot()};
            case Instruction.Branch branch -> new int[]{branch.slot(), following};
            case Instruction.MayGoto jump -> new int[]{jump.slot(), following};
            default -> new int[]{following};
        };
    }

    private int after(Instruction instruction, int written) {
        return switch (instruction) {
            case Instruction.CallHelper _, Instruction.CallKfunc _ -> written & ~ARGUMENTS | 1;
            case Instruction.CallLocal call -> written & ~ARGUMENTS & ~1 | (summary(call.slot()).gives ? 1 : 0);
            default -> Operands.writes(instruction) < 0 ? written : written | 1 << Operands.writes(instruction);
        };
    }

    private static int overwritten(Instruction instruction) {
        return switch (instruction) {
            case Instruction.CallHelper _, Instruction.CallKfunc _, Instruction.CallLocal _ -> ARGUMENTS;
            default -> Operands.writes(instruction) < 0 ? 0 : 1 << Operands.writes(instruction);
        };
    }

    private int reads(Instruction instruction, boolean isMain) {
        return switch (instruction) {
            case Instruction.Exit _ -> isMain ? 1 : 0;
            case Instruction.CallLocal call -> summary(call.slot()).needs;
            case Instruction.LoadFunction load -> {
                // What it needs whoever calls it gives.
                summary(load.functionSlot());
                yield 0;
            }
            case Instruction.CallHelper call when CallbackHelper.has(call.helper()) -> ARGUMENTS & ~(1 << 5);
            default -> {
                int reads = bits(Operands.reads(instruction));
                Operands.MemoryAccess access = Operands.access(instruction);
                reads |= access == null ? 0 : 1 << access.base();
                yield Prototype.of(instruction).map(WrittenRegisters::arguments).orElse(0) | reads;
            }
        };
    }

    private static int arguments(Prototype prototype) {
        int bits = 0;
        for (int i = 0; i < prototype.arguments().size(); i++) {
            bits |= prototype.arguments().get(i) == Argument.OPTIONAL ? 0 : 1 << i + 1;
        }
        return bits;
    }

    private static int bits(int[] registers) {
        int bits = 0;
        for (int register : registers) {
            bits |= 1 << register;
        }
        return bits;
    }

    /** What the main function or a timer's callback starts with. */
    static int given(Entry entry) {
        return switch (entry) {
            case XDP -> 1 << Registers.CONTEXT_ARGUMENT;
            case MEMORY -> 0b110;
            case TIMER -> 0b1110;
        };
    }
}
