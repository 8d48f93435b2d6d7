package org.trufflebpf.language.run;

import com.oracle.truffle.api.TruffleLanguage.Env;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.trufflebpf.language.assembly.Listing;
import org.trufflebpf.language.object.ObjectInfo;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.packettest.TestCommand;
import org.trufflebpf.language.runtime.Instance;

/**
 * What the {@code ebpf} command can do, for the command and for embedders. One for each context. Streams and files are the context's.
 * Any thread may call.
 */
public final class Commands {
    /** Bytes that a durable file gets at a time. */
    private static final int DURABLE_WRITE = 1 << 20;

    private final Env env;
    private final Machine machine;
    private final CommandFiles files;
    private final RunCommand run;

    /** @param companions go on beside runs that ask for it */
    public Commands(Env env, Machine machine, Companion.Starter companions) {
        this.env = env;
        this.machine = machine;
        this.files = new CommandFiles(env);
        this.run = new RunCommand(env, machine, files, companions);
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
        run.run(read(parsed.operands().getFirst()), parsed);
    }

    /** The same for an object that is there already; its arguments name no file. */
    public void run(ObjectSpec object, String... arguments) {
        RunArguments parsed = RunArguments.parse(List.of(arguments));
        if (!parsed.operands().isEmpty()) {
            throw CommandException.usage("unexpected argument " + parsed.operands().getFirst());
        }
        run.run(object, parsed);
    }

    /**
     * Runs a program of an instance over ports, with the instance's maps, and prints numbers only if asked to.
     *
     * @param arguments what {@link RunArguments} knows; they name no file and no program
     * @return what was counted
     * @throws CommandException if something is wrong, or broke after what could be done was done
     */
    public RunReport run(Instance instance, ProgramSpec program, String... arguments) {
        List<String> quiet = new ArrayList<>(List.of("--stats", "none"));
        quiet.addAll(List.of(arguments));
        RunArguments parsed = RunArguments.parse(quiet);
        if (!parsed.operands().isEmpty() || parsed.program() != null) {
            throw CommandException.usage("a program takes no object file and no --program");
        }
        return run.run(instance::in, program, parsed);
    }

    /**
     * Writes what the maps of an instance hold to a file, which is there whole or, when something fails or power is lost, as before.
     * Programs may run meanwhile.
     *
     * @throws CommandException if it cannot be written, or a map holds what a file cannot say
     */
    public void snapshot(Instance instance, String path) {
        try (WholeFile file = files.createDurable(path)) {
            OutputStream stream = new BufferedOutputStream(Channels.newOutputStream(file.channel()), DURABLE_WRITE);
            new MapFile(instance.maps()).writeSealed(stream);
            file.commit();
        } catch (IOException e) {
            throw CommandException.failed(path + ": cannot be written: " + CommandFiles.reason(e));
        }
    }

    /**
     * Makes the maps of an instance hold what a file says and nothing else; maps that it does not name stay as they are. Programs may run meanwhile.
     *
     * @throws CommandException if the file cannot be read or does not fit the maps; then nothing has changed
     */
    public void restore(Instance instance, String path) {
        new MapFile(instance.maps()).restore(path, files.read(path));
    }

