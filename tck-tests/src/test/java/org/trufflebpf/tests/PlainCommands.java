package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Value;

/**
 * Lines that a shell and the launcher would only split into words: {@code ./ebpf COMMAND OPERANDS OPTIONS}. They do here what the launcher does with
 * them, which is to call the member of the bindings that has the command's name.
 */
final class PlainCommands {
    private static final Set<String> COMMANDS = Set.of("run", "info", "disasm", "verify", "replay", "test");
    private static final Pattern WORD = Pattern.compile("\\s*((?:[^\\s\"'$`|&;<>()*?\\\\~#]|\"[^\"$`\\\\]*\"|'[^']*')+)");
    private static final Engine ENGINE = Engine.create();
    /** What the launcher knows of its own, so that an option that it would refuse is not taken here. */
    private static final Set<String> OPTIONS = options();

    private PlainCommands() {
    }

    private static Set<String> options() {
        Set<String> options = new HashSet<>();
        Command.ebpf("--help").output().lines().takeWhile(line -> !line.startsWith("Runtime options")).filter(line -> line.startsWith("  --"))
                .forEach(line -> options.add(line.strip().split(" ")[0]));
        return options;
    }

    /** The words of a line, without the script's name; empty if it is anything else. */
    static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(line.stripTrailing());
        int end = 0;
        while (matcher.lookingAt()) {
            words.add(matcher.group(1).replaceAll("[\"']", ""));
            end = matcher.end();
            matcher.region(end, matcher.regionEnd());
        }
        boolean plain = end == line.stripTrailing().length() && words.size() > 1 && words.getFirst().equals("./ebpf")
                && COMMANDS.contains(words.get(1))
                && words.stream().takeWhile(word -> !word.equals("--")).filter(word -> word.startsWith("--")).map(word -> word.split("=")[0])
                .allMatch(OPTIONS::contains);
        return plain ? words.subList(1, words.size()) : List.of();
    }

    /** What a command prints, which has to end with 0. */
    static String run(List<String> command) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        try (Context context = Context.newBuilder().engine(ENGINE).allowAllAccess(true).currentWorkingDirectory(Project.ROOT)
                .in(InputStream.nullInputStream())
                .out(output).err(errors).build()) {
            Value result = context.getBindings("ebpf").getMember(command.getFirst()).execute(command.subList(1, command.size()).toArray());
            assertEquals(0, result.fitsInInt() ? result.asInt() : 0, () -> command + ": " + errors);
            return output.toString(StandardCharsets.UTF_8) + (result.isString() ? result.asString() : "");
        } catch (PolyglotException e) {
            throw new AssertionError(String.join(" ", command) + ": " + e.getMessage(), e);
        }
    }
}
