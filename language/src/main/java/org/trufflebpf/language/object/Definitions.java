package org.trufflebpf.language.object;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.trufflebpf.language.btf.Btf;
import org.trufflebpf.language.btf.BtfType;
import org.trufflebpf.language.isa.RawInstruction;
import org.trufflebpf.language.object.ElfFile.Relocation;

/** What the symbols of an object stand for. */
final class Definitions {
    static final int CALL = RawInstruction.JMP | RawInstruction.CALL;

    private final Map<Integer, CodeSection> code = new HashMap<>();
    private final Map<Integer, MapSpec> data = new HashMap<>();
    private final Map<Place, String> maps = new HashMap<>();
    private final Map<String, Extern> externs = new HashMap<>();

    /** Byte {@code offset} of a section. */
    record Place(int section, long offset) {
    }

    void addCode(CodeSection section) {
        code.put(section.index(), section);
    }

    void addData(int section, MapSpec map) {
        data.put(section, map);
    }

    void addMap(int section, long offset, String name) {
        maps.put(new Place(section, offset), name);
    }

    void addExtern(String name, Extern extern) {
        externs.put(name, extern);
    }

    /** The map that is the section's content, or null. */
    MapSpec data(int section) {
        return data.get(section);
    }

    /** The name of the map that is declared at the place, or null. */
    String map(int section, long offset) {
        return maps.get(new Place(section, offset));
    }

    boolean isCode(int section) {
        return code.containsKey(section);
    }

    /** The function that the instruction calls or takes the address of; null when it is another instruction or names no function. */
    CodeFunction target(CodeSection section, int slot) {
        RawInstruction instruction = RawInstruction.at(section.code(), slot);
        Relocation relocation = section.relocation(slot);
        boolean call = instruction.opcode() == CALL;
        if (relocation == null) {
            return call && instruction.source() == RawInstruction.CALL_LOCAL ? section.function((long) slot + instruction.immediate() + 1) : null;
        }
        // A call's immediate counts instructions from the one after the symbol: -1 for a function's own symbol, more for a section's.
        long addend = call ? (instruction.immediate() + 1L) * RawInstruction.BYTES : instruction.immediate();
        return functionAt(relocation.symbol().section(), relocation.symbol().value() + addend);
    }

    /** The function whose first instruction lies at the byte, or null. */
    CodeFunction functionAt(int section, long offset) {
        CodeSection found = code.get(section);
        return found == null || offset % RawInstruction.BYTES != 0 ? null : found.function(offset / RawInstruction.BYTES);
    }

    /** Null when the object does not say what the name is. */
    Extern extern(String name) {
        return externs.get(name);
    }

    /** Kernel functions and variables, which clang lists in the pseudo-section .ksyms of the types. */
    void addKernelSymbols(Btf btf) {
        btf.find(".ksyms", BtfType.DataSection.class).ifPresent(id -> {
            List<BtfType.Placement> symbols = ((BtfType.DataSection) btf.type(id)).variables();
            for (BtfType.Placement symbol : symbols) {
                BtfType type = btf.type(symbol.variable());
                externs.put(type.name(), type instanceof BtfType.Function ? new Extern.KernelFunction(type.name()) : new Extern.KernelVariable());
            }
        });
    }
}
