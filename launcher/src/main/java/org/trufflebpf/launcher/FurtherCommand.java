package org.trufflebpf.launcher;

import java.io.PrintStream;
import java.util.List;
import org.graalvm.polyglot.Context;

/** A subcommand that is none of the language's: it comes from another module, by ServiceLoader. */
public interface FurtherCommand extends Subcommand {
    /**
     * Does it. Whatever goes wrong is printed, a line that starts with {@code ebpf: }; nothing is thrown for what a user did.
     *
     * @param builder of contexts, with the options of the engine and the language that the user gave
     * @param arguments options and operands as they were written, {@code --} and what follows it included
     * @return the exit code
     */
    int run(Context.Builder builder, List<String> arguments, PrintStream out, PrintStream err);
}
