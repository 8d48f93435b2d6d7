package org.trufflebpf.language.assembly;

import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.Immediate;
import org.trufflebpf.language.isa.Instruction.Operand;
import org.trufflebpf.language.isa.Instruction.Register;
import org.trufflebpf.language.isa.Instruction.Size;

/**
 * Instructions in LLVM's syntax, as llvm-objdump prints them (numbers in hexadecimal). Maps are always named, as the compiler's assembly
 * output names them: {@code r1 = counters ll} is a map's handle, {@code r1 = .data+0x8 ll} the address of a byte of a map's value. 32-bit
 * atomic instructions are printed as llvm-objdump does with {@code --mcpu=v3} or later, since without it prints others in their place.
 */
public final class Disassembler {

    /** Names for places in code. */
    public interface Symbols {

        /** The label of the jump target at {@code slot}, or null: the distance is printed. */
        String label(int slot);

        /** The name of the function that starts at {@code slot}, or null: the distance is printed. */
        String function(int slot);
    }

    private static final Symbols DISTANCES = new Symbols() {
        @Override
        public String label(int slot) {
            return null;
        }

        @Override
        public String function(int slot) {
            return null;
        }
    };

    private Disassembler() {
    }

    /** {@code instruction}, which is at {@code slot}, with distances for targets of jumps and calls. */
    public static String text(Instruction instruction, int slot) {
        return text(instruction, slot, DISTANCES);
    }

    /** {@code instruction}, which is at {@code slot}. One line, whatever names there are. */
    public static String text(Instruction instruction, int slot, Symbols symbols) {
        return switch (instruction) {
            case Instruction.Alu i ->
                "%s %s %s".formatted(register(i.wide(), i.target()), Syntax.ASSIGNMENTS.get(i.operation()), operand(i.wide(), i.source()));
            case Instruction.Negate i -> "%s = -%1$s".formatted(register(i.wide(), i.target()));
            case Instruction.MoveSignExtended i ->
                "%s = (s%d)%s".formatted(register(i.wide(), i.target()), i.bits(), register(i.wide(), i.source()));
            case Instruction.SwapBytes i -> "r%d = %s%d r%1$d".formatted(i.target(), Syntax.SWAPS.get(i.order()), i.bits());
            case Instruction.LoadConstant i -> "r%d = %s ll".formatted(i.target(), Syntax.hex(i.value()));
            case Instruction.LoadMap i -> "r%d = %s ll".formatted(i.target(), Syntax.quoted(i.map()));
            case Instruction.LoadMapValue i ->
                "r%d = %s%s%s ll".formatted(i.target(), Syntax.quoted(i.map()), i.offset() < 0 ? "" : "+", Syntax.hex(i.offset()));
            case Instruction.LoadFunction i -> {
                String function = symbols.function(i.functionSlot());
                yield function == null ? "ld_pseudo\tr%d, 0x4, 0x%x".formatted(i.target(), i.functionSlot() - slot - 1)
                        : "r%d = %s ll".formatted(i.target(), Syntax.quoted(function));
            }
            case Instruction.Load i -> "r%d = %s".formatted(i.target(), memory(i.signed() ? 's' : 'u', i.size(), i.base(), i.offset()));
            case Instruction.Store i -> "%s = %s".formatted(memory('u', i.size(), i.base(), i.offset()), operand(true, i.source()));
            case Instruction.Atomic i -> atomic(i);
            case Instruction.LoadAcquire i -> "%s = %s(%s)".formatted(register(i.size() == Size.DOUBLE, i.target()), Syntax.LOAD_ACQUIRE,
                    pointer('u', i.size(), i.base(), i.offset()));
            case Instruction.StoreRelease i -> "%s(%s, %s)".formatted(Syntax.STORE_RELEASE, pointer('u', i.size(), i.base(), i.offset()),
                    register(i.size() == Size.DOUBLE, i.source()));
            case Instruction.Jump i -> (i.far() ? "gotol " : "goto ") + target(i.slot(), slot, symbols);
            case Instruction.Branch i -> "if %s %s %s goto %s".formatted(register(i.wide(), i.left()), Syntax.COMPARISONS.get(i.condition()),
                    operand(i.wide(), i.right()), target(i.slot(), slot, symbols));
            case Instruction.MayGoto i -> "may_goto " + target(i.slot(), slot, symbols);
            case Instruction.CallHelper i -> "call " + Syntax.hex(i.helper());
            case Instruction.CallKfunc i -> "call " + Syntax.quoted(i.name());
            case Instruction.CallLocal i -> {
                String function = symbols.function(i.slot());
                yield "call " + (function == null ? Syntax.hex(i.slot() - slot - 1) : Syntax.quoted(function));
            }
            case Instruction.Exit _ -> "exit";
        };
    }

    private static String atomic(Instruction.Atomic i) {
        boolean wide = i.size() == Size.DOUBLE;
        String source = register(wide, i.source());
        if (!i.fetch()) {
            return "lock %s %s %s".formatted(memory('u', i.size(), i.base(), i.offset()), Syntax.LOCKED.get(i.operation()), source);
        }
        String address = address(i.base(), i.offset());
        return switch (i.operation()) {
            case EXCHANGE -> "%s = %s(%s, %1$s)".formatted(source, wide ? Syntax.EXCHANGE_WIDE : Syntax.EXCHANGE_NARROW, address);
            case COMPARE_EXCHANGE -> "%s = %s(%s, %1$s, %s)".formatted(register(wide, 0),
                    wide ? Syntax.COMPARE_EXCHANGE_WIDE : Syntax.COMPARE_EXCHANGE_NARROW, address, source);
            case ADD, OR, AND, XOR ->
                "%s = %s(%s, %1$s)".formatted(source, Syntax.FETCHING.get(i.operation()), pointer('u', i.size(), i.base(), i.offset()));
        };
    }

    private static String register(boolean wide, int number) {
        return (wide ? "r" : "w") + number;
    }

    private static String operand(boolean wide, Operand operand) {
        return switch (operand) {
            case Register(int number) -> register(wide, number);
            case Immediate(int value) -> Syntax.hex(value);
        };
    }

    private static String memory(char sign, Size size, int base, int offset) {
        return "*" + pointer(sign, size, base, offset);
    }

    private static String pointer(char sign, Size size, int base, int offset) {
        return "(%c%d *)(%s)".formatted(sign, size.bytes() * 8, address(base, offset));
    }

    private static String address(int base, int offset) {
        return "r%d %c %s".formatted(base, offset < 0 ? '-' : '+', Syntax.hex(Math.abs(offset)));
    }

    private static String target(int target, int slot, Symbols symbols) {
        String label = symbols.label(target);
        return label == null ? distance(target, slot) : label;
    }

    private static String distance(int target, int slot) {
        int distance = target - slot - 1;
        return distance < 0 ? Syntax.hex(distance) : "+" + Syntax.hex(distance);
    }
}
