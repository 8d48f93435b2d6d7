package org.trufflebpf.language.verifier;

import java.util.List;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.isa.Arithmetic;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.Immediate;
import org.trufflebpf.language.isa.Instruction.Operand;
import org.trufflebpf.language.isa.Instruction.Register;
import org.trufflebpf.language.isa.Instruction.Size;
import org.trufflebpf.language.verifier.Value.Kind;

/** What each instruction does to what is known. */
final class Transfer {
    private static final Range ZERO = Range.constant(0);
    /** In bytes; longer ones are not looked for. */
    private static final int LONGEST_KEY = 64;

    private final MapTable maps;
    private final KnownMaps contents;

    Transfer(MapTable maps, KnownMaps contents) {
        this.maps = maps;
        this.contents = contents;
    }

    static Value operand(State state, Operand operand) {
        return switch (operand) {
            case Register register -> state.register(register.number());
            case Immediate immediate -> Value.constant(immediate.value());
        };
    }

    void apply(Step step, State state) {
        switch (step.instruction()) {
            case Instruction.Alu i when i.operation() == AluOperation.MOV -> AluTransfer.move(state, i);
            case Instruction.Alu i when AluTransfer.isPacketSum(i, state) ->
                            AluTransfer.packetSum(state, i.target(), ((Register) i.source()).number());
            case Instruction.Alu i -> state.setRegister(i.target(),
                            AluTransfer.alu(i.operation(), i.wide(), state.register(i.target()), operand(state, i.source())));
            case Instruction.Negate i -> state.setRegister(i.target(),
                            Value.scalar(ZERO.evaluate(AluOperation.SUB, i.wide(), state.register(i.target()).asScalar().range())));
            case Instruction.MoveSignExtended i -> AluTransfer.signExtend(state, i);
            case Instruction.SwapBytes i ->
                            state.setRegister(i.target(), Value.scalar(state.register(i.target()).asScalar().range().swap(i.order(), i.bits())));
            case Instruction.LoadConstant i -> state.setRegister(i.target(), Value.constant(i.value()));
            case Instruction.LoadMap i -> state.setRegister(i.target(), Value.map(maps.number(i.map())));
            case Instruction.LoadMapValue i -> state.setRegister(i.target(), globalVariable(maps.number(i.map()), i.offset()));
            case Instruction.LoadFunction i -> state.setRegister(i.target(), Value.constant(i.functionSlot()));
            case Instruction.Load i -> state.setRegister(i.target(), load(state, i.size(), i.signed(), i.base(), i.offset()));
            case Instruction.LoadAcquire i -> state.setRegister(i.target(), load(state, i.size(), false, i.base(), i.offset()));
            case Instruction.Store i -> {
                if (i.source() instanceof Register register) {
                    state.identify(register.number());
                }
                store(state, i.size(), i.base(), i.offset(), operand(state, i.source()));
            }
            case Instruction.StoreRelease i -> store(state, i.size(), i.base(), i.offset(), state.register(i.source()));
            case Instruction.Atomic i -> atomic(state, i);
            case Instruction.CallHelper i -> call(state, i, step.slot());
            case Instruction.CallKfunc i -> call(state, i, step.slot());
            case Instruction.Jump i -> throw endOfBlock(i);
            case Instruction.Branch i -> throw endOfBlock(i);
            case Instruction.MayGoto i -> throw endOfBlock(i);
            case Instruction.CallLocal i -> throw endOfBlock(i);
            case Instruction.Exit i -> throw endOfBlock(i);
        }
    }

    private static IllegalStateException endOfBlock(Instruction instruction) {
        return new IllegalStateException("inside a block: " + instruction);
    }

    private static Value loaded(Size size, boolean signed) {
        return signed ? Value.signed(8 * size.bytes()) : Value.unsigned(8 * size.bytes());
    }

    /** The address of a byte in the one value of an array. */
    private Value globalVariable(int map, long offset) {
        int element = contents.find(map, new byte[Integer.BYTES]);
        return element >= 0 ? Value.element(map, element, offset) : Value.mapValue(1L << map, false, offset);
    }

    private Value load(State state, Size size, boolean signed, int baseRegister, int offset) {
        Value base = state.register(baseRegister);
        Value known = knownLoad(base, size, signed, offset);
        if (known != null) {
            return known;
        }
        Value result = null;
        if (base.may(Kind.CONTEXT)) {
            result = join(result, contextLoad(base, size, signed, offset));
        }
        if (base.may(Kind.STACK)) {
            result = join(result, stackLoad(state, base, size, signed, offset));
        }
        if (base.may(Kind.PACKET) || base.may(Kind.MAP_VALUE) || result == null) {
            result = join(result, loaded(size, signed));
        }
        return result;
    }

