package org.trufflebpf.language.object;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.trufflebpf.language.btf.StringTable;

/**
 * The sections, symbols and relocations of a relocatable 64-bit little-endian ELF file for BPF.
 *
 * <p>All that follows works on this, so the bounds that keep hostile files cheap are checked here: nothing lies outside the file, sections do not
 * share bytes (so copies of all of them are no larger than the file), and counts are limited.
 */
final class ElfFile {
    static final int PROGBITS = 1;
    static final int NOBITS = 8;
    static final long EXECUTABLE = 4;

    static final int NO_SECTION = 0;

    private static final int SYMBOL_TABLE = 2;
    private static final int RELOCATIONS_WITH_ADDEND = 4;
    private static final int RELOCATIONS = 9;

    private static final int MAX_FILE_SIZE = 32 << 20;
    private static final int MAX_SECTIONS = 16384;
    private static final int MAX_SYMBOLS = 1 << 18;
    private static final long MAX_SECTION_SIZE = 1 << 30;
    private static final int MAX_NAME = 4096;

    private static final int HEADER_SIZE = 64;
    private static final int SECTION_HEADER_SIZE = 64;
    private static final int SYMBOL_SIZE = 24;
    private static final int RELOCATION_SIZE = 16;
    private static final int ET_REL = 1;
    private static final int EM_BPF = 247;

    /**
     * @param offset of its bytes in the file; without meaning for NOBITS
     * @param size bytes, at most {@code MAX_SECTION_SIZE}
     */
    record Section(int index, String name, int type, long flags, int offset, int size, int link, int info) {
        boolean isCode() {
            return type == PROGBITS && (flags & EXECUTABLE) != 0 && size > 0;
        }
    }

    enum SymbolType {
        NONE, OBJECT, FUNCTION, SECTION, OTHER
    }

    /**
     * @param section the index of its section, 0 when another file should define it, -1 for absolute and common symbols
     * @param value bytes from the start of the section
     */
    record Symbol(String name, SymbolType type, boolean local, boolean weak, int section, long value, long size) {
        boolean isUndefined() {
            return section == NO_SECTION;
        }
    }

    /** @param offset bytes from the start of the section that is relocated */
    record Relocation(long offset, int type, Symbol symbol) {
    }

    private final byte[] file;
    private final ByteBuffer buffer;
    private final List<Section> sections = new ArrayList<>();
    private final List<Symbol> symbols = new ArrayList<>();
    private final Map<Integer, List<Section>> relocationSections = new HashMap<>();

    private ElfFile(byte[] file) {
        this.file = file;
        this.buffer = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    }

    static ElfFile parse(byte[] file) throws MalformedObjectException {
        ElfFile elf = new ElfFile(file);
        elf.checkHeader();
        elf.readSections();
        elf.readSymbols();
        return elf;
    }

    List<Section> sections() {
        return sections;
    }

    List<Symbol> symbols() {
        return symbols;
    }

    /** The first section of this name. */
    Optional<Section> section(String name) {
        return sections.stream().filter(section -> section.name().equals(name)).findFirst();
    }

    /** A copy of the content; empty for NOBITS. */
    byte[] bytes(Section section) {
        byte[] bytes = new byte[section.type() == NOBITS ? 0 : section.size()];
        System.arraycopy(file, section.type() == NOBITS ? 0 : section.offset(), bytes, 0, bytes.length);
        return bytes;
    }

    /** The relocations of a section, in file order. */
    List<Relocation> relocations(Section target) throws MalformedObjectException {
        List<Relocation> relocations = new ArrayList<>();
        for (Section section : relocationSections.getOrDefault(target.index(), List.of())) {
            if (section.type() == RELOCATIONS_WITH_ADDEND) {
                throw new MalformedObjectException("section " + section.name() + " has relocations with addends, which BPF does not use");
            }
            if (section.size() % RELOCATION_SIZE != 0) {
                throw new MalformedObjectException("section " + section.name() + " does not hold whole relocations");
            }
            for (int at = section.offset(); at < section.offset() + section.size(); at += RELOCATION_SIZE) {
                int symbol = buffer.getInt(at + 12);
                if (symbol < 0 || symbol >= symbols.size()) {
                    throw new MalformedObjectException("a relocation in section " + section.name() + " names symbol "
                            + Integer.toUnsignedString(symbol) + ", which does not exist");
                }
                relocations.add(new Relocation(buffer.getLong(at), buffer.getInt(at + 8), symbols.get(symbol)));
            }
        }
        return relocations;
    }

    private void checkHeader() throws MalformedObjectException {
        if (file.length < 4 || buffer.getInt(0) != 0x464c457f) {
            throw new MalformedObjectException("this is not an ELF file: give the object that clang -target bpf -c made");
        }
        if (file.length < HEADER_SIZE) {
            throw new MalformedObjectException("the file is cut: it has only " + file.length + " bytes");
        }
        if (file.length > MAX_FILE_SIZE) {
            throw new MalformedObjectException("the file has more than " + (MAX_FILE_SIZE >> 20) + " MiB: strip its debug information");
        }
        if (file[5] == 2) {
            throw new MalformedObjectException("the file is big-endian: compile with -target bpfel");
        }
        if (file[4] != 2 || file[5] != 1) {
            throw new MalformedObjectException("the file is not a 64-bit little-endian ELF file: compile with -target bpf");
        }
        int machine = Short.toUnsignedInt(buffer.getShort(18));
        if (machine != EM_BPF) {
            throw new MalformedObjectException("the file is for machine " + machine + ", not for BPF (247): compile with -target bpf");
        }
        if (buffer.getShort(16) != ET_REL) {
            throw new MalformedObjectException("the file is not an object (ELF type " + buffer.getShort(16) + "): compile with -c");
        }
    }

