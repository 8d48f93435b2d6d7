package org.trufflebpf.language.dwarf;

/** A list of pieces of code, each with an expression if it is a list of places (DWARF 5, sections 2.6.2 and 2.17.3; DWARF 4, the same). */
final class CodeList {
    // Kinds of entries, DW_LLE_... in section 7.7.3.
    private static final int END = 0;
    private static final int BASE_ADDRESSX = 1;
    private static final int STARTX_ENDX = 2;
    private static final int STARTX_LENGTH = 3;
    private static final int OFFSET_PAIR = 4;
    private static final int DEFAULT_LOCATION = 5;
    private static final int BASE_ADDRESS = 6;
    private static final int START_END = 7;
    private static final int START_LENGTH = 8;

    private static final byte[] NOTHING = {};

    private final Unit unit;
    private final Cursor in;
    private final boolean hasExpressions;

    CodeList(Unit unit, long start, boolean hasExpressions) throws MalformedDwarfException {
        this.unit = unit;
        this.hasExpressions = hasExpressions;
        this.in = hasExpressions ? new Cursor(".debug_loclists", unit.sections().locations(), start)
                : new Cursor(".debug_rnglists", unit.sections().ranges(), start);
    }

    /** The expression of the piece that {@code pc} lies in, an empty one if there are none; null where it lies in no piece. */
    byte[] find(long pc) throws MalformedDwarfException {
        return unit.hasIndexedLists() ? findIndexed(pc) : findPairs(pc);
    }

    private byte[] findIndexed(long pc) throws MalformedDwarfException {
        long base = unit.lowPc();
        byte[] otherwise = null;
        while (true) {
            int kind = kind(in.u8());
            long start;
            long end;
            switch (kind) {
                case END -> {
                    return otherwise;
                }
                case BASE_ADDRESSX -> {
                    base = unit.address(in.unsigned());
                    continue;
                }
                case BASE_ADDRESS -> {
                    base = in.number(unit.addressSize());
                    continue;
                }
                case DEFAULT_LOCATION -> {
                    otherwise = expression(false);
                    continue;
                }
                case STARTX_ENDX -> {
                    start = unit.address(in.unsigned());
                    end = unit.address(in.unsigned());
                }
                case STARTX_LENGTH -> {
                    start = unit.address(in.unsigned());
                    end = start + in.unsigned();
                }
                case OFFSET_PAIR -> {
                    start = base + in.unsigned();
                    end = base + in.unsigned();
                }
                case START_END -> {
                    start = in.number(unit.addressSize());
                    end = in.number(unit.addressSize());
                }
                case START_LENGTH -> {
                    start = in.number(unit.addressSize());
                    end = start + in.unsigned();
                }
                default -> throw new MalformedDwarfException("a list of code has the unknown kind " + kind);
            }
            byte[] expression = expression(false);
            if (pc >= start && pc < end) {
                return expression;
            }
        }
    }

    /** Lists without expressions have no default, so what follows has one number less. */
    private int kind(int kind) {
        return hasExpressions || kind < DEFAULT_LOCATION ? kind : kind + 1;
    }

    private byte[] findPairs(long pc) throws MalformedDwarfException {
        long base = unit.lowPc();
        long highest = -1L >>> Long.SIZE - 8 * unit.addressSize();
        while (true) {
            long start = in.number(unit.addressSize());
            long end = in.number(unit.addressSize());
            if (start == 0 && end == 0) {
                return null;
            }
            if (start == highest) {
                base = end;
                continue;
            }
            byte[] expression = expression(true);
            if (pc >= base + start && pc < base + end) {
                return expression;
            }
        }
    }

    private byte[] expression(boolean isPair) throws MalformedDwarfException {
        return hasExpressions ? in.bytes(isPair ? in.number(2) : in.unsigned()) : NOTHING;
    }
}
