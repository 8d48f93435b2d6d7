package org.trufflebpf.language.assembly;

import org.trufflebpf.language.assembly.Tokens.Kind;
import org.trufflebpf.language.assembly.Tokens.Token;
import org.trufflebpf.language.isa.Encoder;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.AtomicOperation;
import org.trufflebpf.language.isa.Instruction.Condition;
import org.trufflebpf.language.isa.Instruction.Immediate;
import org.trufflebpf.language.isa.Instruction.Operand;
import org.trufflebpf.language.isa.Instruction.Size;
import org.trufflebpf.language.verifier.HelperNames;

/** Reads one instruction: the inverse of {@link Disassembler}. */
final class InstructionParser {

    /** What the names mean that are not the language's own. */
    interface Names {

        /** The slot of a label or function of this program, or null. */
        Integer slot(String label);

        boolean isMap(String name);

        boolean isKfunc(String name);
    }

    /** @param column of its name in the line */
    private record Reg(int number, boolean wide, int column) {
    }

    private record Address(int base, int offset) {
    }

    /** @param column of its type in the line */
    private record Memory(Size size, boolean signed, Address address, int column) {
    }

    private static final int LAST_REGISTER = 10;
    private static final long MAX_UNSIGNED_32 = 0xffff_ffffL;

    private final Tokens tokens;
    private final Names names;
    private final int slot;

    InstructionParser(Tokens tokens, Names names, int slot) {
        this.tokens = tokens;
        this.names = names;
        this.slot = slot;
    }

    /** Whether the instruction takes two slots: only 64-bit constants do, and only they end in {@code ll}. */
    static boolean isDouble(Tokens tokens) {
        return tokens.last().is("ll");
    }

    Instruction parse() throws AssemblyException {
        Token first = tokens.peek();
        Instruction instruction;
        if (first.kind() == Kind.WORD && Syntax.isRegister(first.text())) {
            instruction = assignment(register());
        } else if (first.is("*")) {
            instruction = store();
        } else {
            instruction = statement();
        }
        tokens.expectEnd();
        return instruction;
    }

    private Instruction statement() throws AssemblyException {
        if (tokens.accept("if")) {
            return branch();
        }
        if (tokens.accept("goto")) {
            return new Instruction.Jump(target(true), false);
        }
        if (tokens.accept("gotol")) {
            return new Instruction.Jump(target(false), true);
        }
        if (tokens.accept("may_goto")) {
            return new Instruction.MayGoto(target(true));
        }
        if (tokens.accept("call")) {
            return call();
        }
        if (tokens.accept("exit")) {
            return new Instruction.Exit();
        }
        if (tokens.accept("lock")) {
            return locked();
        }
        if (tokens.accept(Syntax.STORE_RELEASE)) {
            return storeRelease();
        }
        throw tokens.expected("an instruction");
    }

    private Instruction assignment(Reg target) throws AssemblyException {
        AluOperation operation = Syntax.ASSIGNMENTS_BY_TEXT.get(tokens.peek().text());
        if (operation == null || tokens.peek().kind() != Kind.SIGN) {
            throw tokens.expected("an assignment such as = or +=");
        }
        tokens.next();
        if (operation == AluOperation.MOV) {
            return value(target);
        }
        return new Instruction.Alu(operation, target.wide(), target.number(), operand(target.wide()));
    }

    /** What follows {@code rX =}. */
    private Instruction value(Reg target) throws AssemblyException {
        Token first = tokens.peek();
        if (first.is("-") && tokens.peekSecond().kind() == Kind.WORD) {
            tokens.next();
            same(target);
            return new Instruction.Negate(target.wide(), target.number());
        }
        if (tokens.accept("(")) {
            return signExtension(target);
        }
        if (first.is("*")) {
            return load(target);
        }
        if (isDouble(tokens)) {
            return constant(target);
        }
        if (first.kind() == Kind.WORD && Syntax.isSwap(first.text())) {
            return swap(target);
        }
        if (first.kind() == Kind.WORD && !Syntax.isRegister(first.text())) {
            return atomicValue(target);
        }
        return new Instruction.Alu(AluOperation.MOV, target.wide(), target.number(), operand(target.wide()));
    }

