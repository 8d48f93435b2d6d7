package org.trufflebpf.language.optimizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.trufflebpf.language.cfg.Block;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.cfg.Terminator;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.Condition;
import org.trufflebpf.language.isa.Instruction.Immediate;
import org.trufflebpf.language.isa.Instruction.Operand;
import org.trufflebpf.language.isa.Instruction.Register;
import org.trufflebpf.language.isa.Instruction.Size;
import org.trufflebpf.language.verifier.ContextField;
import org.trufflebpf.language.verifier.Value;

/**
 * Finds before the first round of a loop whether all that it accesses lies inside its regions: blocks that compare, and go to the loop as it was unless
 * every comparison holds.
 */
final class RangeTest {
    /** Bits of an unsigned number, less two: above a limit of so many bits, adding to it could overflow in either sign. */
    private static final int WIDE_LIMIT = 62;
    private static final int NARROW_LIMIT = 30;
    /** Kept from block to block; the first local register is not, as blocks without steps get one that writes it. */
    private static final int ROUNDS = Edits.local(1);
    private static final int FIRST = Edits.local(2);
    private static final int END = Edits.local(3);
    private static final int REGION_FIRST = Edits.local(4);
    private static final int REGION_END = Edits.local(5);

    private final List<Block> blocks = new ArrayList<>();
    private List<Step> steps = new ArrayList<>();
    private final CountedLoop loop;
    private final CountedLoop.Counter counter;
    private final Map<Hoister.Family, Hoister.Reach> families;
    private final IntFunction<Value> entry;
    private int at;
    private int otherwise;
    private int slot;

    private RangeTest(CountedLoop loop, Map<Hoister.Family, Hoister.Reach> families, IntFunction<Value> entry) {
        this.loop = loop;
        this.counter = loop.counter();
        this.families = families;
        this.entry = entry;
    }

    /**
     * Null where registers of 32 bits could overflow in ways that are not tested.
     *
     * @param entry what is known of a register before the first round, null for nothing
     */
    static RangeTest of(CountedLoop loop, Map<Hoister.Family, Hoister.Reach> families, IntFunction<Value> entry) {
        RangeTest test = new RangeTest(loop, families, entry);
        return test.narrow().allMatch(register -> loop.strides().get(register).by() > 0) ? test : null;
    }

    /** Registers that move on in 32 bits, and whose numbers matter beyond these. */
    private IntStream narrow() {
        IntStream used = families.keySet().stream().mapToInt(family -> family.second());
        used = IntStream.concat(used, families.keySet().stream().mapToInt(family -> family.first()));
        IntStream counted = counter.wide() ? IntStream.of(counter.register()) : IntStream.empty();
        return IntStream.concat(used, counted).filter(register -> loop.strides().containsKey(register) && !loop.strides().get(register).wide()).distinct().sorted();
    }

    /**
     * @param at the number that the first block will have
     * @param proved where to go if all holds
     */
    List<Block> blocks(int at, int proved, int otherwise, int slot) {
        this.at = at;
        this.otherwise = otherwise;
        this.slot = slot;
        narrow().forEach(register -> leave(Condition.GT, true, register, new Immediate(Integer.MAX_VALUE)));
        rounds();
        families.forEach(this::compare);
        blocks.add(new Block(steps, new Terminator.Goto(proved), slot));
        return blocks;
    }

    /** Leaves one less than the number of rounds, at least, in a register. */
    private void rounds() {
        int by = loop.strides().get(counter.register()).by();
        int unit = Math.abs(by);
        boolean wide = counter.wide();
        Register register = new Register(counter.register());
        Immediate delta = new Immediate((int) counter.delta());
        bound(by, unit);
        if (by > 0) {
            add(AluOperation.MOV, wide, ROUNDS, counter.limit());
            add(AluOperation.SUB, wide, ROUNDS, register);
            add(AluOperation.SUB, wide, ROUNDS, delta);
        } else {
            add(AluOperation.MOV, wide, ROUNDS, register);
            add(AluOperation.ADD, wide, ROUNDS, delta);
            add(AluOperation.SUB, wide, ROUNDS, counter.limit());
        }
        leave(Condition.GT, true, ROUNDS, new Immediate(Hoister.MAX_ROUNDS * unit));
        if (unit > 1) {
            if (counter.condition() == Condition.NE) {
                leave(Condition.SET, true, ROUNDS, new Immediate(unit - 1));
            } else {
                add(AluOperation.MOV, wide, FIRST, counter.limit());
                add(AluOperation.RSH, wide, FIRST, new Immediate(wide ? WIDE_LIMIT : NARROW_LIMIT));
                leave(Condition.NE, true, FIRST, new Immediate(0));
                add(AluOperation.ADD, true, ROUNDS, new Immediate(unit - 1));
            }
            add(AluOperation.RSH, true, ROUNDS, new Immediate(Integer.numberOfTrailingZeros(unit)));
        }
        if (!counter.last()) {
            leave(Condition.EQ, true, ROUNDS, new Immediate(0));
            add(AluOperation.SUB, true, ROUNDS, new Immediate(1));
        }
    }

