package org.trufflebpf.language.assembly;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.trufflebpf.language.assembly.Tokens.Token;
import org.trufflebpf.language.isa.Decoder;
import org.trufflebpf.language.isa.Encoder;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.MapReference;
import org.trufflebpf.language.object.ProgramSpec;

/** A program on its way from text to code. Labels are collected first, so that instructions can refer to later ones. */
final class AssemblyProgram {

    private record Line(int slot, int column, Tokens tokens) {
    }

    private record Label(Token token, Tokens tokens) {
    }

    private final String file;
    private final String name;
    private final String section;
    private final Tokens start;
    private final List<Line> lines = new ArrayList<>();
    private final Map<String, Integer> labels = new HashMap<>();
    private final List<Label> functions = new ArrayList<>();
    private int slots;

    /** @param start the line that begins it */
    AssemblyProgram(String file, String name, String section, Tokens start) {
        this.file = file;
        this.name = name;
        this.section = section;
        this.start = start;
    }

    String name() {
        return name;
    }

    void label(Token label, Tokens tokens) throws AssemblyException {
        if (labels.putIfAbsent(label.text(), slots) != null) {
            throw tokens.error(label.column(), "there are two labels " + Syntax.quoted(label.text()));
        }
    }

    /** Says that {@code label}, here or elsewhere in the program, is a function. */
    void function(Token label, Tokens tokens) {
        functions.add(new Label(label, tokens));
    }

    void instruction(Tokens tokens) throws AssemblyException {
        lines.add(new Line(slots, tokens.peek().column(), tokens));
        slots += InstructionParser.isDouble(tokens) ? 2 : 1;
        if (slots > Decoder.MAX_SLOTS) {
            throw tokens.error(1, "expected at most " + Decoder.MAX_SLOTS + " instructions");
        }
    }

    ProgramSpec assemble(Set<String> maps, Set<String> kfuncs) throws AssemblyException {
        if (slots == 0) {
            throw start.error(1, "expected instructions in program " + Syntax.quoted(name));
        }
        byte[] code = new byte[slots * Long.BYTES];
        Map<Integer, MapReference> references = new HashMap<>();
        Map<Integer, String> calledKfuncs = new HashMap<>();
        Set<Integer> starts = new TreeSet<>(Set.of(0));
        List<ProgramSpec.Line> sources = new ArrayList<>();
        InstructionParser.Names names = names(maps, kfuncs);
        for (Line line : lines) {
            Instruction instruction = new InstructionParser(line.tokens(), names, line.slot()).parse();
            Encoder.encode(instruction, line.slot(), code);
            switch (instruction) {
                case Instruction.LoadMap load -> references.put(line.slot(), new MapReference(load.map(), false));
                case Instruction.LoadMapValue load -> references.put(line.slot(), new MapReference(load.map(), true));
                case Instruction.LoadFunction load -> starts.add(load.functionSlot());
                case Instruction.CallLocal call -> starts.add(call.slot());
                case Instruction.CallKfunc call -> calledKfuncs.put(line.slot(), call.name());
                default -> {
                }
            }
            sources.add(new ProgramSpec.Line(line.slot(), file, line.tokens().line(), line.column(), line.tokens().text()));
        }
        for (Label function : functions) {
            Integer slot = names.slot(function.token().text());
            if (slot == null) {
                throw function.tokens().error(function.token().column(), "there is no label " + Syntax.quoted(function.token().text()));
            }
            starts.add(slot);
        }
        return new ProgramSpec(name, section, code, references, functions(starts), sources, calledKfuncs);
    }

    /** Named by a label there; by the first in the alphabet where there are several. */
    private List<ProgramSpec.Function> functions(Set<Integer> starts) {
        Map<Integer, String> named = new TreeMap<>();
        labels.forEach((label, slot) -> {
            if (starts.contains(slot)) {
                named.merge(slot, label, (one, other) -> one.compareTo(other) <= 0 ? one : other);
            }
        });
        named.put(0, name);
        return named.entrySet().stream().map(entry -> new ProgramSpec.Function(entry.getKey(), entry.getValue())).toList();
    }

    private InstructionParser.Names names(Set<String> maps, Set<String> kfuncs) {
        return new InstructionParser.Names() {
            @Override
            public Integer slot(String label) {
                Integer slot = labels.get(label);
                if (slot == null && label.equals(name)) {
                    return 0;
                }
                return slot == null || slot == slots ? null : slot;
            }

            @Override
            public boolean isMap(String map) {
                return maps.contains(map);
            }

            @Override
            public boolean isKfunc(String function) {
                return kfuncs.contains(function);
            }
        };
    }
}
