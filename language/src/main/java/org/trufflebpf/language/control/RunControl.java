package org.trufflebpf.language.control;

import com.oracle.truffle.api.TruffleLanguage.Env;
import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.trufflebpf.language.run.CommandException;
import org.trufflebpf.language.run.CommandFiles;
import org.trufflebpf.language.run.Companion;
import org.trufflebpf.language.run.RunArguments;
import org.trufflebpf.language.run.Running;

/** What steers a run from outside: its control program, if any, and the server that clients ask. */
public final class RunControl implements Companion {
    private final ControlProgram program;
    private final ControlServer server;

    private RunControl(ControlProgram program, ControlServer server) {
        this.program = program;
        this.server = server;
    }

    /**
     * @param current gives the environment of the context that a thread has entered
     * @param errors takes lines about what goes wrong in control programs
     */
    public static Companion.Starter starter(Env env, Supplier<Env> current, Consumer<String> errors) {
        return (run, control) -> start(env, current, errors, run, control);
    }

    @SuppressWarnings("resource")
    private static RunControl start(Env env, Supplier<Env> current, Consumer<String> errors, Running run, RunArguments.Control control) {
        if (control.name() != null && !control.name().contains("/") && !ControlSocket.isName(control.name())) {
            throw CommandException.usage("--name " + control.name() + ": a name is up to 64 letters, digits, '_', '-' and '.'");
        }
        ControlProgram program = control.file() == null ? null : new ControlProgram(env, current, new CommandFiles(env), run, control, errors);
        RunControl result = new RunControl(program, null);
        try {
            if (program != null) {
                program.start();
            }
            Map<String, ControlCommand> commands = program == null ? Map.of() : program.object().commands();
            return control.name() == null ? result : new RunControl(program, new ControlServer(env, control.name(), new ControlVerbs(run, commands)));
        } catch (RuntimeException | Error e) {
            result.close();
            throw e;
        }
    }

    @Override
    public void finish() {
        if (program != null) {
            program.finish();
        }
    }

    @Override
    public void close() {
        try (program; server) {
            // Both, whatever the first does; the server first, as its clients ask the program.
        } catch (IOException e) {
            throw CommandException.failed(e.getMessage());
        }
    }
}