    /** Compares what the analysis can bound the rounds by, so that other passes know that they are few. */
    private void bound(int by, int unit) {
        long most = (long) Hoister.MAX_ROUNDS * unit;
        if (by > 0 && counter.limit() instanceof Register(int limit)) {
            Value start = entry.apply(counter.register());
            if (start != null && start.isConstant() && start.min() >= 0 && start.min() + counter.delta() + most < Integer.MAX_VALUE) {
                leave(Condition.GT, counter.wide(), limit, new Immediate((int) (start.min() + counter.delta() + most)));
            }
        } else if (by < 0 && counter.limit() instanceof Immediate(int limit) && limit >= 0 && limit + most - counter.delta() < Integer.MAX_VALUE) {
            leave(Condition.GT, counter.wide(), counter.register(), new Immediate((int) (limit + most - counter.delta())));
        }
    }

    private void compare(Hoister.Family family, Hoister.Reach reach) {
        switch (family.region()) {
            case Hoister.Packet _ -> {
                add(new Instruction.Load(Size.WORD, false, REGION_FIRST, Registers.CONTEXT, ContextField.DATA.offset()));
                add(new Instruction.Load(Size.WORD, false, REGION_END, Registers.CONTEXT, ContextField.DATA_END.offset()));
            }
            case Hoister.MapValue(int register, long distance, long bytes) -> {
                add(AluOperation.MOV, true, REGION_FIRST, new Register(register));
                add(AluOperation.SUB, true, REGION_FIRST, new Immediate((int) distance));
                add(AluOperation.MOV, true, REGION_END, new Register(REGION_FIRST));
                add(AluOperation.ADD, true, REGION_END, new Immediate((int) bytes));
            }
        }
        add(AluOperation.MOV, true, FIRST, new Register(family.first()));
        if (family.second() >= 0) {
            add(AluOperation.ADD, true, FIRST, new Register(family.second()));
        }
        add(AluOperation.MOV, true, END, new Register(FIRST));
        add(AluOperation.ADD, true, FIRST, new Immediate((int) reach.first()));
        add(AluOperation.ADD, true, END, new Immediate((int) reach.end()));
        long stride = loop.stride(new CountedLoop.Sum(family.first(), family.second(), 0));
        if (stride != 0) {
            int way = Edits.local(6);
            add(AluOperation.MOV, true, way, new Register(ROUNDS));
            add(AluOperation.MUL, true, way, new Immediate((int) stride));
            add(AluOperation.ADD, true, stride > 0 ? END : FIRST, new Register(way));
        }
        leave(Condition.LT, true, FIRST, new Register(REGION_FIRST));
        leave(Condition.GT, true, END, new Register(REGION_END));
        // The end of a range that goes over the last address is a small number.
        leave(Condition.GT, true, FIRST, new Register(END));
    }

    private void add(AluOperation operation, boolean wide, int target, Operand source) {
        add(new Instruction.Alu(operation, wide, target, source));
    }

    private void add(Instruction instruction) {
        steps.add(new Step(slot, instruction));
    }

    /** Goes to the loop as it was where a comparison holds. */
    private void leave(Condition condition, boolean wide, int left, Operand right) {
        blocks.add(new Block(steps, new Terminator.Branch(condition, wide, left, right, otherwise, at + blocks.size() + 1), slot));
        steps = new ArrayList<>();
    }
}
