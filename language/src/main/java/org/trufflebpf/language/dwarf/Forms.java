package org.trufflebpf.language.dwarf;

import org.trufflebpf.language.dwarf.Attribute.Table;

/** Reads the values of attributes by their forms (DWARF 5, section 7.5.6). */
final class Forms {
    static final int IMPLICIT_CONST = 0x21;

    private final DwarfSections sections;

    Forms(DwarfSections sections) {
        this.sections = sections;
    }

    /** @param unit where the unit starts, which references count from */
    Attribute read(Cursor in, int form, long constant, long unit, int addressSize) throws MalformedDwarfException {
        return switch (form) {
            case 0x01 -> new Attribute.Address(in.number(addressSize));
            case 0x03 -> new Attribute.Block(in.bytes(in.number(2)));
            case 0x04 -> new Attribute.Block(in.bytes(in.number(4)));
            case 0x05 -> new Attribute.Number(in.number(2));
            case 0x06, 0x17 -> new Attribute.Number(in.number(4));
            case 0x07 -> new Attribute.Number(in.number(8));
            case 0x08 -> new Attribute.Text(in.text());
            case 0x09, 0x18 -> new Attribute.Block(in.bytes(in.unsigned()));
            case 0x0a -> new Attribute.Block(in.bytes(in.u8()));
            case 0x0b, 0x0c -> new Attribute.Number(in.u8());
            case 0x0d -> new Attribute.Number(in.signed());
            case 0x0e -> new Attribute.Text(new Cursor(".debug_str", sections.strings(), in.number(4)).text());
            case 0x0f -> new Attribute.Number(in.unsigned());
            case 0x10 -> new Attribute.Reference(in.number(4));
            case 0x11 -> new Attribute.Reference(unit + in.u8());
            case 0x12 -> new Attribute.Reference(unit + in.number(2));
            case 0x13 -> new Attribute.Reference(unit + in.number(4));
            case 0x14 -> new Attribute.Reference(unit + in.number(8));
            case 0x15 -> new Attribute.Reference(unit + in.unsigned());
            case 0x19 -> new Attribute.Number(1);
            case 0x1a -> new Attribute.Index(Table.STRINGS, in.unsigned());
            case 0x1b -> new Attribute.Index(Table.ADDRESSES, in.unsigned());
            case 0x1e -> new Attribute.Block(in.bytes(16));
            case 0x1f -> new Attribute.Text(new Cursor(".debug_line_str", sections.lineStrings(), in.number(4)).text());
            case IMPLICIT_CONST -> new Attribute.Number(constant);
            case 0x22 -> new Attribute.Index(Table.LOCATIONS, in.unsigned());
            case 0x23 -> new Attribute.Index(Table.RANGES, in.unsigned());
            case 0x25, 0x26, 0x27, 0x28 -> new Attribute.Index(Table.STRINGS, in.number(form - 0x24));
            case 0x29, 0x2a, 0x2b, 0x2c -> new Attribute.Index(Table.ADDRESSES, in.number(form - 0x28));
            default -> throw new MalformedDwarfException(".debug_info has the unknown form 0x" + Integer.toHexString(form));
        };
    }
}