    /** What the contents say of a load, or null. */
    Value knownLoad(Value base, Size size, boolean signed, int offset) {
        if (!base.isInElement() || !base.isAt(Kind.MAP_VALUE)) {
            return null;
        }
        byte[] value = contents.value(base.map(), base.element());
        long first = base.min() + offset;
        if (value == null || first < 0 || first > value.length - size.bytes()) {
            return null;
        }
        long number = number(value, (int) first, size.bytes());
        return Value.constant(signed ? Arithmetic.signExtend(number, 8 * size.bytes()) : number);
    }

    /** Little-endian. */
    private static long number(byte[] bytes, int first, int count) {
        long number = 0;
        for (int i = count - 1; i >= 0; i--) {
            number = number << 8 | bytes[first + i] & 0xff;
        }
        return number;
    }

    private static Value join(Value left, Value right) {
        return left == null ? right : left.join(right);
    }

    private static Value contextLoad(Value base, Size size, boolean signed, int offset) {
        if (signed) {
            // Only of numbers; what would be a pointer traps.
            return loaded(size, true);
        }
        ContextField field = base.isAt(Kind.CONTEXT) && size == Size.WORD ? ContextField.at(base.min() + offset) : null;
        return switch (field) {
            case DATA -> Value.PACKET;
            case DATA_META -> Value.PACKET_META;
            case DATA_END -> Value.PACKET_END;
            case INGRESS_IFINDEX, RX_QUEUE_INDEX, EGRESS_IFINDEX -> Value.unsigned(32);
            // Which field is not known before it runs: any of them.
            case null -> Value.PACKET.join(Value.PACKET_END).join(Value.ANY_SCALAR);
        };
    }

    private static Value stackLoad(State state, Value base, Size size, boolean signed, int offset) {
        if (!StackUse.isFixed(base, offset, size.bytes())) {
            return loaded(size, signed);
        }
        long position = base.min() + offset;
        int number = State.word(base.depth(), position);
        Value word = state.stackWord(number);
        if (size == Size.DOUBLE) {
            state.identifyStackWord(number);
            return word.mayBeDynptr() ? Value.ANY_SCALAR : state.stackWord(number);
        }
        if (!word.isOnly(Kind.SCALAR)) {
            return loaded(size, signed);
        }
        Range part = word.range().evaluate(AluOperation.RSH, true, shift(position)).lowest(8 * size.bytes());
        return Value.scalar(signed ? part.signExtend(8 * size.bytes()) : part);
    }

    /** Of a place inside its word, in bits. */
    private static Range shift(long position) {
        return Range.constant(8 * (position & 7));
    }

    private void store(State state, Size size, int baseRegister, int offset, Value stored) {
        Value base = state.register(baseRegister);
        if (!base.may(Kind.STACK)) {
            return;
        }
        if (base.isAt(Kind.STACK) && base.hasOneFrame() && State.inFrame(base.min() + offset, size.bytes())) {
            long position = base.min() + offset;
            int word = State.word(base.depth(), position);
            endDynptr(state, word - 1);
            if (size == Size.DOUBLE && position % 8 == 0) {
                state.setStackWord(word, stored.isUnwritten() ? Value.ANY_SCALAR : stored);
            } else if ((position & 7) + size.bytes() <= 8) {
                state.setStackWord(word, partlyWritten(state.stackWord(word), position, size, stored));
            } else {
                overwrite(state, base, offset, size.bytes());
            }
            return;
        }
        overwrite(state, base, offset, size.bytes());
    }

    private static Value partlyWritten(Value word, long position, Size size, Value stored) {
        Range mask = Range.constant(~(-1L >>> 64 - 8 * size.bytes() << 8 * (position & 7)));
        Range rest = word.asScalar().range().evaluate(AluOperation.AND, true, mask);
        Range part = stored.asScalar().range().lowest(8 * size.bytes()).evaluate(AluOperation.LSH, true, shift(position));
        return Value.scalar(rest.isConstant() && rest.min() == 0 ? part : rest.evaluate(AluOperation.OR, true, part));
    }

