package org.trufflebpf.language.assembly;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.trufflebpf.language.assembly.Tokens.Kind;
import org.trufflebpf.language.assembly.Tokens.Token;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.MapTypes;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.ProgramSpec;

/**
 * Assembly text to an object: LLVM's syntax for instructions and labels, one to a line, and these directives.
 *
 * <pre>
 * .map NAME TYPE KEY_SIZE VALUE_SIZE MAX_ENTRIES [FLAGS]    TYPE as the kernel calls it (percpu_array) or its number, sizes in bytes
 * .program NAME [SECTION]    what follows is a program of its own, with labels of its own; section "xdp" if not given
 * .globl LABEL     the label is a function, even if nothing calls it
 * .extern NAME     a kernel function
 * .license TEXT
 * </pre>
 *
 * Without {@code .program} the text is one program, named by its first label. The result is not checked beyond syntax: decoding does that,
 * and its slots lead back here by the program's lines.
 */
public final class Assembler {

    private final String file;
    private final List<AssemblyProgram> programs = new ArrayList<>();
    private final Map<String, MapSpec> maps = new LinkedHashMap<>();
    private final Set<String> kfuncs = new HashSet<>();
    private String license = "";
    private AssemblyProgram current;

    private Assembler(String file) {
        this.file = file;
    }

    /**
     * Takes time and memory proportional to the text's length.
     *
     * @param file what errors and lines call the text
     * @throws AssemblyException at the first line that is not understood
     */
    public static ObjectSpec assemble(String file, String text) throws AssemblyException {
        Assembler assembler = new Assembler(file);
        int number = 0;
        for (String line : (Iterable<String>) text.lines()::iterator) {
            assembler.line(new Tokens(file, ++number, line));
        }
        if (assembler.programs.isEmpty()) {
            throw new AssemblyException(file, number + 1, 1, "expected an instruction, found the end of the text");
        }
        List<ProgramSpec> specs = new ArrayList<>();
        for (AssemblyProgram program : assembler.programs) {
            specs.add(program.assemble(assembler.maps.keySet(), assembler.kfuncs));
        }
        return new ObjectSpec(specs, List.copyOf(assembler.maps.values()), null, assembler.license);
    }

    private void line(Tokens tokens) throws AssemblyException {
        while (tokens.peek().isName() && tokens.peekSecond().is(":")) {
            Token label = tokens.next();
            tokens.next();
            program(label.text(), tokens).label(label, tokens);
        }
        if (tokens.isAtEnd()) {
            return;
        }
        if (tokens.peek().kind() == Kind.WORD && tokens.peek().text().startsWith(".")) {
            directive(tokens);
        } else {
            program("main", tokens).instruction(tokens);
        }
    }

    /** The program that the text is in, a new one of this name at the start. */
    private AssemblyProgram program(String name, Tokens tokens) {
        if (current == null) {
            current = new AssemblyProgram(file, name, "xdp", tokens);
            programs.add(current);
        }
        return current;
    }

    private void directive(Tokens tokens) throws AssemblyException {
        Token directive = tokens.next();
        switch (directive.text()) {
            case ".map" -> map(tokens);
            case ".program" -> {
                Token name = tokens.peek();
                tokens.name("the program's name");
                if (programs.stream().anyMatch(program -> program.name().equals(name.text()))) {
                    throw tokens.error(name.column(), "there are two programs " + Syntax.quoted(name.text()));
                }
                String section = tokens.isAtEnd() ? "xdp" : tokens.name("the program's section");
                current = new AssemblyProgram(file, name.text(), section, tokens);
                programs.add(current);
            }
            case ".globl" -> {
                Token label = tokens.peek();
                tokens.name("a label");
                program(label.text(), tokens).function(label, tokens);
            }
            case ".extern" -> kfuncs.add(tokens.name("the kernel function's name"));
            case ".license" -> license = tokens.name("the licence");
            default -> throw tokens.error(directive.column(),
                    "expected .map, .program, .globl, .extern or .license, found '" + directive.text() + "'");
        }
        tokens.expectEnd();
    }

    private void map(Tokens tokens) throws AssemblyException {
        Token name = tokens.peek();
        tokens.name("the map's name");
        int type = mapType(tokens);
        int keySize = (int) tokens.number("the key size", 0, Integer.MAX_VALUE);
        int valueSize = (int) tokens.number("the value size", 0, Integer.MAX_VALUE);
        long maxEntries = tokens.number("the number of entries", 0, 0xffff_ffffL);
        int flags = tokens.isAtEnd() ? 0 : (int) tokens.number("the flags", 0, 0xffff_ffffL);
        MapSpec map = new MapSpec(name.text(), type, keySize, valueSize, maxEntries, flags, 0, MapSpec.Pinning.NONE, 0, 0, null, Map.of(), null,
                MapSpec.Origin.GIVEN);
        if (maps.put(name.text(), map) != null) {
            throw tokens.error(name.column(), "there are two maps " + Syntax.quoted(name.text()));
        }
    }

    private static int mapType(Tokens tokens) throws AssemblyException {
        Token token = tokens.peek();
        if (token.kind() != Kind.WORD) {
            return (int) tokens.number("the map's type", 0, Integer.MAX_VALUE);
        }
        OptionalInt type = MapTypes.number(token.text());
        if (type.isEmpty()) {
            throw tokens.expected("a map type such as hash, array, percpu_array");
        }
        tokens.next();
        return type.getAsInt();
    }
}