    private Instruction signExtension(Reg target) throws AssemblyException {
        Size size = tokens.peek().kind() == Kind.WORD ? Syntax.SIGNED_SIZES.get(tokens.peek().text()) : null;
        if (size == null || size == Size.WORD && !target.wide()) {
            throw tokens.expected(target.wide() ? "s8, s16 or s32" : "s8 or s16");
        }
        tokens.next();
        tokens.expect(")");
        return new Instruction.MoveSignExtended(target.wide(), target.number(), register(target.wide()), size.bytes() * Byte.SIZE);
    }

    private Instruction load(Reg target) throws AssemblyException {
        Memory memory = memory();
        if (!target.wide() && (memory.signed() || memory.size() == Size.DOUBLE)) {
            throw tokens.error(memory.column(), "expected u8, u16 or u32 for a 32-bit register");
        }
        return new Instruction.Load(memory.size(), memory.signed(), target.number(), memory.address().base(), memory.address().offset());
    }

    private Instruction constant(Reg target) throws AssemblyException {
        if (!target.wide()) {
            throw tokens.error(target.column(), "expected a 64-bit register (r) for a 64-bit constant");
        }
        Instruction constant = tokens.peek().isName() ? place(target) : new Instruction.LoadConstant(target.number(), wideNumber());
        tokens.expect("ll");
        return constant;
    }

    private long wideNumber() throws AssemblyException {
        Token token = tokens.peek();
        if (token.kind() == Kind.NUMBER) {
            return tokens.next().value();
        }
        return tokens.number("a 64-bit number, a map or a function", Long.MIN_VALUE, Long.MAX_VALUE);
    }

    /** A map's handle, the address of a byte of its value, or a function. */
    private Instruction place(Reg target) throws AssemblyException {
        Token name = tokens.next();
        Integer function = names.slot(name.text());
        if (!names.isMap(name.text())) {
            if (function == null) {
                throw tokens.error(name.column(), "there is no map and no function " + Syntax.quoted(name.text()));
            }
            return new Instruction.LoadFunction(target.number(), function);
        }
        if (tokens.peek().is("ll")) {
            return new Instruction.LoadMap(target.number(), name.text());
        }
        if (!tokens.accept("+") && !tokens.peek().is("-")) {
            throw tokens.expected("'ll', or + and an offset into the map's value");
        }
        int offset = (int) tokens.number("an offset", Integer.MIN_VALUE, Integer.MAX_VALUE);
        return new Instruction.LoadMapValue(target.number(), name.text(), offset);
    }

    private Instruction swap(Reg target) throws AssemblyException {
        String word = tokens.peek().text();
        int digits = word.length() - 2;
        int bits = switch (word.substring(digits)) {
            case "16" -> 16;
            case "32" -> 32;
            case "64" -> 64;
            default -> throw tokens.expected("a byte swap of 16, 32 or 64 bits");
        };
        if (!target.wide()) {
            throw tokens.error(target.column(), "expected a 64-bit register (r) for a byte swap");
        }
        tokens.next();
        same(target);
        return new Instruction.SwapBytes(Syntax.SWAPS_BY_TEXT.get(word.substring(0, digits)), target.number(), bits);
    }

