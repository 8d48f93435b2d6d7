package org.trufflebpf.tests.safety;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.graalvm.polyglot.Context;

/** A context that this thread has entered, in which no failed compilation stays unseen. */
public final class EnteredContext implements AutoCloseable {
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();
    private final Context context;

    /** @param loopIterations that a packet may take */
    public EnteredContext(long loopIterations) {
        this(loopIterations, Map.of());
    }

    /** @param options of the engine and the language besides */
    public EnteredContext(long loopIterations, Map<String, String> options) {
        context = Context.newBuilder("ebpf").allowAllAccess(true).allowExperimentalOptions(true).err(errors)
                .option("engine.BackgroundCompilation", "false").option("engine.CompilationFailureAction", "Throw")
                .option("ebpf.MaxLoopIterations", Long.toString(loopIterations)).options(options).build();
        context.initialize("ebpf");
        context.enter();
    }

    /** What was written to standard error until now. */
    public List<String> errors() {
        return errors.toString(StandardCharsets.UTF_8).lines().toList();
    }

    public void forgetErrors() {
        errors.reset();
    }

    @Override
    public void close() {
        context.leave();
        context.close();
    }
}
