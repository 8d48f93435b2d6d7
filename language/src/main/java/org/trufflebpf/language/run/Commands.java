package org.trufflebpf.language.run;

import com.oracle.truffle.api.TruffleLanguage.Env;
import java.util.Arrays;
import java.util.List;
import org.trufflebpf.language.object.ObjectSpec;

/**
 * What the {@code ebpf} command can do, for the command and for embedders. One for each context. Streams and files are the context's.
 * Any thread may call.
 */
public final class Commands {
    private final Machine machine;
    private final CommandFiles files;
    private final RunCommand run;

    public Commands(Env env, Machine machine) {
        this.machine = machine;
        this.files = new CommandFiles(env);
        this.run = new RunCommand(env, machine, files);
    }

    /**
     * Runs a program of an object file over ports and prints the numbers at the end.
     *
     * @param arguments an object file and what {@link RunArguments} knows
     * @throws CommandException if something is wrong, or broke after what could be done was done
     */
    public void run(String... arguments) {
        RunArguments parsed = RunArguments.parse(List.of(arguments));
        if (parsed.operands().size() != 1) {
            throw CommandException.usage(parsed.operands().isEmpty() ? "no object file to run"
                    : "one object file at a time, not " + String.join(" and ", parsed.operands()));
        }
        if (parsed.ports().isEmpty()) {
            throw RunCommand.noPort();
        }
        run.run(object(parsed.operands().getFirst()), parsed);
    }

    /** The same for an object that is there already; its arguments name no file. */
    public void run(ObjectSpec object, String... arguments) {
        RunArguments parsed = RunArguments.parse(Arrays.asList(arguments));
        if (!parsed.operands().isEmpty()) {
            throw CommandException.usage("unexpected argument " + parsed.operands().getFirst());
        }
        run.run(object, parsed);
    }

    /** Asks the runs of this context to end as if their input had ended; returns at once. */
    public void stop() {
        run.stop();
    }

    /**
     * The contents of an object file.
     *
     * @throws CommandException if it cannot be read
     */
    public ObjectSpec object(String path) {
        return machine.parse(path, files.read(path));
    }
}