    /**
     * Answers requests, a line of JSON each, from the context's input until it ends.
     *
     * @param arguments {@code --compile}, and {@code --env FILE|kernel} for the network that programs see
     * @throws CommandException for wrong usage, or if the streams break
     */
    public void batch(String... arguments) {
        boolean compile = false;
        String environment = null;
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].equals("--compile")) {
                compile = true;
            } else if (arguments[i].startsWith("--env=")) {
                environment = arguments[i].substring("--env=".length());
            } else if (arguments[i].equals("--env") && i + 1 < arguments.length) {
                environment = arguments[++i];
            } else {
                throw CommandException.usage("unknown argument " + arguments[i] + Similar.hint(arguments[i], List.of("--compile", "--env")));
            }
        }
        try (Environment network = Environment.open(environment, List.of(SinglePackets.IFINDEX), env, files)) {
            new BatchCommand(machine, files, compile, Surroundings.FIXED.in(network.view())).run(env.in(), env.out());
        } catch (IOException e) {
            throw CommandException.failed("batch: " + e.getMessage());
        }
    }

    /**
     * Runs packet tests and prints what came of them.
     *
     * @param arguments test files, {@code --junit FILE}, {@code --compile}
     * @return the exit code: 0 if all passed, 1 if one failed, 2 for wrong usage, 74 if a file cannot be read
     */
    public int test(String... arguments) {
        PrintStream out = new PrintStream(env.out(), false, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(env.err(), true, StandardCharsets.UTF_8);
        int status = TestCommand.run(List.of(arguments), files.forTests(), out, err, compile -> new PacketTestEngine(machine, compile));
        out.flush();
        return status;
    }

    /**
     * Is a plugin of the bpf_conformance suite: one program from the context's input.
     *
     * @return the answer, for the output
     * @throws CommandException with the exit code that the suite expects
     */
    public String conformancePlugin(String... arguments) {
        try {
            return new ConformancePlugin(machine).run(List.of(arguments), env.in());
        } catch (IOException e) {
            throw CommandException.failed("standard input: " + e.getMessage());
        }
    }

    /** Asks the runs of this context to end as if their input had ended; returns at once. */
    public void stop() {
        run.stop();
    }

    /**
     * What an object file holds, for people.
     *
     * @param arguments the file
     * @throws CommandException for wrong usage, or if it cannot be read
     */
    public String info(String... arguments) {
        if (arguments.length != 1) {
            throw CommandException.usage("info takes one object file");
        }
        return info(read(arguments[0]));
    }

    /** The same for an object that is there already. */
    public static String info(ObjectSpec object) {
        return ObjectInfo.describe(object);
    }

    /**
     * The instructions of an object file's programs with their C lines.
     *
     * @param arguments the file, and {@code --program NAME} if only that one is wanted
     * @throws CommandException for wrong usage, or if it cannot be read
     */
    public String disasm(String... arguments) {
        String path = null;
        String wanted = null;
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].startsWith("--program=")) {
                wanted = arguments[i].substring("--program=".length());
            } else if (arguments[i].equals("--program") && i + 1 < arguments.length) {
                wanted = arguments[++i];
            } else if (arguments[i].equals("--program")) {
                throw CommandException.usage("--program needs a value");
            } else if (arguments[i].startsWith("-") || path != null) {
                throw CommandException.usage("disasm takes one object file and --program NAME, not " + arguments[i]);
            } else {
                path = arguments[i];
            }
        }
        if (path == null) {
            throw CommandException.usage("no object file to show");
        }
        ObjectSpec object = read(path);
        List<ProgramSpec> programs = wanted == null ? object.programs() : List.of(RunCommand.program(object, wanted));
        return programs.stream().map(Listing::of).collect(Collectors.joining("\n"));
    }

    /**
     * Says what is proved of the programs of an object file, what is checked when they run, and for what they are rejected.
     *
     * @param arguments the file, {@code --program NAME} if only that one is wanted, {@code --json} or {@code --log}
     * @return the exit code: 0 if all are accepted, 1 if one is rejected
     * @throws CommandException for wrong usage, or if it cannot be read
     */
    public int verify(String... arguments) {
        VerifyCommand.Arguments parsed = VerifyCommand.Arguments.parse(arguments);
        String path = parsed.object();
        return verify(path, read(path), parsed);
    }

    /** The same for an object that is there already; the arguments name no file. */
    public int verify(String name, ObjectSpec object, String... arguments) {
        VerifyCommand.Arguments parsed = VerifyCommand.Arguments.parse(arguments);
        if (!parsed.operands().isEmpty()) {
            throw CommandException.usage("unexpected argument " + parsed.operands().getFirst());
        }
        return verify(name, object, parsed);
    }

    private int verify(String name, ObjectSpec object, VerifyCommand.Arguments arguments) {
        return new VerifyCommand(machine).run(name, object, arguments, new PrintStream(env.out(), false, StandardCharsets.UTF_8));
    }

    /**
     * Runs packets step by step and prints what each C line changed, or where two objects begin to differ.
     *
     * @param arguments an object file or two, {@code --capture FILE} and {@code --frame N} or {@code N-M}, or {@code --packet HEX}; {@code --program},
     *        {@code --map-init} and {@code --seed} as for runs
     * @return the exit code: 1 if two objects differ
     * @throws CommandException for wrong usage, or if a file cannot be read
     */
    public int replay(String... arguments) {
        PrintStream out = new PrintStream(env.out(), false, StandardCharsets.UTF_8);
        return new ReplayCommand(machine, files, out).run(ReplayCommand.Arguments.parse(arguments));
    }

    private ObjectSpec read(String path) {
        return machine.parse(path, files.read(path));
    }
}