    /** Any number may now stand in the words that {@code size} bytes at {@code base + offset} can touch; a dynptr may have been missed. */
    private static void overwrite(State state, Value base, long offset, long size) {
        StackWindow.of(base, offset, size).words().forEach(word -> state.setStackWord(word, state.stackWord(word).asDynptr().join(Value.ANY_SCALAR)));
    }

    /** There is no dynptr any more that begins at {@code word}. */
    private static void endDynptr(State state, int word) {
        if (word >= 0 && state.stackWord(word).mayBeDynptr()) {
            state.setStackWord(word, Value.ANY_SCALAR);
        }
    }

    private void atomic(State state, Instruction.Atomic atomic) {
        Value old = load(state, atomic.size(), false, atomic.base(), atomic.offset()).asScalar();
        store(state, atomic.size(), atomic.base(), atomic.offset(), Value.ANY_SCALAR);
        if (atomic.operation() == Instruction.AtomicOperation.COMPARE_EXCHANGE) {
            state.setRegister(Registers.RESULT, old);
        } else if (atomic.fetch()) {
            state.setRegister(atomic.source(), old);
        }
    }

    /** What a lookup in one of a set of maps gives: an address of a value, or where the values are maps one of them. */
    private Value lookedUp(long set) {
        long outer = maps.holdingMaps(set);
        long plain = set & ~outer;
        Value inner = outer == 0 ? null : Value.innerMap(MapTable.innerOf(outer));
        Value value = plain == 0 ? null : Value.mapValue(plain, true, 0);
        return inner == null ? value : value == null ? inner : inner.join(value);
    }

    /** The program is rejected if this is reached. */
    private static void unknownCall(State state) {
        endCall(state, Value.ANY_SCALAR);
    }

    private static void endCall(State state, Value result) {
        state.setRegister(Registers.RESULT, result);
        for (int register = 1; register <= 5; register++) {
            state.setRegister(register, Value.UNWRITTEN);
        }
    }

    private void call(State state, Instruction instruction, int slot) {
        Prototype.of(instruction).ifPresentOrElse(helper -> call(state, helper, slot), () -> unknownCall(state));
    }

    private void call(State state, Prototype helper, int slot) {
        List<DynptrArgument> dynptrs = DynptrArgument.of(helper, state);
        Value made = dynptrs.stream().anyMatch(DynptrArgument::isMade) ? made(state, helper, slot) : null;
        for (MemoryArgument argument : MemoryArgument.of(helper, state, maps)) {
            Value pointer = state.register(argument.register());
            if (argument.written() && pointer.may(Kind.STACK)) {
                overwrite(state, pointer, 0, argument.maxSize());
            }
        }
        Value result = switch (helper.result()) {
            case SCALAR -> Value.ANY_SCALAR;
            case NO_SOCKET -> Value.constant(0);
            case MAP_VALUE_OR_NULL -> {
                long set = state.register(1).maps();
                if (set == 0) {
                    yield Value.constant(0);
                }
                Value known = helper == HelperPrototype.MAP_LOOKUP_ELEM ? knownLookup(state) : null;
                if (known != null) {
                    yield known;
                }
                boolean finds = helper == HelperPrototype.MAP_LOOKUP_ELEM && findsElement(state);
                yield (finds ? Value.mapValue(set, false, 0) : lookedUp(set)).withId(state.newId(), 0);
            }
            case SAMPLE_OR_NULL -> Value.sample(state.register(1).maps());
            case KEY_IN_MAP -> Value.mapKey(state.register(1).maps());
            case RECORD_OR_NULL -> {
                Value size = state.register(2);
                boolean known = size.isConstant() && size.min() >= 0 && size.min() <= Integer.MAX_VALUE;
                int id = state.newId();
                state.hold(id, slot);
                yield Value.record(state.register(1).maps(), known ? (int) size.min() : 0).withId(id, 0);
            }
            case SLICE_OR_NULL -> slice(state, dynptrs.getFirst().described(state), state.register(helper.arguments().size()),
                            helper != HelperPrototype.DYNPTR_DATA);
        };
        Value given = dynptrs.isEmpty() ? state.register(1) : dynptrs.getFirst().described(state);
        dynptrs.forEach(dynptr -> change(state, dynptr, made));
        if (helper.has(HelperPrototype.Effect.MOVES_PACKET)) {
            state.forgetPacket();
        }
        if (helper.has(HelperPrototype.Effect.GIVES_RECORD_BACK)) {
            state.giveBack(given);
        }
        if (helper == HelperPrototype.SPIN_LOCK) {
            state.setLock(state.register(1));
        } else if (helper == HelperPrototype.SPIN_UNLOCK) {
            state.setLock(null);
        }
        endCall(state, result);
    }

