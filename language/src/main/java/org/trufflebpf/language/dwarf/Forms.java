package org.trufflebpf.language.dwarf;

import org.trufflebpf.language.dwarf.Attribute.Table;

/** Reads the values of attributes by their forms (DWARF 5, section 7.5.6). */
final class Forms {
    private final DwarfSections sections;

    Forms(DwarfSections sections) {
        this.sections = sections;
    }

    /** @param unit where the unit starts, which references count from */
    Attribute read(Cursor in, int form, long constant, long unit, int addressSize) throws MalformedDwarfException {
        return switch (form) {
            case Form.ADDR -> new Attribute.Address(in.number(addressSize));
            case Form.BLOCK2 -> new Attribute.Block(in.bytes(in.number(2)));
            case Form.BLOCK4 -> new Attribute.Block(in.bytes(in.number(4)));
            case Form.DATA2 -> new Attribute.Number(in.number(2));
            case Form.DATA4, Form.SEC_OFFSET -> new Attribute.Number(in.number(4));
            case Form.DATA8 -> new Attribute.Number(in.number(8));
            case Form.STRING -> new Attribute.Text(in.text());
            case Form.BLOCK, Form.EXPRLOC -> new Attribute.Block(in.bytes(in.unsigned()));
            case Form.BLOCK1 -> new Attribute.Block(in.bytes(in.u8()));
            case Form.DATA1, Form.FLAG -> new Attribute.Number(in.u8());
            case Form.SDATA -> new Attribute.Number(in.signed());
            case Form.STRP -> new Attribute.Text(new Cursor(".debug_str", sections.strings(), in.number(4)).text());
            case Form.UDATA -> new Attribute.Number(in.unsigned());
            case Form.REF_ADDR -> new Attribute.Reference(in.number(4));
            case Form.REF1 -> new Attribute.Reference(unit + in.u8());
            case Form.REF2 -> new Attribute.Reference(unit + in.number(2));
            case Form.REF4 -> new Attribute.Reference(unit + in.number(4));
            case Form.REF8 -> new Attribute.Reference(unit + in.number(8));
            case Form.REF_UDATA -> new Attribute.Reference(unit + in.unsigned());
            case Form.FLAG_PRESENT -> new Attribute.Number(1);
            case Form.STRX -> new Attribute.Index(Table.STRINGS, in.unsigned());
            case Form.ADDRX -> new Attribute.Index(Table.ADDRESSES, in.unsigned());
            case Form.DATA16 -> new Attribute.Block(in.bytes(16));
            case Form.LINE_STRP -> new Attribute.Text(new Cursor(".debug_line_str", sections.lineStrings(), in.number(4)).text());
            case Form.IMPLICIT_CONST -> new Attribute.Number(constant);
            case Form.LOCLISTX -> new Attribute.Index(Table.LOCATIONS, in.unsigned());
            case Form.RNGLISTX -> new Attribute.Index(Table.RANGES, in.unsigned());
            case Form.STRX1, Form.STRX2, Form.STRX3, Form.STRX4 -> new Attribute.Index(Table.STRINGS, in.number(form - Form.STRX1 + 1));
            case Form.ADDRX1, Form.ADDRX2, Form.ADDRX3, Form.ADDRX4 -> new Attribute.Index(Table.ADDRESSES, in.number(form - Form.ADDRX1 + 1));
            default -> throw new MalformedDwarfException(".debug_info has the unknown form 0x" + Integer.toHexString(form));
        };
    }
}
