package org.trufflebpf.language.runtime;

import com.oracle.truffle.api.source.Source;
import com.oracle.truffle.api.source.SourceSection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.trufflebpf.language.EbpfLanguage;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.object.ProgramSpec.Line;

/**
 * The C files behind an object, as far as its line information quotes them: BTF holds the text of each line that made code, so debuggers and coverage
 * work without the .c file. Lines that made no code are empty then. Made when a tool first asks. Thread-safe.
 */
final class SourceLines {
    /** Line numbers above this are nonsense: C files are not that long, and each line costs memory. */
    private static final int MAX_LINES = 1 << 20;

    private final ObjectSpec object;
    private final Source text;
    private final SourceFiles files;
    private final Map<Place, SourceSection> sections = new HashMap<>();
    private Map<String, Source> sources;

    private record Place(String file, int line) {
    }

    /**
     * @param origin what the object was parsed from, or null; lines of a text are its own
     * @param files finds the files themselves; null where nobody wants to see them
     */
    SourceLines(ObjectSpec object, Source origin, SourceFiles files) {
        this.object = object;
        this.files = files;
        this.text = origin != null && origin.hasCharacters() ? origin : null;
    }

    /** The line's text as it stands in its file, the same object each time; null when that is not known. */
    synchronized SourceSection section(Line line) {
        Source source = source(line.file());
        if (source == null || line.line() > source.getLineCount() || line.line() < 1) {
            return null;
        }
        return sections.computeIfAbsent(new Place(line.file(), line.line()), place -> source.createSection(place.line()));
    }

    /**
     * All lines of a program and the functions that it calls, from the first to the last in the file that it begins in, or null without line
     * information. Breakpoints are only looked for there.
     */
    SourceSection section(ProgramSpec program) {
        Line first = program.lines().isEmpty() ? null : program.lines().getFirst();
        Source source = first == null ? null : source(first.file());
        if (source == null) {
            return null;
        }
        int[] numbers = program.lines().stream().filter(line -> line.file().equals(first.file())).mapToInt(Line::line) //
                        .filter(number -> number >= 1 && number <= source.getLineCount()).sorted().toArray();
        if (numbers.length == 0) {
            return null;
        }
        int last = numbers[numbers.length - 1];
        return source.createSection(numbers[0], 1, last, Math.max(1, source.getLineLength(last)));
    }

    private synchronized Source source(String file) {
        if (sources == null) {
            sources = sources(object);
            if (text != null) {
                sources.put(text.getName(), text);
            }
        }
        return sources.get(file);
    }

    private Map<String, Source> sources(ObjectSpec object) {
        Map<String, TreeMap<Integer, String>> quoted = new LinkedHashMap<>();
        for (ProgramSpec program : object.programs()) {
            for (Line line : program.lines()) {
                if (line.line() >= 1 && line.line() <= MAX_LINES) {
                    quoted.computeIfAbsent(line.file(), name -> new TreeMap<>()).put(line.line(), line.text());
                }
            }
        }
        Map<String, Source> sources = new LinkedHashMap<>();
        quoted.forEach((file, lines) -> {
            Source found = files == null ? null : files.find(file, lines);
            sources.put(file, found == null ? source(file, lines) : found);
        });
        return sources;
    }

    private static Source source(String file, TreeMap<Integer, String> lines) {
        StringBuilder text = new StringBuilder();
        int number = 1;
        for (Map.Entry<Integer, String> line : lines.entrySet()) {
            for (; number < line.getKey(); number++) {
                text.append('\n');
            }
            // A space, because a section of an empty line would be empty.
            text.append(line.getValue().isEmpty() ? " " : line.getValue().replace('\n', ' '));
        }
        return Source.newBuilder(EbpfLanguage.ID, text, file).mimeType(EbpfLanguage.TEXT_MIME_TYPE).build();
    }
}