    /** The dynptr of a new record must be given back, even if there was no room for the record. */
    private static Value made(State state, Prototype helper, int slot) {
        Value made = DynptrArgument.made(helper, state);
        if (helper != HelperPrototype.RINGBUF_RESERVE_DYNPTR) {
            return made;
        }
        int id = state.newId();
        state.hold(id, slot);
        return made.withId(id, 0);
    }

    /** A slice is as long as was asked for; bpf_dynptr_data gives none of the packet. */
    private static Value slice(State state, Value dynptr, Value size, boolean ofPacket) {
        int bytes = (int) Math.clamp(size.asScalar().truncated().min(), 0, Integer.MAX_VALUE);
        Value result = Value.constant(0);
        if (dynptr.may(Kind.PACKET_DYNPTR) && ofPacket) {
            result = result.join(Value.packetSlice(bytes));
        }
        if (dynptr.may(Kind.VALUE_DYNPTR)) {
            result = result.join(Value.mapValue(dynptr.maps(), true, 0).withoutBounds());
            if (dynptr.isOnly(Kind.VALUE_DYNPTR)) {
                result = result.withId(state.newId(), 0);
                state.reaches(result, bytes);
            }
        }
        if (dynptr.may(Kind.RECORD_DYNPTR)) {
            result = result.join(Value.record(dynptr.maps(), bytes));
        }
        return result;
    }

    /** What a call makes of the words of a dynptr that it gets. */
    private static void change(State state, DynptrArgument dynptr, Value made) {
        for (int word : dynptr.words()) {
            Value now = switch (dynptr.contract()) {
                case DYNPTR_OUT -> made;
                case DYNPTR_RECORD -> Value.ANY_SCALAR;
                default -> null;
            };
            if (now == null) {
                return;
            }
            if (dynptr.certain()) {
                endDynptr(state, word - 1);
                state.setStackWord(word, now);
                state.setStackWord(word + 1, Value.ANY_SCALAR);
            } else {
                state.setStackWord(word, state.stackWord(word).join(now));
                state.setStackWord(word + 1, state.stackWord(word + 1).join(Value.ANY_SCALAR));
            }
        }
    }

    /** What the contents say of bpf_map_lookup_elem, or null. */
    Value knownLookup(State state) {
        Value handle = state.register(1);
        if (!handle.isAt(Kind.MAP) || handle.min() != 0 || !handle.hasOneMap() || maps.isTemplate(handle.map())) {
            return null;
        }
        if (contents.isEmpty(handle.map())) {
            return Value.constant(0);
        }
        byte[] key = constantBytes(state, state.register(2), maps.maps().get(handle.map()).keySize());
        int element = key == null ? KnownMaps.UNKNOWN : contents.find(handle.map(), key);
        return element == KnownMaps.ABSENT ? Value.constant(0) : element >= 0 ? Value.element(handle.map(), element, 0) : null;
    }

    /** Bytes that are the same whenever control gets here, or null. */
    private byte[] constantBytes(State state, Value pointer, int size) {
        boolean onStack = pointer.isAt(Kind.STACK) && pointer.hasOneFrame() && State.inFrame(pointer.min(), size);
        if (!onStack && !(pointer.isInElement() && pointer.isAt(Kind.MAP_VALUE)) || size > LONGEST_KEY) {
            return null;
        }
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            Value known = onStack ? stackLoad(state, pointer, Size.BYTE, false, i) : knownLoad(pointer, Size.BYTE, false, i);
            if (known == null || !known.isConstant()) {
                return null;
            }
            bytes[i] = (byte) known.min();
        }
        return bytes;
    }

    /**
     * Whether a lookup asks an array for a constant index on the stack that it has: the kernel too knows since 6.15 that this finds something
     * (get_constant_map_key).
     */
    private boolean findsElement(State state) {
        Value handle = state.register(1);
        Value key = state.register(2);
        if (!handle.isAt(Kind.MAP) || handle.min() != 0 || !handle.hasOneMap() || !maps.isArray(handle.map()) || maps.isTemplate(handle.map()) ||
                         !StackUse.isFixed(key, 0, Integer.BYTES)) {
            return false;
        }
        Value index = stackLoad(state, key, Size.WORD, false, 0);
        return index.isConstant() && index.min() < maps.maps().get(handle.map()).maxEntries();
    }
}
