package org.trufflebpf.language.optimizer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.ByteOrder;
import org.trufflebpf.language.isa.Instruction.Immediate;
import org.trufflebpf.language.isa.Instruction.Operand;
import org.trufflebpf.language.isa.Instruction.Register;
import org.trufflebpf.language.optimizer.Addresses.Base;
import org.trufflebpf.language.optimizer.WriteBuffer.Chunk;
import org.trufflebpf.language.optimizer.WriteBuffer.Run;
import org.trufflebpf.language.optimizer.WriteBuffer.Stored;
import org.trufflebpf.language.verifier.State;

/**
 * Empties a write buffer: chooses which of its runs are worth being written at the end, in larger pieces or because something wants to read memory as
 * it was, and does it. The others stay where they are.
 */
final class Flush {
    /** Local registers for what has to be loaded before anything is stored; the first two are used between. */
    private static final int FIRST_HOISTED = 2;

    private final WriteBuffer buffer;
    private final Readings readings;
    private final Addresses addresses;
    private final Edits edits;
    private final Numbers numbers;
    private final int step;
    private final State state;
    private final List<Run> runs = new ArrayList<>();
    /** Stores that are done where they stand. */
    private final Set<Stored> done;
    private final Map<Chunk, Integer> hoisted = new LinkedHashMap<>();
    private final Map<Integer, Base> bases = new HashMap<>();

    /** @param state before {@code step}, where the buffer is emptied */
    Flush(WriteBuffer buffer, Readings readings, Addresses addresses, Edits edits, Numbers numbers, int step, State state) {
        this.buffer = buffer;
        this.readings = readings;
        this.addresses = addresses;
        this.edits = edits;
        this.numbers = numbers;
        this.step = step;
        this.state = state;
        this.done = new HashSet<>(buffer.stores());
        choose();
    }

    Set<Stored> done() {
        return done;
    }

    private void choose() {
        int locals = FIRST_HOISTED;
        int captures = 0;
        for (Run run : buffer.runs()) {
            int loads = (int) run.chunks.stream().filter(this::isOverwritten).count();
            int kept = captures(run);
            if ((run.isShorter() || run.stores.stream().anyMatch(readings::areDisturbedBy)) && locals + loads <= Edits.LOCAL && captures + kept <= edits.free()) {
                locals += loads;
                captures += kept;
                runs.add(run);
                done.removeAll(run.stores);
            }
        }
        edits.reserve(captures);
        while (runs.removeIf(this::readsWhatIsDone)) {
            done.addAll(buffer.stores());
            runs.forEach(run -> done.removeAll(run.stores));
        }
    }

    private int captures(Run run) {
        int count = addresses.base(run.root, state) == null ? 1 : 0;
        for (Chunk chunk : run.chunks) {
            count += switch (chunk.source()) {
                case null -> captures(chunk.stored());
                case Source.Constant _ -> 0;
                case Source.Load load -> addresses.base(load.root(), state) == null ? 1 : 0;
                case Source.Number _ -> 1;
                case Source.Joined joined -> captures(joined.low()) + captures(joined.high());
            };
        }
        return count;
    }

    private static int captures(Stored stored) {
        return stored.instruction().source() instanceof Register ? 1 : 0;
    }

    private boolean isOverwritten(Chunk chunk) {
        return chunk.source() instanceof Source.Load load &&
                        buffer.changes(buffer.stores(), Integer.MAX_VALUE, load.root(), load.offset(), load.size());
    }

    private boolean readsWhatIsDone(Run run) {
        return run.chunks.stream().anyMatch(chunk -> chunk.source() instanceof Source.Load load &&
                        buffer.changes(done, Integer.MAX_VALUE, load.root(), load.offset(), load.size()));
    }

    void apply() {
        edits.release();
        for (Run run : runs) {
            for (Chunk chunk : run.chunks) {
                if (isOverwritten(chunk)) {
                    int register = Edits.local(FIRST_HOISTED + hoisted.size());
                    hoisted.put(chunk, register);
                    load((Source.Load) chunk.source(), chunk, register);
                }
            }
        }
        for (Run run : runs) {
            run.stores.forEach(stored -> edits.leave(stored.step(), stored.instruction()));
            for (Chunk chunk : run.chunks) {
                Operand source = hoisted.containsKey(chunk) ? new Register(hoisted.get(chunk)) : source(chunk);
                Base base = base(run.root);
                insert(chunk, new Instruction.Store(Source.size(chunk.size()), base.register(), base.offset(chunk.offset()), source));
            }
        }
    }

    private Operand source(Chunk chunk) {
        int register = Edits.local(0);
        switch (chunk.source()) {
            case null -> {
                return kept(chunk.stored());
            }
            case Source.Joined joined -> join(joined, chunk, register);
            case Source.Constant(long value) -> {
                if (value == (int) value || chunk.size() <= Integer.BYTES) {
                    return new Immediate((int) value);
                }
                insert(chunk, new Instruction.LoadConstant(register, value));
            }
            case Source.Load load -> load(load, chunk, register);
            case Source.Number number -> {
                insert(chunk, Edits.move(register, numbers.kept(number.number(), edits)));
                if (number.index() > 0) {
                    insert(chunk, new Instruction.Alu(AluOperation.RSH, true, register, new Immediate(8 * number.index())));
                }
                swap(number.swapped(), chunk, register);
            }
        }
        return new Register(register);
    }

    /** What a store writes, as it is there. */
    private Operand kept(Stored stored) {
        if (!(stored.instruction().source() instanceof Register source)) {
            return stored.instruction().source();
        }
        int register = edits.capture();
        edits.before(stored.step(), Edits.move(register, source.number()));
        return new Register(register);
    }

    private void join(Source.Joined joined, Chunk chunk, int register) {
        int low = Edits.local(1);
        int bits = 8 * joined.low().size();
        insert(chunk, new Instruction.Alu(AluOperation.MOV, true, register, kept(joined.high())));
        insert(chunk, new Instruction.Alu(AluOperation.LSH, true, register, new Immediate(bits)));
        insert(chunk, new Instruction.Alu(AluOperation.MOV, bits < Integer.SIZE, low, kept(joined.low())));
        if (bits < Integer.SIZE) {
            insert(chunk, new Instruction.Alu(AluOperation.AND, true, low, new Immediate((1 << bits) - 1)));
        }
        insert(chunk, new Instruction.Alu(AluOperation.OR, true, register, new Register(low)));
    }

    private void load(Source.Load load, Chunk chunk, int register) {
        Base base = base(load.root());
        insert(chunk, new Instruction.Load(Source.size(load.size()), false, register, base.register(), base.offset(load.offset())));
        swap(load.swapped(), chunk, register);
    }

    private void swap(boolean swapped, Chunk chunk, int register) {
        if (swapped) {
            insert(chunk, new Instruction.SwapBytes(ByteOrder.BIG, register, 8 * chunk.size()));
        }
    }

    private Base base(int root) {
        return bases.computeIfAbsent(root, wanted -> {
            Base base = addresses.base(wanted, state);
            return base != null ? base : addresses.kept(wanted);
        });
    }

    private void insert(Chunk chunk, Instruction instruction) {
        edits.before(step, new Step(edits.slot(chunk.stored().step()), instruction));
    }
}
