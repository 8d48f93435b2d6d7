package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each command has a page in docs/manual, which begins with what {@code --help} says of it. */
class ManualTest {
    private static final Path FOLDER = Project.ROOT.resolve("docs/manual");
    private static final String WRITE = "manual.write";
    private static final Pattern BLOCK = Pattern.compile("^```\\nUsage: .*?^```\\n", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern COMMAND_LINE = Pattern.compile("  (?<usage>(?<word>[a-z][a-z-]*).*?) {2,}(?<description>\\S.*)");
    private static final Pattern CONTINUATION = Pattern.compile(" {20,}(?<more>\\S.*)");

    /** By command: what its page says of it. */
    private static Map<String, String> help() {
        List<String> lines = Command.ebpf("--help").output().lines().toList();
        Map<String, String> usages = new LinkedHashMap<>();
        Map<String, String> descriptions = new LinkedHashMap<>();
        String word = null;
        for (String line : lines.subList(3, lines.indexOf("Options of run:"))) {
            Matcher command = COMMAND_LINE.matcher(line);
            Matcher more = CONTINUATION.matcher(line);
            if (command.matches()) {
                word = command.group("word");
                usages.put(word, command.group("usage"));
                descriptions.put(word, command.group("description"));
            } else if (more.matches()) {
                descriptions.merge(word, more.group("more"), (text, rest) -> text + " " + rest);
            }
        }
        Map<String, String> pages = new LinkedHashMap<>();
        usages.forEach((name, usage) -> {
            String description = descriptions.get(name);
            pages.put(name, "```\nUsage: ebpf " + usage + "\n" + Character.toUpperCase(description.charAt(0)) + description.substring(1) + ".\n"
                    + options(lines, name) + "```\n");
        });
        return pages;
    }

    private static String options(List<String> lines, String command) {
        int start = lines.indexOf("Options of " + command + ":");
        return start < 0 ? "" : "\n" + lines.subList(start, lines.size()).stream().takeWhile(line -> !line.isEmpty())
                .collect(Collectors.joining("\n")) + "\n";
    }

    @Test
    void pagesSayWhatHelpSays() throws IOException {
        Map<String, String> help = help();
        assertTrue(help.size() >= 10, help.keySet().toString());
        List<String> wrong = new ArrayList<>();
        for (Map.Entry<String, String> command : help.entrySet()) {
            Path page = FOLDER.resolve(command.getKey() + ".md");
            String text = Files.exists(page) ? Files.readString(page) : "# ebpf " + command.getKey() + "\n\n```\nUsage: \n```\n";
            Matcher block = BLOCK.matcher(text);
            assertTrue(block.find(), page + " has no block with the usage");
            if (Boolean.getBoolean(WRITE)) {
                Files.writeString(page, block.replaceFirst(Matcher.quoteReplacement(command.getValue())));
            } else if (!block.group().equals(command.getValue())) {
                wrong.add(command.getKey());
            }
        }
        assertEquals(List.of(), wrong,
                "write these pages again with: mvn -q -B -pl tck-tests -am test -Dtest=ManualTest -Dsurefire.failIfNoSpecifiedTests=false"
                + " -D" + WRITE + "=true");
        assertEquals(help.keySet().stream().sorted().toList(), Project.files(FOLDER, ".md").stream()
                .map(file -> file.getFileName().toString().replace(".md", "")).sorted().toList(), "there are pages of other things");
    }

    /** Also one whose other arguments the launcher leaves to it. */
    @ParameterizedTest
    @ValueSource(strings = {"replay", "ctl"})
    void aCommandHasAHelpOfItsOwn(String command) throws IOException {
        Command.Result help = Command.ebpf(command, "--help");
        assertEquals(0, help.exitCode(), help.errors());
        Matcher block = BLOCK.matcher(Files.readString(FOLDER.resolve(command + ".md")));
        assertTrue(block.find());
        assertEquals(block.group(), "```\n" + help.output().substring(0, help.output().indexOf("\n\nRuntime options") + 1) + "```\n");
        assertFalse(help.output().contains("Options of run:"), help.output());
    }
}
