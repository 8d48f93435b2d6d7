package org.trufflebpf.launcher;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;
import org.graalvm.launcher.AbstractLanguageLauncher;
import org.graalvm.options.OptionCategory;
import org.graalvm.options.OptionDescriptor;
import org.graalvm.options.OptionStability;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.Language;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Value;

/**
 * The {@code ebpf} command. It only sorts arguments: options of the engine, the language and the tools go to the context, everything else
 * to the member of the language's bindings that does the subcommand. So an embedder can do all that the command can.
 */
public final class EbpfLauncher extends AbstractLanguageLauncher {
    private static final String LANGUAGE = "ebpf";
    private static final List<String> LOG_LEVELS = List.of("OFF", "SEVERE", "WARNING", "INFO", "CONFIG", "FINE", "FINER", "FINEST", "ALL");
    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;

    private final List<Subcommand> commands = commands();
    private Subcommand command;
    private boolean version;
    private boolean showVersion;
    private final List<String> operands = new ArrayList<>();

    private EbpfLauncher() {
    }

    /** Those of the language, and those that other modules bring. */
    private static List<Subcommand> commands() {
        List<Subcommand> all = new ArrayList<>(List.of(Command.values()));
        ServiceLoader.load(FurtherCommand.class).forEach(all::add);
        return all;
    }

    public static void main(String[] args) {
        new EbpfLauncher().launch(args);
    }

    @Override
    protected String getLanguageId() {
        return LANGUAGE;
    }

    /** All that are installed: control programs may be written in any. */
    @Override
    protected String[] getDefaultLanguages() {
        return new String[0];
    }

    @Override
    protected VMType getDefaultVMType() {
        return VMType.JVM;
    }