    private Instruction atomicValue(Reg target) throws AssemblyException {
        String word = tokens.peek().text();
        AtomicOperation fetching = Syntax.FETCHING_BY_TEXT.get(word);
        boolean exchange = word.equals(target.wide() ? Syntax.EXCHANGE_WIDE : Syntax.EXCHANGE_NARROW);
        boolean compareExchange = word.equals(target.wide() ? Syntax.COMPARE_EXCHANGE_WIDE : Syntax.COMPARE_EXCHANGE_NARROW);
        boolean acquire = word.equals(Syntax.LOAD_ACQUIRE);
        if (fetching == null && !exchange && !compareExchange && !acquire) {
            throw tokens.expected("a register, a number, a load or an atomic operation on " + (target.wide() ? "64" : "32") + " bits");
        }
        tokens.next();
        tokens.expect("(");
        if (acquire) {
            Memory memory = pointer();
            checkWidth(target, memory);
            tokens.expect(")");
            return new Instruction.LoadAcquire(memory.size(), target.number(), memory.address().base(), memory.address().offset());
        }
        Size size = target.wide() ? Size.DOUBLE : Size.WORD;
        Address address = fetching == null ? address() : sized(pointer(), size);
        tokens.expect(",");
        int source = target.number();
        if (compareExchange) {
            if (target.number() != 0) {
                throw tokens.error(target.column(), "expected r0 or w0 to take the result of " + word);
            }
            same(target);
            tokens.expect(",");
            source = register(target.wide());
        } else {
            same(target);
        }
        tokens.expect(")");
        AtomicOperation operation = fetching != null ? fetching : exchange ? AtomicOperation.EXCHANGE : AtomicOperation.COMPARE_EXCHANGE;
        return new Instruction.Atomic(operation, true, size, address.base(), address.offset(), source);
    }

    private Address sized(Memory memory, Size size) throws AssemblyException {
        if (memory.signed() || memory.size() != size) {
            throw tokens.error(memory.column(), "expected u" + size.bytes() * Byte.SIZE);
        }
        return memory.address();
    }

    private Instruction locked() throws AssemblyException {
        Memory memory = memory();
        if (memory.signed() || memory.size().bytes() < Size.WORD.bytes()) {
            throw tokens.error(memory.column(), "expected u32 or u64");
        }
        AtomicOperation operation = tokens.peek().kind() == Kind.SIGN ? Syntax.LOCKED_BY_TEXT.get(tokens.peek().text()) : null;
        if (operation == null) {
            throw tokens.expected("+=, |=, &= or ^=");
        }
        tokens.next();
        Reg source = register();
        if (!source.wide() && memory.size() == Size.DOUBLE) {
            throw tokens.error(source.column(), "expected a 64-bit register (r) for u64");
        }
        return new Instruction.Atomic(operation, false, memory.size(), memory.address().base(), memory.address().offset(), source.number());
    }

    private Instruction store() throws AssemblyException {
        Memory memory = memory();
        if (memory.signed()) {
            throw tokens.error(memory.column(), "expected u8, u16, u32 or u64");
        }
        tokens.expect("=");
        Address address = memory.address();
        if (tokens.peek().kind() != Kind.WORD) {
            return new Instruction.Store(memory.size(), address.base(), address.offset(), immediate(memory.size() == Size.DOUBLE));
        }
        Reg source = register();
        if (!source.wide() && memory.size() == Size.DOUBLE) {
            throw tokens.error(source.column(), "expected a 64-bit register (r) for u64");
        }
        return new Instruction.Store(memory.size(), address.base(), address.offset(), new Instruction.Register(source.number()));
    }

    private Instruction storeRelease() throws AssemblyException {
        tokens.expect("(");
        Memory memory = pointer();
        tokens.expect(",");
        Reg source = register();
        checkWidth(source, memory);
        tokens.expect(")");
        return new Instruction.StoreRelease(memory.size(), memory.address().base(), memory.address().offset(), source.number());
    }

    private void checkWidth(Reg register, Memory memory) throws AssemblyException {
        if (memory.signed() || register.wide() != (memory.size() == Size.DOUBLE)) {
            throw tokens.error(memory.column(), "expected " + (register.wide() ? "u64" : "u8, u16 or u32") + " for register " + register.number());
        }
    }

    private Instruction branch() throws AssemblyException {
        Reg left = register();
        Condition condition = tokens.peek().kind() == Kind.SIGN ? Syntax.COMPARISONS_BY_TEXT.get(tokens.peek().text()) : null;
        if (condition == null) {
            throw tokens.expected("a comparison");
        }
        tokens.next();
        Operand right = operand(left.wide());
        tokens.expect("goto");
        return new Instruction.Branch(condition, left.wide(), left.number(), right, target(true));
    }

