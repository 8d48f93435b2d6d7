package org.trufflebpf.language.isa;

import static org.trufflebpf.language.isa.RawInstruction.ABSOLUTE;
import static org.trufflebpf.language.isa.RawInstruction.ALU64;
import static org.trufflebpf.language.isa.RawInstruction.ATOMIC;
import static org.trufflebpf.language.isa.RawInstruction.DOUBLE_CONSTANT;
import static org.trufflebpf.language.isa.RawInstruction.FETCH;
import static org.trufflebpf.language.isa.RawInstruction.INDIRECT;
import static org.trufflebpf.language.isa.RawInstruction.JMP;
import static org.trufflebpf.language.isa.RawInstruction.LOAD_ACQUIRE;
import static org.trufflebpf.language.isa.RawInstruction.MEMORY;
import static org.trufflebpf.language.isa.RawInstruction.MEMORY_SIGNED;
import static org.trufflebpf.language.isa.RawInstruction.STORE_RELEASE;

import java.util.Map;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.AtomicOperation;
import org.trufflebpf.language.isa.Instruction.ByteOrder;
import org.trufflebpf.language.isa.Instruction.Condition;
import org.trufflebpf.language.isa.Instruction.Immediate;
import org.trufflebpf.language.isa.Instruction.Operand;
import org.trufflebpf.language.isa.Instruction.Register;
import org.trufflebpf.language.isa.Instruction.Size;

/**
 * Decodes instructions one by one, each on its own: fields that an instruction does not use must be zero (RFC 9669 section 2.4), and
 * jumps are not followed.
 */
final class InstructionDecoder {

    /** The frame pointer, r10: no instruction may write it. */
    static final int FRAME_POINTER = 10;

    private final byte[] code;
    private final Map<Integer, MapReference> references;
    private final Map<Integer, String> kfuncs;
    private final Strictness strictness;

    private int slot;
    private RawInstruction raw;

    InstructionDecoder(byte[] code, Map<Integer, MapReference> references, Map<Integer, String> kfuncs, Strictness strictness) {
        this.code = code;
        this.references = references;
        this.kfuncs = kfuncs;
        this.strictness = strictness;
    }

    Instruction decode(int at) throws MalformedCodeException {
        slot = at;
        raw = RawInstruction.at(code, at);
        if (raw.target() > FRAME_POINTER || raw.source() > FRAME_POINTER) {
            throw malformed("there is no register r" + Math.max(raw.target(), raw.source()) + ", registers are r0 to r10");
        }
        return switch (raw.instructionClass()) {
            case RawInstruction.LD -> loadConstant();
            case RawInstruction.LDX -> load();
            case RawInstruction.ST -> storeConstant();
            case RawInstruction.STX -> raw.mode() == ATOMIC ? atomic() : store();
            case RawInstruction.ALU, ALU64 -> arithmetic(raw.instructionClass() == ALU64);
            default -> jump(raw.instructionClass() == JMP);
        };
    }

    private Instruction arithmetic(boolean wide) throws MalformedCodeException {
        if (raw.operation() == RawInstruction.NEGATE) {
            return negate(wide);
        }
        if (raw.operation() == RawInstruction.SWAP) {
            return swapBytes(wide);
        }
        AluOperation operation = AluOperation.of(raw.operation(), raw.offset());
        if (operation == null) {
            throw unknownOpcode();
        }
        writable(raw.target());
        if (operation == AluOperation.MOV && raw.usesRegister() && raw.offset() != 0) {
            return moveSignExtended(wide);
        }
        if (operation.offset == 0) {
            unused("offset", raw.offset());
        }
        Operand source = operand();
        if (strictness == Strictness.KERNEL && source instanceof Immediate(int value)) {
            checkConstant(operation, wide, value);
        }
        return new Instruction.Alu(operation, wide, raw.target(), source);
    }

    private void checkConstant(AluOperation operation, boolean wide, int value) throws MalformedCodeException {
        switch (operation) {
            case DIV, SDIV, MOD, SMOD -> {
                if (value == 0) {
                    throw malformed("division by the constant zero");
                }
            }
            case LSH, RSH, ARSH -> {
                int width = wide ? 64 : 32;
                if (value < 0 || value >= width) {
                    throw malformed("shift by " + value + ", must be 0 to " + (width - 1));
                }
            }
            default -> {
            }
        }
    }

    private Instruction negate(boolean wide) throws MalformedCodeException {
        if (raw.usesRegister()) {
            throw unknownOpcode();
        }
        writable(raw.target());
        unused("source", raw.source());
        unused("offset", raw.offset());
        unused("immediate", raw.immediate());
        return new Instruction.Negate(wide, raw.target());
    }

