package org.trufflebpf.language;

import com.oracle.truffle.api.TruffleLanguage.Env;
import com.oracle.truffle.api.TruffleLogger;
import com.oracle.truffle.api.source.Source;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.trufflebpf.language.assembly.Assembler;
import org.trufflebpf.language.assembly.AssemblyException;
import org.trufflebpf.language.btf.Btf;
import org.trufflebpf.language.btf.MalformedBtfException;
import org.trufflebpf.language.control.ControlClient;
import org.trufflebpf.language.control.RunControl;
import org.trufflebpf.language.object.KernelConfigFile;
import org.trufflebpf.language.object.LoadOptions;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.run.CommandException;
import org.trufflebpf.language.run.Commands;
import org.trufflebpf.language.run.Companion;
import org.trufflebpf.language.run.Machine;
import org.trufflebpf.language.runtime.BackgroundCompiler;
import org.trufflebpf.language.runtime.EbpfException;
import org.trufflebpf.language.runtime.EbpfException.Failure;
import org.trufflebpf.language.runtime.EbpfMachine;
import org.trufflebpf.language.runtime.Instance;
import org.trufflebpf.language.runtime.Namespace;
import org.trufflebpf.language.runtime.SourceFiles;
import org.trufflebpf.language.runtime.VerifiedObject;
import org.trufflebpf.language.verifier.KfuncPrototype;

/** One embedder's context: its options and the instances that it evaluated, whose memory it owns. */
public final class EbpfContext implements AutoCloseable {
    private static final String KERNEL_BTF = "/sys/kernel/btf/vmlinux";

    private final Env env;
    private final SourceFiles sources;
    /** Null where programs stay generic. */
    private final BackgroundCompiler compiler;
    private final EbpfMachine machine;
    private final Companion.Starter companions;
    private final Commands commands;
    private final ControlClient client;
    private LoadOptions loadOptions;
    private final Set<Instance> instances = ConcurrentHashMap.newKeySet();
    private final Namespace namespace = new Namespace();

    EbpfContext(EbpfLanguage language, Env env) {
        this.env = env;
        this.compiler = env.getOptions().get(EbpfOptions.Specialize) ? new BackgroundCompiler(env::createSystemThread) : null;
        TruffleLogger log = env.getLogger("specialization");
        Instance.Settings settings = new Instance.Settings(env.getOptions().get(EbpfOptions.MaxLoopIterations),
                        env.getOptions().get(EbpfOptions.MaxMapMemory) << 20,
                        env.getOptions().get(EbpfOptions.CsumDiff) == EbpfOptions.ChecksumForm.FOLDED,
                        env.getOptions().get(EbpfOptions.Verify).safety(), env.getOptions().get(EbpfOptions.Optimize), compiler, this::printLine,
                        log::fine, null, env.getOptions().get(EbpfOptions.SampleLines), false,
                        env.getOptions().get(EbpfOptions.PartLimit).intValue());
        this.sources = new SourceFiles(env);
        this.machine = new EbpfMachine(language, this::loadOptions, settings, sources);
        this.companions = RunControl.starter(env, () -> EbpfLanguage.context().env, this::printLine);
        this.commands = new Commands(env, machine, companions);
        this.client = new ControlClient(env);
    }

    /** The engine of the context that this thread has entered, for Java code of this machine that is no guest: benchmarks. */
    public static Machine machine() {
        return EbpfLanguage.context().machine;
    }

    /** What goes on beside runs in the same context. */
    public static Companion.Starter companions() {
        return EbpfLanguage.context().companions;
    }

    private synchronized LoadOptions loadOptions() {
        if (loadOptions == null) {
            loadOptions = new LoadOptions(targetBtf(), kernelConfig(), KfuncPrototype.names());
        }
        return loadOptions;
    }

    private Btf targetBtf() {
        String target = env.getOptions().get(EbpfOptions.TargetBtf);
        if (target.equals("builtin")) {
            return null;
        }
        try {
            return Btf.parse(read("TargetBtf", target, target.equals("kernel") ? KERNEL_BTF : target));
        } catch (MalformedBtfException e) {
            throw wrongFile("TargetBtf", target, e.getMessage());
        }
    }

    private Map<String, String> kernelConfig() {
        String file = env.getOptions().get(EbpfOptions.Kconfig);
        if (file.isEmpty()) {
            return Map.of();
        }
        byte[] bytes = read("Kconfig", file, file);
        if (bytes.length >= 2 && bytes[0] == 0x1f && bytes[1] == (byte) 0x8b) {
            throw wrongFile("Kconfig", file, "the file is compressed: unpack it with gunzip");
        }
        try {
            return KernelConfigFile.parse(new String(bytes, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            throw wrongFile("Kconfig", file, e.getMessage());
        }
    }

    private byte[] read(String option, String value, String path) {
        try {
            return env.getPublicTruffleFile(path).readAllBytes();
        } catch (IOException | SecurityException e) {
            throw CommandException.unreadable("--ebpf." + option + "=" + value + ": " + path + " cannot be read");
        }
    }

    private static CommandException wrongFile(String option, String value, String what) {
        return CommandException.usage("--ebpf." + option + "=" + value + ": " + what);
    }

    private void printLine(String line) {
        OutputStream err = env.err();
        try {
            synchronized (err) {
                err.write(("ebpf: " + line + "\n").getBytes(StandardCharsets.UTF_8));
                err.flush();
            }
        } catch (IOException e) {
            // Nobody reads what programs say; packets go on.
        }
    }

    Commands commands() {
        return commands;
    }

    ControlClient client() {
        return client;
    }

    VerifiedObject parse(Source source) {
        return new VerifiedObject(source.hasBytes() ? load(source) : assemble(source), source, sources);
    }

    private ObjectSpec load(Source source) {
        try {
            return machine.parse(source.getName(), source.getBytes().toByteArray());
        } catch (EbpfException e) {
            throw new EbpfException(e.failure(), e.getMessage(), source.createUnavailableSection());
        }
    }

    private static ObjectSpec assemble(Source source) {
        try {
            return Assembler.assemble(source.getName(), source.getCharacters().toString());
        } catch (AssemblyException e) {
            // What is missing at the end of the text is missing after its last line.
            boolean hasLine = e.line() <= source.getLineCount() && source.getLineLength(e.line()) > 0;
            throw new EbpfException(Failure.MALFORMED, e.getMessage(), hasLine ? source.createSection(e.line()) : source.createSection(0, source.getLength()));
        }
    }

    /** What makes {@code polyglot OBJECT} do something, as it prints no results; embedders who give no arguments see nothing. */
    void runOrDescribe(ObjectSpec object) {
        if (env.getApplicationArguments().length > 0) {
            commands.run(object, env.getApplicationArguments());
        } else if (env.getOptions().get(EbpfOptions.Describe)) {
            print(Commands.info(object));
        }
    }

    private void print(String text) {
        try {
            env.out().write(text.getBytes(StandardCharsets.UTF_8));
            env.out().flush();
        } catch (IOException e) {
            throw new EbpfException(Failure.RESOURCES, "standard output: " + e.getMessage());
        }
    }

    Instance instantiate(VerifiedObject object) {
        instances.removeIf(Instance::isReleased);
        Instance instance = machine.load(object, namespace);
        instances.add(instance);
        return instance;
    }

    Set<Instance> instances() {
        return instances;
    }

    @Override
    public void close() {
        for (Instance instance : instances) {
            // Waits for a packet that another context's thread is just giving to it, and which may go on to any of the others.
            synchronized (instance) {
                instance.close();
            }
        }
        instances.clear();
        if (compiler != null) {
            compiler.close();
        }
    }
}
