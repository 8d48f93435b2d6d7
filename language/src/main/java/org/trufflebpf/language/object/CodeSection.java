package org.trufflebpf.language.object;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.trufflebpf.language.btf.BtfExtension;
import org.trufflebpf.language.isa.RawInstruction;
import org.trufflebpf.language.object.ElfFile.Relocation;
import org.trufflebpf.language.object.ElfFile.Section;
import org.trufflebpf.language.object.ElfFile.Symbol;
import org.trufflebpf.language.object.ElfFile.SymbolType;

/** An executable section: its code, where its functions are, what its instructions refer to, and the C lines they came from. */
final class CodeSection {
    /** As many slots as the kernel takes for one program. */
    static final int MAX_SLOTS = 1_000_000;
    /** Characters of a C line in a message. */
    private static final int MAX_QUOTED = 200;

    private final Section section;
    private final byte[] code;
    private final Map<Integer, Relocation> relocations = new HashMap<>();
    private final NavigableMap<Integer, CodeFunction> functions = new TreeMap<>();
    private final List<CodeFunction> named = new ArrayList<>();
    private final NavigableMap<Integer, BtfExtension.Line> lines = new TreeMap<>();

    /** @param symbols those of this section */
    CodeSection(ElfFile elf, Section section, List<Symbol> symbols, BtfExtension extension) throws MalformedObjectException {
        this.section = section;
        this.code = elf.bytes(section);
        if (code.length % RawInstruction.BYTES != 0) {
            throw new MalformedObjectException("section " + name() + " is cut: its size is not a multiple of 8 bytes");
        }
        if (slots() > MAX_SLOTS) {
            throw new MalformedObjectException("section " + name() + " has more than " + MAX_SLOTS + " instructions");
        }
        readRelocations(elf);
        readFunctions(symbols, extension.functions().getOrDefault(name(), List.of()));
        readLines(extension.lines().getOrDefault(name(), List.of()));
    }

    int index() {
        return section.index();
    }

    String name() {
        return section.name();
    }

    /** Whether its functions are there to be called by programs of other sections. */
    boolean holdsSubprograms() {
        return name().equals(".text") || name().startsWith(".text.");
    }

    /** Changed in place by relocations against kernel types, before programs are linked. */
    byte[] code() {
        return code;
    }

    int slots() {
        return code.length / RawInstruction.BYTES;
    }

    /** What the instruction refers to, or null. */
    Relocation relocation(int slot) {
        return relocations.get(slot);
    }

    /** The function that starts at {@code slot}, or null. */
    CodeFunction function(long slot) {
        return slot >= 0 && slot < slots() ? functions.get((int) slot) : null;
    }

    /** All functions, ascending; one that has several names comes once for each. */
    List<CodeFunction> functions() {
        return named;
    }

    /** The C lines that start within a function, by slot of the section. */
    NavigableMap<Integer, BtfExtension.Line> lines(CodeFunction function) {
        return lines.subMap(function.start(), true, function.end(), false);
    }

    /** Where a slot is, for messages. */
    String describe(int slot) {
        StringBuilder text = new StringBuilder("instruction ").append(slot).append(" of section ").append(name());
        Map.Entry<Integer, BtfExtension.Line> line = lines.floorEntry(slot);
        if (line != null && line.getValue().line() != 0) {
            text.append(" (").append(line.getValue().file()).append(':').append(line.getValue().line()).append(": ")
                    .append(cut(line.getValue().text().strip())).append(')');
        }
        return text.toString();
    }

    private static String cut(String text) {
        return text.length() > MAX_QUOTED ? text.substring(0, MAX_QUOTED) + "..." : text;
    }

    private void readRelocations(ElfFile elf) throws MalformedObjectException {
        for (Relocation relocation : elf.relocations(section)) {
            long slot = relocation.offset() / RawInstruction.BYTES;
            if (relocation.offset() % RawInstruction.BYTES != 0 || slot < 0 || slot >= slots()) {
                throw new MalformedObjectException("section " + name() + " has a relocation at byte " + relocation.offset()
                        + ", where no instruction is");
            }
            if (relocations.put((int) slot, relocation) != null) {
                throw new MalformedObjectException("section " + name() + " has two relocations of instruction " + slot);
            }
        }
    }

    private void readFunctions(List<Symbol> symbols, List<BtfExtension.Function> described) throws MalformedObjectException {
        List<Symbol> symbolsOfFunctions = symbols.stream().filter(symbol -> symbol.type() == SymbolType.FUNCTION).toList();
        if (symbolsOfFunctions.isEmpty()) {
            // Compilers before LLVM 9 gave functions neither a type nor a size.
            symbolsOfFunctions = symbols.stream()
                    .filter(symbol -> symbol.type() == SymbolType.NONE && !symbol.local() && !symbol.name().isEmpty()).toList();
        }
        NavigableMap<Integer, Symbol> starts = new TreeMap<>();
        for (Symbol symbol : symbolsOfFunctions) {
            int start = start(symbol.value(), symbol.name());
            if (!starts.containsKey(start) || starts.get(start).local()) {
                starts.put(start, symbol);
            }
        }
        for (BtfExtension.Function function : described) {
            // A static function keeps its description when its symbol was stripped.
            int start = start(Integer.toUnsignedLong(function.offset()), function.name());
            starts.putIfAbsent(start, new Symbol(function.name(), SymbolType.FUNCTION, true, false, index(), function.offset(), 0));
        }
        if (starts.isEmpty()) {
            starts.put(0, new Symbol(name(), SymbolType.FUNCTION, false, false, index(), 0, 0));
        }
        for (Map.Entry<Integer, Symbol> entry : starts.entrySet()) {
            functions.put(entry.getKey(), function(entry.getKey(), entry.getValue(), starts.higherKey(entry.getKey())));
        }
        for (Symbol symbol : symbolsOfFunctions) {
            CodeFunction function = functions.get((int) (symbol.value() / RawInstruction.BYTES));
            if (!symbol.name().equals(function.name()) && !symbol.local()) {
                named.add(new CodeFunction(this, symbol.name(), function.start(), function.end(), true));
            }
        }
        named.addAll(functions.values());
        named.sort(Comparator.comparingInt(CodeFunction::start));
    }

    private int start(long offset, String name) throws MalformedObjectException {
        if (offset < 0 || offset >= code.length || offset % RawInstruction.BYTES != 0) {
            throw new MalformedObjectException("function " + name + " starts at byte " + offset + " of section " + name()
                    + ", where no instruction is");
        }
        return (int) (offset / RawInstruction.BYTES);
    }

    private CodeFunction function(int start, Symbol symbol, Integer next) throws MalformedObjectException {
        if (symbol.size() == 0) {
            return new CodeFunction(this, symbol.name(), start, next == null ? slots() : next, !symbol.local());
        }
        if (symbol.size() < 0 || symbol.size() % RawInstruction.BYTES != 0 || symbol.size() / RawInstruction.BYTES > slots() - start) {
            throw new MalformedObjectException("function " + symbol.name() + " goes beyond the end of section " + name());
        }
        return new CodeFunction(this, symbol.name(), start, start + (int) (symbol.size() / RawInstruction.BYTES), !symbol.local());
    }

    private void readLines(List<BtfExtension.Line> described) {
        described.stream().filter(line -> line.offset() >= 0 && line.offset() < code.length)
                .sorted(Comparator.comparingInt(BtfExtension.Line::offset))
                .forEach(line -> lines.putIfAbsent(line.offset() / RawInstruction.BYTES, line));
    }
}