    private void readSections() throws MalformedObjectException {
        long table = buffer.getLong(40);
        int count = Short.toUnsignedInt(buffer.getShort(60));
        int names = Short.toUnsignedInt(buffer.getShort(62));
        if (count == 0 || count > MAX_SECTIONS) {
            throw new MalformedObjectException("the file has " + count + " sections; 1 to " + MAX_SECTIONS + " can be read");
        }
        if (Short.toUnsignedInt(buffer.getShort(58)) != SECTION_HEADER_SIZE) {
            throw new MalformedObjectException("the section headers do not have " + SECTION_HEADER_SIZE + " bytes");
        }
        if (table < 0 || table > file.length - (long) count * SECTION_HEADER_SIZE) {
            throw new MalformedObjectException("the file is cut: its section headers lie beyond its end");
        }
        if (names >= count) {
            throw new MalformedObjectException("the section of section names does not exist");
        }
        int start = (int) table;
        StringTable strings = stringTable(start, names, count);
        long contents = 0;
        for (int i = 0; i < count; i++) {
            Section section = readSection(start + i * SECTION_HEADER_SIZE, i, strings);
            contents += section.type() == NOBITS ? 0 : section.size();
            if (contents > file.length) {
                throw new MalformedObjectException("the sections share bytes of the file");
            }
            sections.add(section);
            if (section.type() == RELOCATIONS || section.type() == RELOCATIONS_WITH_ADDEND) {
                relocationSections.computeIfAbsent(section.info(), _ -> new ArrayList<>()).add(section);
            }
        }
    }

    private Section readSection(int at, int index, StringTable names) throws MalformedObjectException {
        int name = buffer.getInt(at);
        if (!names.isValid(name, MAX_NAME)) {
            throw new MalformedObjectException("section " + index + " has a name that is outside the section of names or too long");
        }
        int type = buffer.getInt(at + 4);
        long offset = buffer.getLong(at + 24);
        long size = index == NO_SECTION ? 0 : buffer.getLong(at + 32);
        boolean fits = type == NOBITS ? size >= 0 && size <= MAX_SECTION_SIZE : size >= 0 && offset >= 0 && offset <= file.length - size;
        if (index != NO_SECTION && !fits) {
            throw new MalformedObjectException(type == NOBITS
                    ? "section " + names.get(name) + " has more than " + (MAX_SECTION_SIZE >> 20) + " MiB"
                    : "the file is cut: section " + names.get(name) + " goes beyond its end");
        }
        return new Section(index, names.get(name), type, buffer.getLong(at + 8), index == NO_SECTION || type == NOBITS ? 0 : (int) offset, (int) size,
                buffer.getInt(at + 40), buffer.getInt(at + 44));
    }

    /** The strings of section {@code index}, straight from its header. */
    private StringTable stringTable(int headers, int index, int count) throws MalformedObjectException {
        if (index < 0 || index >= count) {
            throw new MalformedObjectException("section " + Integer.toUnsignedString(index) + " should hold strings but does not exist");
        }
        long offset = buffer.getLong(headers + index * SECTION_HEADER_SIZE + 24);
        long size = buffer.getLong(headers + index * SECTION_HEADER_SIZE + 32);
        if (size < 0 || offset < 0 || offset > file.length - size) {
            throw new MalformedObjectException("the file is cut: its strings lie beyond its end");
        }
        return new StringTable(file, (int) offset, (int) size);
    }

    private void readSymbols() throws MalformedObjectException {
        List<Section> tables = sections.stream().filter(section -> section.type() == SYMBOL_TABLE).toList();
        if (tables.size() != 1) {
            throw new MalformedObjectException(tables.isEmpty() ? "the file has no symbols: do not strip them" : "the file has two symbol tables");
        }
        Section table = tables.get(0);
        int count = table.size() / SYMBOL_SIZE;
        if (count > MAX_SYMBOLS) {
            throw new MalformedObjectException("the file has more than " + MAX_SYMBOLS + " symbols");
        }
        StringTable names = stringTable((int) buffer.getLong(40), table.link(), sections.size());
        for (int i = 0; i < count; i++) {
            symbols.add(readSymbol(table.offset() + i * SYMBOL_SIZE, i, names));
        }
    }

    private Symbol readSymbol(int at, int index, StringTable names) throws MalformedObjectException {
        int name = buffer.getInt(at);
        if (!names.isValid(name, MAX_NAME)) {
            throw new MalformedObjectException("symbol " + index + " has a name that is outside the strings or too long");
        }
        int info = Byte.toUnsignedInt(buffer.get(at + 4));
        int section = Short.toUnsignedInt(buffer.getShort(at + 6));
        SymbolType type = switch (info & 0xf) {
            case 0 -> SymbolType.NONE;
            case 1 -> SymbolType.OBJECT;
            case 2 -> SymbolType.FUNCTION;
            case 3 -> SymbolType.SECTION;
            default -> SymbolType.OTHER;
        };
        boolean reserved = section >= 0xff00;
        if (!reserved && section >= sections.size()) {
            throw new MalformedObjectException("symbol " + names.get(name) + " is in section " + section + ", which does not exist");
        }
        String text = type == SymbolType.SECTION && !reserved ? sections.get(section).name() : names.get(name);
        return new Symbol(text, type, info >>> 4 == 0, info >>> 4 == 2, reserved ? -1 : section, buffer.getLong(at + 8), buffer.getLong(at + 16));
    }
}
