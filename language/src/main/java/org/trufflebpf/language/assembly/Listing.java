package org.trufflebpf.language.assembly;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.trufflebpf.language.isa.Decoder;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.MalformedCodeException;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.MapTypes;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.verifier.HelperNames;

/**
 * Programs as text: with slots, bytes and C lines for people, or as a source that the {@link Assembler} turns into the same code again. Code
 * need not be valid; instructions that are not are shown with the reason.
 */
public final class Listing {

    private static final int BYTES = 8;

    private final ProgramSpec program;
    private final Instruction[] instructions;
    private final String[] faults;
    private final Map<Integer, String> functions = new TreeMap<>();
    private final Map<Integer, String> labels = new TreeMap<>();
    private final StringBuilder text = new StringBuilder();

    private Listing(ProgramSpec program, Set<String> reserved) {
        this.program = program;
        instructions = new Instruction[program.code().length / BYTES];
        faults = new String[instructions.length];
        for (int slot = 0; slot < instructions.length; slot += width(slot)) {
            try {
                instructions[slot] = Decoder.decodeOne(program.code(), slot, program.references(), program.kfuncs());
            } catch (MalformedCodeException e) {
                faults[slot] = e.getMessage();
            }
        }
        name(new HashSet<>(reserved));
    }

    /**
     * {@code program} with slots, bytes and C lines, for people.
     *
     * <pre>
     * ; if (data + 14 > data_end) @ drop.c:12
     *        4:  2d 23 02 00 00 00 00 00     if r3 > r2 goto L7
     * </pre>
     */
    public static String of(ProgramSpec program) {
        Listing listing = new Listing(program, Set.of());
        listing.text.append("; program ").append(Syntax.quoted(program.name())).append(", section ").append(Syntax.quoted(program.section()))
                .append('\n');
        listing.append(true);
        return listing.text.toString();
    }

    /** {@code object} as assembly text. What maps hold at the start, their BTF types and map_extra are left out. */
    public static String source(ObjectSpec object) {
        StringBuilder text = new StringBuilder();
        if (!object.license().isEmpty()) {
            text.append(".license ").append(literal(object.license())).append('\n');
        }
        Set<String> reserved = new HashSet<>();
        for (MapSpec map : object.maps()) {
            reserved.add(map.name());
            text.append(".map %s %s ".formatted(literal(map.name()), MapTypes.name(map.type())));
            text.append("%d %d %d".formatted(map.keySize(), map.valueSize(), map.maxEntries()));
            text.append(map.flags() == 0 ? "\n" : " " + Syntax.hex(Integer.toUnsignedLong(map.flags())) + "\n");
        }
        for (ProgramSpec program : object.programs()) {
            Set<String> names = new HashSet<>(reserved);
            names.addAll(program.kfuncs().values());
            Listing listing = new Listing(program, names);
            program.kfuncs().values().stream().distinct().sorted()
                    .forEach(kfunc -> listing.text.append(".extern ").append(literal(kfunc)).append('\n'));
            listing.text.append(".program ").append(literal(program.name())).append(' ').append(literal(program.section())).append('\n');
            listing.append(false);
            text.append('\n').append(listing.text);
        }
        return text.toString();
    }

    private static String literal(String name) {
        return Syntax.quoted(name);
    }

    /** Gives every function and jump target a name that nothing else in the program has. */
    private void name(Set<String> used) {
        for (ProgramSpec.Function function : program.functions()) {
            functions.put(function.slot(), unique(function.name(), function.slot(), used));
        }
        for (int slot = 0; slot < instructions.length; slot++) {
            switch (instructions[slot]) {
                case Instruction.CallLocal call -> function(call.slot(), used);
                case Instruction.LoadFunction load -> function(load.functionSlot(), used);
                case null, default -> {
                }
            }
        }
        for (int slot = 0; slot < instructions.length; slot++) {
            switch (instructions[slot]) {
                case Instruction.Jump jump -> label(jump.slot(), used);
                case Instruction.Branch branch -> label(branch.slot(), used);
                case Instruction.MayGoto jump -> label(jump.slot(), used);
                case null, default -> {
                }
            }
        }
    }

    private static String unique(String name, int slot, Set<String> used) {
        String candidate = name;
        while (!used.add(candidate)) {
            candidate += "." + slot;
        }
        return candidate;
    }

    private boolean hasInstruction(int slot) {
        return slot >= 0 && slot < instructions.length && (instructions[slot] != null || faults[slot] != null);
    }

    private void function(int slot, Set<String> used) {
        if (hasInstruction(slot) && !functions.containsKey(slot)) {
            functions.put(slot, unique("F" + slot, slot, used));
        }
    }

    private void label(int slot, Set<String> used) {
        if (hasInstruction(slot) && !labels.containsKey(slot)) {
            labels.put(slot, unique("L" + slot, slot, used));
        }
    }

    private void append(boolean forPeople) {
        Disassembler.Symbols symbols = symbols();
        ProgramSpec.Line last = null;
        for (int slot = 0; slot < instructions.length; slot += width(slot)) {
            String function = functions.get(slot);
            if (function != null) {
                text.append('\n').append(literal(function)).append(":\n");
            }
            ProgramSpec.Line line = program.lineAt(slot);
            if (line != null && !isSameLine(line, last)) {
                text.append("; ").append(comment(line)).append('\n');
                last = line;
            }
            String label = labels.get(slot);
            if (label != null) {
                text.append(literal(label)).append(":\n");
            }
            if (forPeople) {
                text.append("%8d:  %-47s  ".formatted(slot, bytes(slot)));
            } else {
                text.append("    ");
            }
            text.append(instruction(slot, symbols)).append('\n');
        }
        if (program.code().length % BYTES != 0) {
            text.append("; ").append(program.code().length % BYTES).append(" bytes of a cut instruction\n");
        }
    }

    /** Two expressions of one line come as two lines that differ in the column. */
    private static boolean isSameLine(ProgramSpec.Line line, ProgramSpec.Line other) {
        return other != null && line.line() == other.line() && line.file().equals(other.file());
    }

    private int width(int slot) {
        return instructions[slot] == null ? 1 : instructions[slot].slotCount();
    }

    private String instruction(int slot, Disassembler.Symbols symbols) {
        Instruction instruction = instructions[slot];
        if (instruction == null) {
            return "<unknown>  ; " + faults[slot];
        }
        String line = Disassembler.text(instruction, slot, symbols);
        if (instruction instanceof Instruction.CallHelper(int number)) {
            return HelperNames.of(number).map(name -> line + "  ; " + name).orElse(line);
        }
        return line;
    }

    private Disassembler.Symbols symbols() {
        return new Disassembler.Symbols() {
            @Override
            public String label(int slot) {
                String label = labels.get(slot);
                return label == null ? null : literal(label);
            }

            @Override
            public String function(int slot) {
                return functions.get(slot);
            }
        };
    }

    private String bytes(int slot) {
        StringBuilder bytes = new StringBuilder();
        for (int at = slot * BYTES; at < (slot + width(slot)) * BYTES; at++) {
            bytes.append(bytes.isEmpty() ? "" : " ").append("%02x".formatted(program.code()[at]));
        }
        return bytes.toString();
    }

    /** A C line as one line, whatever characters a hostile file put into it. */
    private static String comment(ProgramSpec.Line line) {
        String source = line.text().strip();
        String whole = (source.isEmpty() ? "" : source + " ") + "@ " + line.file() + ":" + line.line();
        return whole.codePoints().map(c -> Character.isISOControl(c) || c == 0x2028 || c == 0x2029 ? ' ' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
    }
}
