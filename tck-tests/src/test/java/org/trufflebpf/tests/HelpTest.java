package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.junit.jupiter.api.Test;

/** The launcher lists the options that the language takes, though neither knows the other's classes. */
class HelpTest {
    @Test
    void everyListedOptionIsKnown() {
        Command.Result help = Command.ebpf("--help");
        assertEquals(0, help.exitCode(), help.errors());
        for (String command : List.of("run", "disasm", "verify", "replay", "test", "batch")) {
            List<String> options = help.output().lines().dropWhile(line -> !line.equals("Options of " + command + ":")).skip(1)
                    .takeWhile(line -> line.startsWith("  --")).map(line -> line.strip().split(" ")[0]).toList();
            assertFalse(options.isEmpty(), command);
            for (String option : options) {
                String answer = answer(command, option);
                for (String refusal : List.of("unknown option ", "unknown argument ", ", not ")) {
                    assertFalse(answer.contains(refusal + option), answer);
                }
            }
        }
    }

    /** What the language says to an option that something senseless follows, so that nothing runs. */
    private static String answer(String command, String option) {
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        try (Context context = Context.newBuilder("ebpf").in(InputStream.nullInputStream()).err(errors).build()) {
            context.getBindings("ebpf").invokeMember(command, option, "--nonsense");
            return errors.toString(StandardCharsets.UTF_8);
        } catch (PolyglotException e) {
            return e.getMessage();
        }
    }
}
