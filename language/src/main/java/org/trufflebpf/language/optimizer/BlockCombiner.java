package org.trufflebpf.language.optimizer;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.trufflebpf.language.cfg.Block;
import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.cfg.Operands.MemoryAccess;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.Immediate;
import org.trufflebpf.language.isa.Instruction.Operand;
import org.trufflebpf.language.isa.Instruction.Register;
import org.trufflebpf.language.isa.Instruction.Size;
import org.trufflebpf.language.optimizer.Addresses.Address;
import org.trufflebpf.language.verifier.Analysis;
import org.trufflebpf.language.verifier.DynptrArgument;
import org.trufflebpf.language.verifier.Proof;
import org.trufflebpf.language.verifier.StackUse;
import org.trufflebpf.language.verifier.State;
import org.trufflebpf.language.verifier.Value;
import org.trufflebpf.language.verifier.Value.Kind;

/**
 * Combines the memory accesses of one block. It goes through the block once and keeps what each register holds, byte by byte. Only accesses that
 * are proved are moved or combined, so that no trap comes earlier or later than it did; at all others, and at calls, memory is as the
 * program left it.
 */
final class BlockCombiner {
    /** Steps that loads are looked for in: what comes later finds the stores done. */
    private static final int FORESEEN = 64;

    private final Analysis analysis;
    private final StackUse stackUse;
    private final FreshRecord record;
    private final Contents[] registers = new Contents[Registers.COUNT];
    /** By stack word that lives in a frame slot: what was last stored in it as a whole. */
    private final Map<Integer, Contents> words = new HashMap<>();
    private final List<Step> steps;
    private final Edits edits;
    private final Numbers numbers = new Numbers();
    private final Addresses addresses;
    private final WriteBuffer buffer;
    private final Readings readings;
    private int epoch;
    private int step;

    private BlockCombiner(Analysis analysis, StackUse stackUse, FreshRecord record, Block block) {
        this.analysis = analysis;
        this.stackUse = stackUse;
        this.record = record;
        this.steps = block.steps();
        this.edits = new Edits(steps, block.end());
        this.addresses = new Addresses(registers, edits);
        this.buffer = new WriteBuffer(addresses);
        this.readings = new Readings(addresses, edits);
        Arrays.setAll(registers, register -> Contents.unknown(numbers.next(0, register), false));
    }

    /**
     * The block {@code number} of the analysis, which is reached, with its accesses combined.
     *
     * @param record as it is where the block begins
     */
    static Block combine(Analysis analysis, StackUse stackUse, int number, FreshRecord record) {
        Block block = analysis.graph().blocks().get(number);
        long accesses = block.steps().stream().filter(step -> Operands.access(step.instruction()) != null).count();
        if (accesses < 2 || block.steps().stream().anyMatch(BlockCombiner::usesScratch)) {
            return block;
        }
        BlockCombiner combiner = new BlockCombiner(analysis, stackUse, record, block);
        State end = analysis.replay(number, combiner::visit);
        combiner.change(end);
        return combiner.edits.isChanged() ? new Block(combiner.edits.result(), block.terminator(), block.end()) : block;
    }

    /** Whether the block has been combined before. */
    private static boolean usesScratch(Step step) {
        MemoryAccess access = Operands.access(step.instruction());
        return access != null && access.base() >= Registers.SCRATCH || Arrays.stream(Operands.reads(step.instruction())).anyMatch(read -> read >= Registers.SCRATCH);
    }

    private void visit(Step next, State state) {
        for (int register : Operands.reads(next.instruction())) {
            if (!keepsSum(next.instruction())) {
                use(register, state);
            }
        }
        switch (next.instruction()) {
            case Instruction.Alu i -> alu(i, state);
            case Instruction.SwapBytes i -> {
                Part[] parts = Contents.swapped(i.order(), contents(i.target(), state), i.bits());
                set(i.target(), Contents.of(number(i.target()), parts));
            }
            case Instruction.LoadConstant i -> set(i.target(), Contents.constant(i.value()));
            case Instruction.Load i -> load(i, state);
            case Instruction.Store i -> {
                if (isZero(i, state)) {
                    edits.leave(step, i);
                } else {
                    store(i, state);
                }
            }
            case Instruction.LoadAcquire _, Instruction.StoreRelease _, Instruction.Atomic _ -> {
                change(state);
                epoch++;
                words.clear();
                if (Operands.writes(next.instruction()) >= 0) {
                    setUnknown(Operands.writes(next.instruction()), false);
                }
            }
            case Instruction.CallHelper _, Instruction.CallKfunc _ -> call(state);
            case Instruction.Negate i -> setUnknown(i.target(), !i.wide());
            case Instruction.MoveSignExtended i -> setUnknown(i.target(), !i.wide());
            case Instruction.LoadMap i -> setUnknown(i.target(), false);
            case Instruction.LoadMapValue i -> setUnknown(i.target(), false);
            case Instruction.LoadFunction i -> setUnknown(i.target(), false);
            case Instruction.Jump _, Instruction.Branch _, Instruction.MayGoto _, Instruction.CallLocal _, Instruction.Exit _ ->
                throw new IllegalArgumentException("inside a block: " + next);
        }
        record.visit(next, state);
        step++;
    }

