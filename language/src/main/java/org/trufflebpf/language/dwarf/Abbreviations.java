package org.trufflebpf.language.dwarf;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What kinds of entries a unit has (DWARF 5, section 7.5.3). */
final class Abbreviations {
    /** @param constant the value itself where the form is DW_FORM_implicit_const */
    record Field(int attribute, int form, long constant) {
    }

    record Abbreviation(int tag, boolean hasChildren, List<Field> fields) {
    }

    private final Map<Long, Abbreviation> byCode = new HashMap<>();

    static Abbreviations at(byte[] section, long offset) throws MalformedDwarfException {
        Abbreviations abbreviations = new Abbreviations();
        Cursor in = new Cursor(".debug_abbrev", section, offset);
        for (long code = in.unsigned(); code != 0; code = in.unsigned()) {
            int tag = (int) in.unsigned();
            boolean hasChildren = in.u8() != 0;
            List<Field> fields = new ArrayList<>();
            while (true) {
                int attribute = (int) in.unsigned();
                int form = (int) in.unsigned();
                long constant = form == Form.IMPLICIT_CONST ? in.signed() : 0;
                if (attribute == 0 && form == 0) {
                    break;
                }
                fields.add(new Field(attribute, form, constant));
            }
            abbreviations.byCode.put(code, new Abbreviation(tag, hasChildren, fields));
        }
        return abbreviations;
    }

    Abbreviation get(long code) throws MalformedDwarfException {
        Abbreviation found = byCode.get(code);
        if (found == null) {
            throw new MalformedDwarfException(".debug_info has an entry of the unknown kind " + code);
        }
        return found;
    }
}