    private Instruction swapBytes(boolean wide) throws MalformedCodeException {
        if (wide && raw.usesRegister()) {
            throw unknownOpcode();
        }
        writable(raw.target());
        unused("source", raw.source());
        unused("offset", raw.offset());
        int bits = raw.immediate();
        if (bits != 16 && bits != 32 && bits != 64) {
            throw malformed("byte swap of " + bits + " bits, must be 16, 32 or 64");
        }
        ByteOrder order = wide ? ByteOrder.SWAP : raw.usesRegister() ? ByteOrder.BIG : ByteOrder.LITTLE;
        return new Instruction.SwapBytes(order, raw.target(), bits);
    }

    private Instruction moveSignExtended(boolean wide) throws MalformedCodeException {
        unused("immediate", raw.immediate());
        int bits = raw.offset();
        if (bits != 8 && bits != 16 && !(wide && bits == 32)) {
            throw malformed("sign extension of " + bits + " bits, must be 8" + (wide ? ", 16 or 32" : " or 16"));
        }
        return new Instruction.MoveSignExtended(wide, raw.target(), raw.source(), bits);
    }

    private Instruction loadConstant() throws MalformedCodeException {
        if (raw.opcode() != DOUBLE_CONSTANT) {
            boolean legacy = (raw.mode() == ABSOLUTE || raw.mode() == INDIRECT) && raw.size() != Size.DOUBLE;
            throw legacy ? malformed("legacy packet access LD_" + (raw.mode() == ABSOLUTE ? "ABS" : "IND") + ", use loads from xdp_md.data")
                    : unknownOpcode();
        }
        if (code.length < (slot + 2) * RawInstruction.BYTES) {
            throw malformed("the second slot of the 64-bit constant is missing");
        }
        RawInstruction second = RawInstruction.at(code, slot + 1);
        if (second.opcode() != 0 || second.target() != 0 || second.source() != 0 || second.offset() != 0) {
            throw malformed("the second slot of the 64-bit constant has more than an immediate");
        }
        unused("offset", raw.offset());
        writable(raw.target());
        return switch (raw.source()) {
            case RawInstruction.CONSTANT ->
                new Instruction.LoadConstant(raw.target(), (long) second.immediate() << 32 | Integer.toUnsignedLong(raw.immediate()));
            case RawInstruction.MAP -> {
                unused("second immediate", second.immediate());
                yield new Instruction.LoadMap(raw.target(), reference(false));
            }
            case RawInstruction.MAP_VALUE -> new Instruction.LoadMapValue(raw.target(), reference(true), second.immediate());
            case RawInstruction.FUNCTION -> {
                unused("second immediate", second.immediate());
                yield new Instruction.LoadFunction(raw.target(), slotAfter(raw.immediate()));
            }
            case RawInstruction.VARIABLE -> throw malformed("the address of kernel variable " + raw.immediate() + " is not supported");
            case RawInstruction.MAP_INDEX, RawInstruction.MAP_INDEX_VALUE -> throw malformed("a map by index is not supported, name the map");
            default -> throw malformed("no 64-bit constant has kind " + raw.source());
        };
    }

    private String reference(boolean value) throws MalformedCodeException {
        MapReference reference = references.get(slot);
        if (reference == null) {
            throw malformed("file descriptor " + raw.immediate() + " is not a map of this program");
        }
        if (reference.value() != value) {
            throw malformed("map " + reference.map()
                    + (value ? ": its handle is referred to, its value used" : ": its value is referred to, its handle used"));
        }
        return reference.map();
    }

    private Instruction load() throws MalformedCodeException {
        boolean signed = raw.mode() == MEMORY_SIGNED;
        if (raw.mode() != MEMORY && !(signed && raw.size() != Size.DOUBLE)) {
            throw unknownOpcode();
        }
        unused("immediate", raw.immediate());
        writable(raw.target());
        return new Instruction.Load(raw.size(), signed, raw.target(), raw.source(), raw.offset());
    }

    private Instruction storeConstant() throws MalformedCodeException {
        if (raw.mode() != MEMORY) {
            throw unknownOpcode();
        }
        unused("source", raw.source());
        return new Instruction.Store(raw.size(), raw.target(), raw.offset(), new Immediate(raw.immediate()));
    }

    private Instruction store() throws MalformedCodeException {
        if (raw.mode() != MEMORY) {
            throw unknownOpcode();
        }
        unused("immediate", raw.immediate());
        return new Instruction.Store(raw.size(), raw.target(), raw.offset(), new Register(raw.source()));
    }