    @Override
    protected List<String> preprocessArguments(List<String> arguments, Map<String, String> options) {
        // Where it matters, the language itself says in one line that the compiler is missing.
        options.put("engine.WarnInterpreterOnly", "false");
        List<String> forEngine = new ArrayList<>();
        boolean experimental = arguments.contains("--experimental-options") || arguments.contains("--experimental-options=true");
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals("--")) {
                operands.addAll(arguments.subList(i, arguments.size()));
                break;
            }
            if (argument.equals("-h") && (command == null || !command.takesAnything())) {
                throw fail("unknown option -h (did you mean --help?)", WRONG_USAGE);
            }
            boolean help = argument.equals("--help") && operands.isEmpty();
            boolean ours = command != null && command.takesAnything() && !help && !argument.startsWith("--" + LANGUAGE + ".");
            if (command == null && !argument.startsWith("-")) {
                command = commands.stream().filter(each -> each.word().equals(argument)).findFirst().orElse(null);
                if (command == null) {
                    command = Command.RUN;
                    checkIsFile(argument);
                    operands.add(argument);
                }
            } else if (ours || !argument.startsWith("--")) {
                operands.add(argument);
            } else if (commandOption(argument) instanceof Subcommand.Option option) {
                operands.add(argument);
                if (option.argument() != null && !argument.contains("=") && i + 1 < arguments.size()) {
                    operands.add(arguments.get(++i));
                }
            } else if (argument.equals("--version")) {
                version = true;
            } else if (argument.equals("--show-version")) {
                showVersion = true;
            } else {
                checkEngineOption(argument, experimental);
                forEngine.add(argument);
                if (argument.matches("--(dap|inspect)(=.*)?")) {
                    // Registers of C lines are where the object has them only in programs as they stand.
                    options.putIfAbsent(LANGUAGE + ".Optimize", "none");
                }
                if (argument.matches("--cpusampler([=.].*)?")) {
                    options.putIfAbsent(LANGUAGE + ".SampleLines", "true");
                }
            }
        }
        return forEngine;
    }

    /** The subcommand's option, or run's when none was named yet, as {@code run} may be left out. */
    private Subcommand.Option commandOption(String argument) {
        if (command != null) {
            return command.option(argument);
        }
        Subcommand.Option option = Command.RUN.option(argument);
        if (option != null) {
            command = Command.RUN;
        }
        return option;
    }

    /** A first word that is neither a subcommand nor looks like a file is a mistyped subcommand rather than a missing file. */
    private void checkIsFile(String word) {
        if (!word.contains("/") && !word.contains(".") && !new File(word).exists()) {
            List<String> words = commands.stream().map(Subcommand::word).toList();
            throw fail("unknown command " + word + Similar.hint(word, words) + "; see ebpf --help", WRONG_USAGE);
        }
    }

    /** The base class would reject these too, but in several lines and with another exit code. */
    private void checkEngineOption(String argument, boolean experimental) {
        int equals = argument.indexOf('=');
        String key = argument.substring(2, equals < 0 ? argument.length() : equals);
        String value = equals < 0 ? "true" : argument.substring(equals + 1);
        if (key.endsWith(".OutputFile") || key.equals("log.file")) {
            checkIsWritable(argument, value);
        }
        if (isLauncherOption(key)) {
            if (key.startsWith("log.") && key.endsWith("level") && !LOG_LEVELS.contains(value)) {
                throw fail(argument + ": the level must be one of " + String.join(", ", LOG_LEVELS), WRONG_USAGE);
            }
            return;
        }
        int dot = key.indexOf('.');
        OptionDescriptor descriptor = key.isEmpty() ? null : findOptionDescriptor(dot < 0 ? key : key.substring(0, dot), key);
        if (descriptor == null) {
            throw abortUnrecognizedArgument(argument);
        }
        if (descriptor.getStability() == OptionStability.EXPERIMENTAL && !experimental) {
            throw fail("--" + key + " is an experimental option: give --experimental-options too", WRONG_USAGE);
        }
        if (!descriptor.isOptionMap()) {
            try {
                descriptor.getKey().getType().convert(value);
            } catch (IllegalArgumentException e) {
                throw fail(argument + ": " + oneLine(e.getMessage()), WRONG_USAGE);
            }
        }
    }

    /** A tool writes its file in the end, and says with a stack trace that it could not; of the log's file nothing is said. */
    private void checkIsWritable(String argument, String path) {
        File file = new File(path).getAbsoluteFile();
        String reason = file.isDirectory() ? "is a folder"
                : !file.getParentFile().isDirectory() ? "no such file or folder"
                        : !(file.exists() ? file : file.getParentFile()).canWrite() ? "permission denied" : null;
        if (reason != null) {
            throw fail(argument + ": cannot be written: " + reason, FAILED);
        }
    }

    private static boolean isLauncherOption(String key) {
        return switch (key) {
            case "help", "polyglot", "jvm", "experimental-options" -> true;
            default -> key.startsWith("help:") || key.startsWith("version:") || key.startsWith("show-version:") || key.startsWith("log.");
        };
    }

    @Override
    protected AbortException abortUnrecognizedArgument(String argument) {
        int equals = argument.indexOf('=');
        String name = equals < 0 ? argument : argument.substring(0, equals);
        Set<String> known = new HashSet<>();
        collectArguments(known);
        throw fail("unknown option " + name + Similar.hint(name, known) + "; see ebpf --help", WRONG_USAGE);
    }

    @Override
    protected void collectArguments(Set<String> options) {
        super.collectArguments(options);
        options.addAll(List.of("--help", "--help:expert", "--version", "--show-version", "--experimental-options"));
        (command == null ? Command.RUN : command).options().forEach(option -> options.add(option.name()));
    }

    @Override
    protected boolean runLauncherAction() {
        if (version) {
            printVersion();
            return true;
        }
        if (showVersion) {
            printVersion();
        }
        return super.runLauncherAction();
    }

    @Override
    protected void printVersion(Engine engine) {
        Language language = engine.getLanguages().get(LANGUAGE);
        println(language.getImplementationName() + " " + language.getVersion() + " (" + engine.getImplementationName() + " " + graalVersion()
                + ", Java "
                + Runtime.version() + ")");
    }

    /** The engine calls itself 'Development Build' wherever it comes from Maven Central; the polyglot module, of the same release, has the number. */
    private static String graalVersion() {
        Module polyglot = Engine.class.getModule();
        try (InputStream version = polyglot.getResourceAsStream("META-INF/graalvm/" + polyglot.getName() + "/version")) {
            return version == null ? "of unknown version" : new String(version.readAllBytes(), StandardCharsets.US_ASCII).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected void launch(Context.Builder builder) {
        if (command == null) {
            throw fail("nothing to do: name an object file and a port, or see ebpf --help", WRONG_USAGE);
        }
        if (command == Command.RUN && isTerminal(2)) {
            operands.add(0, "--progress");
        }
        if (command instanceof FurtherCommand further) {
            throw exit(further.run(builder, List.copyOf(operands), getOutput(), getError()));
        }
        int status;
        try (Context context = builder.build()) {
            status = execute(context, (Command) command);
        } catch (PolyglotException e) {
            status = report(e);
        } catch (IllegalArgumentException e) {
            throw fail(oneLine(e.getMessage()), WRONG_USAGE);
        } catch (RuntimeException e) {
            status = internalError(e);
        }
        throw exit(status);
    }

    /** The exit code. Guest errors are reported before the context closes, so that what tools print at the end follows. */
    private int execute(Context context, Command ofLanguage) {
        Value bindings = context.getBindings(LANGUAGE);
        // Only runs can be stopped; the other commands end at once with the signal, as the virtual machine does by itself.
        try (StopSignals signals = ofLanguage == Command.RUN ? StopSignals.install(() -> bindings.getMember("stop").executeVoid()) : null) {
            Value result = bindings.getMember(ofLanguage.member()).execute(operands.toArray());
            if (result.isString()) {
                getOutput().print(result.asString());
                getOutput().flush();
            }
            int status = result.fitsInInt() ? result.asInt() : 0;
            return status == 0 && signals != null ? signals.exitCode() : status;
        } catch (PolyglotException e) {
            return report(e);
        }
    }

    /** Prints one line, and the C lines that a trap came through. */
    private int report(PolyglotException e) {
        if (e.isExit()) {
            return e.getExitStatus();
        }
        if (e.isInternalError() || e.isHostException()) {
            return internalError(e);
        }
        getError().println("ebpf: " + oneLine(String.valueOf(e.getMessage())));
        for (PolyglotException.StackFrame frame : e.getPolyglotStackTrace()) {
            if (frame.isGuestFrame() && frame.getSourceLocation() != null && frame.getSourceLocation().hasLines()) {
                getError().println("    at " + frame.getRootName() + " (" + frame.getSourceLocation().getSource().getName() + ":"
                        + frame.getSourceLocation().getStartLine() + ")");
            }
        }
        Value error = e.getGuestObject();
        return error != null && error.hasMember("exitStatus") ? error.getMember("exitStatus").asInt() : FAILED;
    }

    /** A mistake of ours. */
    private int internalError(RuntimeException e) {
        getError().println("ebpf: internal error: " + oneLine(String.valueOf(e.getMessage())) + "; --vm.Debpf.trace=true shows where");
        if (Boolean.getBoolean("ebpf.trace")) {
            e.printStackTrace(getError());
        }
        return FAILED;
    }

    private AbortException fail(String message, int status) {
        getError().println("ebpf: " + message);
        return exit(status);
    }

    private static String oneLine(String text) {
        return text.lines().map(String::strip).collect(Collectors.joining(" "));
    }

    /** Whether the file descriptor is a terminal; java.io.Console only knows of input and output together. */
    private static boolean isTerminal(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    protected void printHelp(OptionCategory maxCategory) {
        if (command != null) {
            String description = command.description();
            println("Usage: ebpf " + command.usage(), Character.toUpperCase(description.charAt(0)) + description.substring(1) + ".");
            printOptions(command);
            return;
        }
        println("Usage: ebpf [COMMAND] ARGUMENTS...", "Runs XDP programs, unmodified and compiled, outside the kernel.", "");
        for (Subcommand each : commands) {
            launcherOption(each.usage(), each.description());
        }
        commands.forEach(this::printOptions);
        println("");
        launcherOption("--version", "versions of TruffleBPF, of the engine and of Java");
        launcherOption("--show-version", "the same, then go on");
        println("", "Exit codes: 0 done; 1 rejected, failed or broken; 2 wrong usage; 74 file that cannot be read; 130, 143 stopped by a signal.");
    }

    private void printOptions(Subcommand of) {
        if (!of.options().isEmpty()) {
            println("", "Options of " + of.word() + ":");
            of.options().forEach(option -> launcherOption(option.usage(), option.description()));
        }
    }
}
