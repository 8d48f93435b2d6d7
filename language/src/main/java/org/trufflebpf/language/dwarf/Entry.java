package org.trufflebpf.language.dwarf;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** An entry of .debug_info: a function, variable or type, with what is inside it. */
final class Entry {
    private final Unit unit;
    private final long offset;
    private final int tag;
    private final Map<Integer, Attribute> attributes;
    private final List<Entry> children = new ArrayList<>();

    Entry(Unit unit, long offset, int tag, Map<Integer, Attribute> attributes) {
        this.unit = unit;
        this.offset = offset;
        this.tag = tag;
        this.attributes = attributes;
    }

    Unit unit() {
        return unit;
    }

    /** In .debug_info. */
    long offset() {
        return offset;
    }

    int tag() {
        return tag;
    }

    List<Entry> children() {
        return children;
    }

    Attribute get(int attribute) {
        return attributes.get(attribute);
    }

    /** Empty where it has none. */
    String text(int attribute) throws MalformedDwarfException {
        return switch (get(attribute)) {
            case Attribute.Text(String value) -> value;
            case Attribute.Index(Attribute.Table table, long number) when table == Attribute.Table.STRINGS -> unit.string(number);
            case null, default -> "";
        };
    }

    long number(int attribute, long otherwise) {
        return get(attribute) instanceof Attribute.Number(long value) ? value : otherwise;
    }

    boolean hasAddress(int attribute) {
        return get(attribute) instanceof Attribute.Address || get(attribute) instanceof Attribute.Index;
    }

    long address(int attribute) throws MalformedDwarfException {
        return switch (get(attribute)) {
            case Attribute.Address(long value) -> value;
            case Attribute.Index(Attribute.Table table, long number) when table == Attribute.Table.ADDRESSES -> unit.address(number);
            case null, default -> throw new MalformedDwarfException("the entry at byte " + offset + " of .debug_info has no address");
        };
    }

    /** Another entry's offset, or -1. */
    long reference(int attribute) {
        return get(attribute) instanceof Attribute.Reference(long entry) ? entry : -1;
    }

    /** Whether the code of this function or block has an instruction at {@code pc}. */
    boolean contains(long pc) throws MalformedDwarfException {
        if (hasAddress(Code.AT_LOW_PC) && get(Code.AT_HIGH_PC) != null) {
            long low = address(Code.AT_LOW_PC);
            long high = get(Code.AT_HIGH_PC) instanceof Attribute.Number(long length) ? low + length : address(Code.AT_HIGH_PC);
            return pc >= low && pc < high;
        }
        return switch (get(Code.AT_RANGES)) {
            case Attribute.Number(long start) -> new CodeList(unit, start, false).find(pc) != null;
            case Attribute.Index(_, long number) -> new CodeList(unit, unit.rangeList(number), false).find(pc) != null;
            case null, default -> false;
        };
    }

    /** The expression that says where a variable is when the program stands at {@code pc}, or null where it is nowhere. */
    byte[] locationAt(long pc) throws MalformedDwarfException {
        return switch (get(Code.AT_LOCATION)) {
            case Attribute.Block(byte[] expression) -> expression;
            case Attribute.Number(long start) -> new CodeList(unit, start, true).find(pc);
            case Attribute.Index(_, long number) -> new CodeList(unit, unit.locationList(number), true).find(pc);
            case null, default -> null;
        };
    }
}
