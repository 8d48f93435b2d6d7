package org.trufflebpf.language.dwarf;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** All entries of .debug_info. */
final class Entries {
    /** Those that clang makes of a program with all the kernel's types are a tenth of it; each takes some hundred bytes here. */
    private static final int MAX_ENTRIES = 1 << 20;
    private static final int MAX_DEPTH = 256;
    private static final int COMPILE_UNIT = 1;
    private static final int PARTIAL_UNIT = 3;

    private final DwarfSections sections;
    private final Forms forms;
    private final Map<Long, Entry> byOffset = new HashMap<>();
    private final List<Entry> roots = new ArrayList<>();

    private Entries(DwarfSections sections) {
        this.sections = sections;
        this.forms = new Forms(sections);
    }

    static Entries read(DwarfSections sections) throws MalformedDwarfException {
        Entries entries = new Entries(sections);
        Cursor in = new Cursor(".debug_info", sections.info(), 0);
        while (in.hasMore()) {
            long start = in.at();
            long length = in.number(4);
            if (length >= 0xffff_fff0L) {
                throw new MalformedDwarfException(".debug_info is of the 64-bit form: compile without -gdwarf64");
            }
            entries.readUnit(start, in.part(length));
        }
        return entries;
    }

    /** The first entry of each unit. */
    List<Entry> roots() {
        return roots;
    }

    /** Null when there is none. */
    Entry at(long offset) {
        return byOffset.get(offset);
    }

    private void readUnit(long start, Cursor in) throws MalformedDwarfException {
        int version = (int) in.number(2);
        if (version < 2 || version > 5) {
            throw new MalformedDwarfException(".debug_info has version " + version + ", 2 to 5 can be read");
        }
        int kind = version == 5 ? in.u8() : COMPILE_UNIT;
        int addressSize = version == 5 ? in.u8() : 0;
        long abbreviations = in.number(4);
        addressSize = version == 5 ? addressSize : in.u8();
        if (addressSize != 4 && addressSize != 8) {
            throw new MalformedDwarfException(".debug_info has addresses of " + addressSize + " bytes");
        }
        if (kind == COMPILE_UNIT || kind == PARTIAL_UNIT) {
            readEntries(new Unit(sections, version, start, addressSize), Abbreviations.at(sections.abbreviations(), abbreviations), in);
        }
    }

    private void readEntries(Unit unit, Abbreviations abbreviations, Cursor in) throws MalformedDwarfException {
        Deque<Entry> parents = new ArrayDeque<>();
        while (in.hasMore()) {
            long offset = in.at();
            long code = in.unsigned();
            if (code == 0) {
                if (parents.poll() == null || parents.isEmpty()) {
                    return;
                }
                continue;
            }
            Abbreviations.Abbreviation abbreviation = abbreviations.get(code);
            Map<Integer, Attribute> attributes = HashMap.newHashMap(abbreviation.fields().size());
            for (Abbreviations.Field field : abbreviation.fields()) {
                attributes.put(field.attribute(), forms.read(in, field.form(), field.constant(), unit.start(), unit.addressSize()));
            }
            Entry entry = new Entry(unit, offset, abbreviation.tag(), attributes);
            if (byOffset.size() == MAX_ENTRIES || parents.size() == MAX_DEPTH) {
                throw new MalformedDwarfException(".debug_info has more than " +
                                (parents.size() == MAX_DEPTH ? MAX_DEPTH + " levels" : MAX_ENTRIES + " entries"));
            }
            byOffset.put(offset, entry);
            if (parents.isEmpty()) {
                unit.setRoot(entry);
                roots.add(entry);
            } else {
                parents.peek().children().add(entry);
            }
            if (abbreviation.hasChildren()) {
                parents.push(entry);
            } else if (parents.isEmpty()) {
                return;
            }
        }
    }
}