    /** Whether it writes zeros over zeros. */
    private boolean isZero(Instruction.Store i, State state) {
        Contents source = contents(i.source(), state);
        return source.isConstant() && source.constant() == 0 && record.isZero(Operands.access(i), state);
    }

    /** Whether what is read goes into a sum or another register, where it is seen later. */
    private static boolean keepsSum(Instruction instruction) {
        return instruction instanceof Instruction.Alu i && (i.operation() == AluOperation.ADD || i.operation() == AluOperation.MOV);
    }

    private int number(int register) {
        return numbers.next(step + 1, register);
    }

    private void set(int register, Contents contents) {
        registers[register] = contents;
    }

    private void setUnknown(int register, boolean narrow) {
        set(register, Contents.unknown(number(register), narrow));
    }

    private Contents contents(int register, State state) {
        Value value = state.register(register);
        return value.isConstant() ? Contents.constant(value.min()) : registers[register];
    }

    private Contents contents(Operand operand, State state) {
        return switch (operand) {
            case Register register -> contents(register.number(), state);
            case Immediate immediate -> Contents.constant(immediate.value());
        };
    }

    private void alu(Instruction.Alu i, State state) {
        Contents left = contents(i.target(), state);
        Contents right = contents(i.source(), state);
        Part[] parts = Contents.evaluate(i.operation(), i.wide(), left, right);
        if (i.operation() == AluOperation.MOV && (i.wide() || right.isNarrow())) {
            set(i.target(), right);
        } else if (parts != null) {
            Contents result = Contents.of(number(i.target()), parts);
            set(i.target(), result);
            boolean joins = switch (i.operation()) {
                case OR, XOR, ADD -> left.length() > 0 && right.length() > 0;
                default -> false;
            };
            Source.Load load = joins ? Source.combined(result) : null;
            if (load != null && load.epoch() == epoch) {
                readings.load(step, i.target(), load, state);
            }
        } else if (i.wide() && (i.operation() == AluOperation.ADD || i.operation() == AluOperation.SUB) && right.isConstant()) {
            long distance = i.operation() == AluOperation.ADD ? right.constant() : -right.constant();
            Sum sum = plus(left, right, i);
            set(i.target(), left.moved(number(i.target()), distance).withSum(i.operation() == AluOperation.ADD ? sum : null));
        } else if (i.wide() && i.operation() == AluOperation.ADD && left.isConstant()) {
            set(i.target(), right.moved(number(i.target()), left.constant()).withSum(plus(left, right, i)));
        } else {
            Sum sum = i.operation() == AluOperation.ADD ? plus(left, right, i) : null;
            set(i.target(), Contents.unknown(number(i.target()), !i.wide()).withSum(sum));
        }
    }

    /** The sum that an addition makes, or null. */
    private Sum plus(Contents left, Contents right, Instruction.Alu i) {
        Sum a = sum(left, i.wide());
        Sum b = sum(right, i.wide());
        Sum both = a != null && b != null ? a.plus(b) : null;
        if (both != null) {
            return both;
        }
        if (a != null && (b == null || a.terms().size() >= b.terms().size())) {
            return a.plus(new Sum.Addend(step, i.source()));
        }
        return b == null ? null : b.plus(new Sum.Addend(step, new Register(i.target())));
    }

    private Sum sum(Contents contents, boolean wide) {
        Sum sum = contents.sum() != null && contents.sum().wide() == wide ? contents.sum() : Sum.of(contents, wide);
        return sum != null && sum.isOf(epoch) ? sum : null;
    }

    /** A register is looked at: if it is a sum, that is now worked out. */
    private void use(int register, State state) {
        Sum sum = registers[register].sum();
        if (sum != null) {
            if (sum.isWorthwhile()) {
                readings.sum(step, register, sum, state);
            }
            set(register, registers[register].withSum(null));
        }
    }

