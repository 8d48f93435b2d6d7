package org.trufflebpf.language.object;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.trufflebpf.language.dwarf.DwarfSections;
import org.trufflebpf.language.object.ElfFile.Relocation;
import org.trufflebpf.language.object.ElfFile.Section;

/** Finds the debug information in an object file. */
final class DebugSections {
    private static final int R_BPF_64_ABS64 = 2;

    private final ElfFile elf;

    private DebugSections(ElfFile elf) {
        this.elf = elf;
    }

    /** What {@code clang -g} said of the variables, or null where there is none or it cannot be relocated: programs run without it. */
    static DwarfSections of(ElfFile elf) {
        if (elf.section(".debug_info").isEmpty()) {
            return null;
        }
        DebugSections sections = new DebugSections(elf);
        try {
            return new DwarfSections(sections.bytes(".debug_info"), sections.bytes(".debug_abbrev"), sections.bytes(".debug_str"),
                            sections.bytes(".debug_line_str"), sections.bytes(".debug_str_offsets"), sections.bytes(".debug_addr"),
                            sections.either(".debug_loclists", ".debug_loc"), sections.either(".debug_rnglists", ".debug_ranges"));
        } catch (MalformedObjectException e) {
            return null;
        }
    }

    private byte[] either(String name, String older) throws MalformedObjectException {
        return bytes(elf.section(name).isPresent() ? name : older);
    }

    /** The bytes of a section, relocated as {@link DwarfSections} says. */
    private byte[] bytes(String name) throws MalformedObjectException {
        Section section = elf.section(name).orElse(null);
        if (section == null) {
            return new byte[0];
        }
        byte[] bytes = elf.bytes(section);
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (Relocation relocation : elf.relocations(section)) {
            int size = relocation.type() == R_BPF_64_ABS64 ? Long.BYTES : Integer.BYTES;
            if (relocation.offset() < 0 || relocation.offset() > bytes.length - size) {
                throw new MalformedObjectException("section " + name + " has a relocation at byte " + relocation.offset() + ", beyond its end");
            }
            int at = (int) relocation.offset();
            if (size == Long.BYTES) {
                buffer.putLong(at, buffer.getLong(at) + address(relocation.symbol()));
            } else {
                buffer.putInt(at, buffer.getInt(at) + (int) relocation.symbol().value());
            }
        }
        return bytes;
    }

    private long address(ElfFile.Symbol symbol) {
        boolean isCode = elf.sections().stream().anyMatch(section -> section.index() == symbol.section() && section.isCode());
        return (isCode ? (long) symbol.section() << DwarfSections.SECTION_SHIFT : 0) + symbol.value();
    }
}
