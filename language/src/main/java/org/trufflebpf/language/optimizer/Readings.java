package org.trufflebpf.language.optimizer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.ByteOrder;
import org.trufflebpf.language.isa.Instruction.Immediate;
import org.trufflebpf.language.isa.Instruction.Operand;
import org.trufflebpf.language.isa.Instruction.Register;
import org.trufflebpf.language.isa.Instruction.Size;
import org.trufflebpf.language.optimizer.Addresses.Base;
import org.trufflebpf.language.verifier.State;

/**
 * Loads that are to take the place of several: they read at one point of a stretch of code what was loaded at others, which is the same as long as
 * no store between was done. Whether one was is known at the end of the stretch.
 */
final class Readings {
    /** Lanes of 16 and of 32 bits, every second byte or 16-bit number. */
    private static final long[] MASKS = {0, 0x00ff_00ff_00ff_00ffL, 0x0000_ffff_0000_ffffL};
    private static final long LANES_OF_16 = 0x0001_0001_0001_0001L;

    private final Addresses addresses;
    private final Edits edits;
    private final List<Reading> readings = new ArrayList<>();

    /** Bytes that are read. */
    private record Place(int root, long offset, int size) {
    }

    /** What takes the place of loads before a step, as registers are there. */
    private abstract static class Reading {
        final int step;
        final Map<Integer, Base> bases = new HashMap<>();

        Reading(int step) {
            this.step = step;
        }

        abstract List<Place> places();

        abstract int captures();

        abstract void apply();
    }

    Readings(Addresses addresses, Edits edits) {
        this.addresses = addresses;
        this.edits = edits;
    }

    /** The step computes what one load gives. */
    void load(int step, int target, Source.Load load, State state) {
        Place place = new Place(load.root(), load.offset(), load.size());
        add(new Reading(step) {
            @Override
            List<Place> places() {
                return List.of(place);
            }

            @Override
            int captures() {
                return 0;
            }

            @Override
            void apply() {
                Base base = base(bases, load.root());
                Instruction wide = new Instruction.Load(Source.size(load.size()), false, target, base.register(), base.offset(load.offset()));
                if (load.swapped()) {
                    edits.replace(step, wide, new Instruction.SwapBytes(ByteOrder.BIG, target, 8 * load.size()));
                } else {
                    edits.replace(step, wide);
                }
            }
        }, state);
    }

    /** Before {@code step} the register holds a sum. */
    void sum(int step, int target, Sum sum, State state) {
        Sum.Split split = sum.split();
        add(new Reading(step) {
            @Override
            List<Place> places() {
                List<Place> places = new ArrayList<>();
                split.chunks().forEach(chunk -> places.add(new Place(chunk.root(), chunk.offset(), Sum.WIDE)));
                split.others().forEach(term -> places.add(new Place(term.root(), term.offset(), sum.unit())));
                return places;
            }

            @Override
            int captures() {
                return sum.addends().isEmpty() ? 0 : 1;
            }

            @Override
            void apply() {
                int addend = addends(sum);
                lanes(step, bases, split, sum.unit());
                for (Part.Loaded term : split.others()) {
                    Base base = base(bases, term.root());
                    edits.before(step, new Instruction.Load(Source.size(sum.unit()), false, Edits.local(1), base.register(), base.offset(term.offset())));
                    edits.before(step, add(true, Edits.local(0), new Register(Edits.local(1))));
                }
                if (addend >= 0) {
                    edits.before(step, add(sum.wide(), Edits.local(0), new Register(addend)));
                }
                edits.before(step, Edits.move(target, Edits.local(0)));
            }
        }, state);
    }

    private void add(Reading reading, State state) {
        for (Place place : reading.places()) {
            if (!reading.bases.containsKey(place.root)) {
                reading.bases.put(place.root, addresses.base(place.root, state));
            }
        }
        readings.add(reading);
    }

    private Base base(Map<Integer, Base> bases, int root) {
        Base base = bases.get(root);
        return base != null ? base : addresses.kept(root);
    }

    /** Adds up the addends where they stand; gives the register, or -1 when there are none. */
    private int addends(Sum sum) {
        if (sum.addends().isEmpty()) {
            return -1;
        }
        int register = edits.capture();
        AluOperation operation = AluOperation.MOV;
        for (Sum.Addend addend : sum.addends().stream().sorted(Comparator.comparingInt(Sum.Addend::step)).toList()) {
            edits.before(addend.step(), new Instruction.Alu(operation, true, register, addend.operand()));
            operation = AluOperation.ADD;
        }
        return register;
    }

    /** The sum of the chunks in the first local register: numbers are added in lanes twice as wide as they are, and the lanes at the end. */
    private void lanes(int step, Map<Integer, Base> bases, Sum.Split split, int unit) {
        int total = Edits.local(0);
        int low = Edits.local(1);
        int high = Edits.local(2);
        int mask = Edits.local(3);
        edits.before(step, new Instruction.LoadConstant(total, 0));
        if (split.chunks().isEmpty()) {
            return;
        }
        edits.before(step, new Instruction.LoadConstant(mask, MASKS[unit]));
        for (Sum.Chunk chunk : split.chunks()) {
            Base base = base(bases, chunk.root());
            edits.before(step, new Instruction.Load(Size.DOUBLE, false, low, base.register(), base.offset(chunk.offset())));
            edits.before(step, Edits.move(high, low));
            edits.before(step, new Instruction.Alu(AluOperation.RSH, true, high, new Immediate(8 * unit)));
            for (int part : new int[]{low, high}) {
                edits.before(step, new Instruction.Alu(AluOperation.AND, true, part, new Register(mask)));
                edits.before(step, add(true, total, new Register(part)));
            }
        }
        if (unit == 1) {
            edits.before(step, new Instruction.LoadConstant(mask, LANES_OF_16));
            edits.before(step, new Instruction.Alu(AluOperation.MUL, true, total, new Register(mask)));
            edits.before(step, new Instruction.Alu(AluOperation.RSH, true, total, new Immediate(48)));
        } else {
            edits.before(step, Edits.move(high, total));
            edits.before(step, new Instruction.Alu(AluOperation.RSH, true, high, new Immediate(32)));
            edits.before(step, add(false, total, new Register(high)));
        }
    }

    private static Instruction add(boolean wide, int target, Operand source) {
        return new Instruction.Alu(AluOperation.ADD, wide, target, source);
    }

    /** Whether one of them comes after a store that may change what it reads. */
    boolean areDisturbedBy(WriteBuffer.Stored stored) {
        return readings.stream().anyMatch(reading -> reading.step > stored.step() && reading.places().stream().anyMatch(
                        place -> addresses.overlap(stored.root(), stored.offset(), stored.size(), place.root, place.offset, place.size)));
    }

    /**
     * Puts the loads into the code.
     *
     * @param done stores that are done where they stand; the others are done later
     */
    void apply(WriteBuffer buffer, Iterable<WriteBuffer.Stored> done) {
        for (Reading reading : readings) {
            boolean same = reading.places().stream() //
                            .noneMatch(place -> buffer.changes(done, reading.step, place.root, place.offset, place.size));
            if (same && reserve(reading)) {
                reading.apply();
            }
        }
        readings.clear();
    }

    /** Whether there are registers for what it has to keep. */
    private boolean reserve(Reading reading) {
        Set<Integer> roots = new LinkedHashSet<>();
        for (Place place : reading.places()) {
            if (reading.bases.get(place.root) == null && addresses.needsCapture(place.root)) {
                roots.add(place.root);
            }
        }
        return roots.size() + reading.captures() <= edits.free();
    }
}