    private void load(Instruction.Load i, State state) {
        Value base = state.register(i.base());
        if (base.isAt(Kind.CONTEXT)) {
            setUnknown(i.target(), !i.signed());
            return;
        }
        if (isSlot(base, i.offset(), i.size())) {
            loadSlot(i, base);
            return;
        }
        if (base.may(Kind.CONTEXT) || !isProved(i, state)) {
            settle(state);
            setUnknown(i.target(), !i.signed() && i.size() != Size.DOUBLE);
            return;
        }
        int size = i.size().bytes();
        Address address = addresses.of(step, i.base(), i.offset(), state);
        if (buffer.holdsSome(address.root(), address.offset(), size)) {
            foresee(state);
            settle(state);
        }
        if (i.signed()) {
            setUnknown(i.target(), false);
            return;
        }
        Part[] parts = new Part[size];
        Arrays.setAll(parts, k -> new Part.Loaded(address.root(), address.offset() + k, epoch));
        set(i.target(), Contents.of(number(i.target()), parts));
    }

    /** Tells the buffer of the next loads, as far as registers lead to them that stay what they are. */
    private void foresee(State state) {
        Set<Integer> written = new HashSet<>();
        for (Step next : steps.subList(step, Math.min(steps.size(), step + FORESEEN))) {
            if (next.instruction() instanceof Instruction.Load i && !written.contains(i.base())) {
                Address address = addresses.find(i.base(), i.offset(), state);
                buffer.want(address.root(), address.offset(), i.size().bytes());
            }
            written.add(Operands.writes(next.instruction()));
        }
    }

    private void loadSlot(Instruction.Load i, Value base) {
        long position = base.min() + i.offset();
        Contents word = words.get(State.word(base.depth(), position));
        int first = (int) position & 7;
        if (word == null || i.signed()) {
            setUnknown(i.target(), !i.signed() && i.size() != Size.DOUBLE);
        } else if (i.size() == Size.DOUBLE) {
            set(i.target(), word.withSum(null));
        } else {
            set(i.target(), Contents.of(number(i.target()), Arrays.copyOfRange(word.parts(), first, first + i.size().bytes())));
        }
    }

    private void store(Instruction.Store i, State state) {
        Value base = state.register(i.base());
        Contents source = contents(i.source(), state);
        if (isSlot(base, i.offset(), i.size())) {
            storeSlot(i, base, source);
            return;
        }
        int size = i.size().bytes();
        if (base.may(Kind.CONTEXT) || !isProved(i, state) || !DynptrArgument.ended(state, base, i.offset(), size).isEmpty()) {
            change(state);
            epoch++;
            return;
        }
        Address address = addresses.of(step, i.base(), i.offset(), state);
        if (buffer.isFull() || buffer.holdsElsewhere(address.root(), address.offset(), size)) {
            change(state);
        }
        Part[] parts = Arrays.copyOf(source.parts(), size);
        Arrays.setAll(parts, k -> parts[k] instanceof Part.Loaded loaded && loaded.epoch() != epoch ? Part.UNKNOWN : parts[k]);
        buffer.add(new WriteBuffer.Stored(step, i, address.root(), address.offset(), parts));
    }

    private void storeSlot(Instruction.Store i, Value base, Contents source) {
        long position = base.min() + i.offset();
        int word = State.word(base.depth(), position);
        if (i.size() == Size.DOUBLE) {
            words.put(word, source);
            return;
        }
        Part[] parts = new Part[Contents.BYTES];
        Contents old = words.get(word);
        Arrays.setAll(parts, k -> old == null ? Part.UNKNOWN : old.parts()[k]);
        System.arraycopy(source.parts(), 0, parts, (int) position & 7, i.size().bytes());
        words.put(word, Contents.of(numbers.nowhere(), parts));
    }

    private boolean isSlot(Value base, int offset, Size size) {
        return StackUse.isFixed(base, offset, size.bytes()) && !stackUse.inMemory(State.word(base.depth(), base.min() + offset));
    }

    private boolean isProved(Instruction instruction, State state) {
        MemoryAccess access = Operands.access(instruction);
        Value base = state.register(access.base());
        return StackUse.isFixed(base, access.offset(), access.bytes()) ||
                        Proof.holds(state, analysis.maps(), base, access.offset(), access.bytes(), access.reads(), access.writes());
    }

    private void call(State state) {
        change(state);
        epoch++;
        words.clear();
        addresses.forget();
        for (int register = 0; register <= 5; register++) {
            setUnknown(register, false);
        }
    }

    /** From here on memory is what the program made it. */
    private void settle(State state) {
        if (!buffer.isEmpty()) {
            change(state);
        }
    }

    /** Memory changes: what is to be read of it as it was is read now, and what was stored is stored. */
    private void change(State state) {
        for (int register = 0; register < Registers.NAMED; register++) {
            use(register, state);
        }
        Flush flush = new Flush(buffer, readings, addresses, edits, numbers, step, state);
        readings.apply(buffer, flush.done());
        flush.apply();
        if (!buffer.isEmpty()) {
            epoch++;
            buffer.clear();
        }
    }
}