    private Instruction atomic() throws MalformedCodeException {
        if (raw.immediate() == LOAD_ACQUIRE) {
            writable(raw.target());
            return new Instruction.LoadAcquire(raw.size(), raw.target(), raw.source(), raw.offset());
        }
        if (raw.immediate() == STORE_RELEASE) {
            return new Instruction.StoreRelease(raw.size(), raw.target(), raw.offset(), raw.source());
        }
        boolean fetch = (raw.immediate() & FETCH) != 0;
        AtomicOperation operation = AtomicOperation.of(raw.immediate() & ~FETCH);
        if (operation == null || operation.alwaysFetches() && !fetch) {
            throw malformed("there is no atomic operation 0x" + Integer.toHexString(raw.immediate()));
        }
        if (raw.size() != Size.WORD && raw.size() != Size.DOUBLE) {
            throw malformed("atomic operation on " + raw.size().bytes() * 8 + " bits, must be 32 or 64");
        }
        if (fetch && operation != AtomicOperation.COMPARE_EXCHANGE) {
            writable(raw.source());
        }
        return new Instruction.Atomic(operation, fetch, raw.size(), raw.target(), raw.offset(), raw.source());
    }

    private Instruction jump(boolean wide) throws MalformedCodeException {
        return switch (raw.operation()) {
            case RawInstruction.GOTO -> goTo(wide);
            case RawInstruction.CALL -> call(wide);
            case RawInstruction.EXIT -> exit(wide);
            case RawInstruction.MAY_GOTO -> mayGoto(wide);
            default -> branch(wide);
        };
    }

    private Instruction goTo(boolean wide) throws MalformedCodeException {
        if (raw.usesRegister()) {
            throw unknownOpcode();
        }
        unused("destination", raw.target());
        unused("source", raw.source());
        if (wide) {
            unused("immediate", raw.immediate());
        } else {
            unused("offset", raw.offset());
        }
        return new Instruction.Jump(slotAfter(wide ? raw.offset() : raw.immediate()), !wide);
    }

    private Instruction mayGoto(boolean wide) throws MalformedCodeException {
        if (!wide || raw.usesRegister()) {
            throw unknownOpcode();
        }
        unused("destination", raw.target());
        unused("source", raw.source());
        unused("immediate", raw.immediate());
        return new Instruction.MayGoto(slotAfter(raw.offset()));
    }

    private Instruction exit(boolean wide) throws MalformedCodeException {
        if (!wide || raw.usesRegister()) {
            throw unknownOpcode();
        }
        unused("destination", raw.target());
        unused("source", raw.source());
        unused("offset", raw.offset());
        unused("immediate", raw.immediate());
        return new Instruction.Exit();
    }

    private Instruction branch(boolean wide) throws MalformedCodeException {
        Condition condition = Condition.of(raw.operation());
        if (condition == null) {
            throw unknownOpcode();
        }
        return new Instruction.Branch(condition, wide, raw.target(), operand(), slotAfter(raw.offset()));
    }

    private Instruction call(boolean wide) throws MalformedCodeException {
        if (!wide) {
            throw unknownOpcode();
        }
        if (raw.usesRegister()) {
            throw malformed("a call through a register (callx) is not supported");
        }
        unused("destination", raw.target());
        if (raw.source() != RawInstruction.CALL_KFUNC) {
            unused("offset", raw.offset());
        }
        return switch (raw.source()) {
            case RawInstruction.CALL_HELPER -> new Instruction.CallHelper(raw.immediate());
            case RawInstruction.CALL_LOCAL -> new Instruction.CallLocal(slotAfter(raw.immediate()));
            case RawInstruction.CALL_KFUNC -> {
                String name = kfuncs.get(slot);
                if (name == null) {
                    throw malformed("kernel function with BTF id " + raw.immediate() + " has no name, load the program from an object file");
                }
                yield new Instruction.CallKfunc(name);
            }
            default -> throw malformed("no call has kind " + raw.source());
        };
    }

    private Operand operand() throws MalformedCodeException {
        if (raw.usesRegister()) {
            unused("immediate", raw.immediate());
            return new Register(raw.source());
        }
        unused("source", raw.source());
        return new Immediate(raw.immediate());
    }

    /** The slot {@code distance} behind the next instruction; one that no code has when it is past the range of int. */
    private int slotAfter(int distance) {
        return Math.clamp((long) slot + 1 + distance, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    private void writable(int register) throws MalformedCodeException {
        if (register == FRAME_POINTER) {
            throw malformed("the frame pointer r10 is read only");
        }
    }

    private void unused(String field, int value) throws MalformedCodeException {
        if (value != 0) {
            throw malformed("opcode 0x%02x does not use its %s field, which must be 0 but is %d".formatted(raw.opcode(), field, value));
        }
    }

    private MalformedCodeException unknownOpcode() {
        return malformed("unknown opcode 0x%02x".formatted(raw.opcode()));
    }

    private MalformedCodeException malformed(String message) {
        return new MalformedCodeException(slot, message);
    }
}
