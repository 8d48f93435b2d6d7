package org.trufflebpf.language.isa;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.trufflebpf.language.assembly.Assembler;
import org.trufflebpf.language.assembly.AssemblyException;

/** Reads the test data beside the tests: one row a line, comments with #. */
public final class Rows {

    private Rows() {
    }

    public static List<String> of(Class<?> test, String file) {
        try (InputStream in = test.getResourceAsStream(file)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return text.lines().filter(line -> !line.startsWith("#") && !line.isBlank()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The code of one program, whose lines slashes separate. */
    static byte[] assemble(String program) {
        try {
            return Assembler.assemble("row", program.replace(" / ", "\n")).programs().getFirst().code();
        } catch (AssemblyException e) {
            throw new AssertionError(program, e);
        }
    }

    static Code decode(byte[] code, Strictness strictness) throws MalformedCodeException {
        return Decoder.decode(code, Map.of(), Map.of(), strictness);
    }
}