    private Instruction call() throws AssemblyException {
        Token first = tokens.peek();
        if (!first.isName()) {
            return new Instruction.CallHelper((int) tokens.number("a function or a helper's name or number", Integer.MIN_VALUE, Integer.MAX_VALUE));
        }
        String name = tokens.next().text();
        Integer function = names.slot(name);
        if (function != null) {
            return new Instruction.CallLocal(function);
        }
        if (names.isKfunc(name)) {
            return new Instruction.CallKfunc(name);
        }
        return new Instruction.CallHelper(HelperNames.number(name).orElseThrow(() -> tokens.error(first.column(),
                "there is no function and no helper " + Syntax.quoted(name) + ", declare kernel functions by .extern")));
    }

    /** A label, or a distance from the next instruction. */
    private int target(boolean near) throws AssemblyException {
        Token first = tokens.peek();
        if (first.isName()) {
            Integer label = names.slot(tokens.next().text());
            if (label == null) {
                throw tokens.error(first.column(), "there is no label " + Syntax.quoted(first.text()));
            }
            if (near && !Encoder.isNear(label, slot)) {
                throw tokens.error(first.column(), "label " + Syntax.quoted(first.text()) + " is more than 32767 instructions away, use gotol");
            }
            return label;
        }
        if (!tokens.accept("+") && !first.is("-")) {
            throw tokens.expected("a label, or a distance such as +3");
        }
        long distance = tokens.number("a distance", near ? Short.MIN_VALUE : Integer.MIN_VALUE, near ? Short.MAX_VALUE : Integer.MAX_VALUE);
        return slot + 1 + (int) distance;
    }

    private Memory memory() throws AssemblyException {
        tokens.expect("*");
        return pointer();
    }

    /** Such as {@code (u64 *)(r1 + 0x8)}. */
    private Memory pointer() throws AssemblyException {
        tokens.expect("(");
        String type = tokens.peek().kind() == Kind.WORD ? tokens.peek().text() : "";
        Size unsigned = Syntax.SIZES.get(type);
        Size signed = Syntax.SIGNED_SIZES.get(type);
        if (unsigned == null && signed == null) {
            throw tokens.expected("u8, u16, u32, u64, s8, s16 or s32");
        }
        int column = tokens.next().column();
        tokens.expect("*");
        tokens.expect(")");
        tokens.expect("(");
        Address address = address();
        tokens.expect(")");
        return new Memory(unsigned != null ? unsigned : signed, signed != null, address, column);
    }

    private Address address() throws AssemblyException {
        int base = register(true);
        if (!tokens.accept("+") && !tokens.peek().is("-")) {
            return new Address(base, 0);
        }
        return new Address(base, (int) tokens.number("an offset", Short.MIN_VALUE, Short.MAX_VALUE));
    }

    private Operand operand(boolean wide) throws AssemblyException {
        return tokens.peek().kind() == Kind.WORD ? new Instruction.Register(register(wide)) : immediate(wide);
    }

    private Immediate immediate(boolean wide) throws AssemblyException {
        return new Immediate((int) tokens.number("a register or a number", Integer.MIN_VALUE, wide ? Integer.MAX_VALUE : MAX_UNSIGNED_32));
    }

    private void same(Reg target) throws AssemblyException {
        Token token = tokens.peek();
        if (register(target.wide()) != target.number()) {
            throw tokens.error(token.column(), "expected " + (target.wide() ? "r" : "w") + target.number() + ", found '" + token.text() + "'");
        }
    }

    private int register(boolean wide) throws AssemblyException {
        Token token = tokens.peek();
        Reg register = register();
        if (register.wide() != wide) {
            String kind = wide ? "64-bit register (r)" : "32-bit register (w)";
            throw tokens.error(token.column(), "expected a " + kind + ", found '" + token.text() + "'");
        }
        return register.number();
    }

    private Reg register() throws AssemblyException {
        Token token = tokens.peek();
        if (token.kind() != Kind.WORD || !Syntax.isRegister(token.text())) {
            throw tokens.expected("a register");
        }
        for (int number = 0; number <= LAST_REGISTER; number++) {
            if (token.text().substring(1).equals(Integer.toString(number))) {
                tokens.next();
                return new Reg(number, token.text().startsWith("r"), token.column());
            }
        }
        throw tokens.expected("a register from r0 to r10 or w0 to w10");
    }
}
