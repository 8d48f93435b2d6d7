package org.trufflebpf.language.optimizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.trufflebpf.language.isa.Instruction.Operand;

/**
 * A number as a sum of loaded bytes, or of loaded 16-bit numbers, and of other numbers.
 *
 * @param wide whether it was added up in 64 bits
 * @param unit bytes of a term, 1 or 2
 * @param terms the first byte of each
 */
record Sum(boolean wide, int unit, List<Part.Loaded> terms, List<Addend> addends) {
    /** So many bytes add up to less than 2^16, and so many 16-bit numbers to less than 2^32. */
    private static final int MAX_TERMS = 256;
    private static final int MAX_ADDENDS = 64;
    /** Bytes that are loaded and added at once. */
    static final int WIDE = Long.BYTES;

    /** @param operand as it is before {@code step} */
    record Addend(int step, Operand operand) {
    }

    /** {@link #WIDE} bytes, each term once. */
    record Chunk(int root, long offset) {
    }

    /** What can be loaded at once of a sum's terms, and the others. */
    record Split(List<Chunk> chunks, List<Part.Loaded> others) {
    }

    /** Of one loaded number, or null. */
    static Sum of(Contents contents, boolean wide) {
        int unit = contents.length();
        boolean isTerm = unit == 1 || unit == 2;
        return isTerm && Source.of(Arrays.copyOf(contents.parts(), unit)) instanceof Source.Load load && !load.swapped()
                        ? new Sum(wide, unit, List.of((Part.Loaded) contents.parts()[0]), List.of())
                        : null;
    }

    /** Null when they have nothing in common. */
    Sum plus(Sum other) {
        boolean fits = wide == other.wide && unit == other.unit && terms.size() + other.terms.size() <= MAX_TERMS &&
                        addends.size() + other.addends.size() <= MAX_ADDENDS;
        return fits ? new Sum(wide, unit, joined(terms, other.terms), joined(addends, other.addends)) : null;
    }

    Sum plus(Addend addend) {
        return addends.size() < MAX_ADDENDS ? new Sum(wide, unit, terms, joined(addends, List.of(addend))) : null;
    }

    private static <T> List<T> joined(List<T> first, List<T> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }

    /** The terms of epochs before {@code epoch} cannot be loaded again. */
    boolean isOf(int epoch) {
        return terms.stream().allMatch(term -> term.epoch() == epoch);
    }

    /** Whether adding eight bytes at once pays: it takes six instructions for what takes two per term. */
    boolean isWorthwhile() {
        return terms.size() >= WIDE && split().chunks().size() >= unit;
    }

    Split split() {
        List<Part.Loaded> left = new ArrayList<>(terms);
        left.sort(Comparator.comparingInt(Part.Loaded::root).thenComparingLong(Part.Loaded::offset));
        List<Chunk> chunks = new ArrayList<>();
        List<Part.Loaded> others = new ArrayList<>();
        int perChunk = WIDE / unit;
        for (int i = 0; i < left.size();) {
            if (i + perChunk <= left.size() && isRun(left.subList(i, i + perChunk))) {
                chunks.add(new Chunk(left.get(i).root(), left.get(i).offset()));
                i += perChunk;
            } else {
                others.add(left.get(i++));
            }
        }
        return new Split(chunks, others);
    }

    private boolean isRun(List<Part.Loaded> run) {
        for (int i = 1; i < run.size(); i++) {
            if (run.get(i).root() != run.getFirst().root() || run.get(i).offset() != run.getFirst().offset() + (long) i * unit) {
                return false;
            }
        }
        return true;
    }
}
