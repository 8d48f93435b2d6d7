package org.trufflebpf.language.runtime;

import com.oracle.truffle.api.RootCallTarget;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.trufflebpf.language.nodes.NodeBuilder;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.MapException;

/**
 * The specialised variant of one program: machine code that takes for constant what maps hold that only the control plane writes. Workers ask for it
 * once per burst. Before such a map is written the variant is withdrawn, and workers run the generic one, which is compiled, too; when the map has
 * not been written for a while a new variant is compiled in the background. No packet waits for any of it.
 */
public final class Specialization implements AutoCloseable {
    /** A variant is worth at most this share of one processor: it waits so many times as long as compiling the last one took. */
    private static final int COMPILATION_SHARE = 4;

    private final String name;
    private final int program;
    private final MapWatch watch;
    private final VariantBuilder.Programs programs;
    private final BackgroundCompiler compiler;
    private final Consumer<String> output;
    private final Consumer<Supplier<String>> log;
    private volatile RootCallTarget current;
    /** Set once the program has been specialised for the first time: from then on it is kept so. */
    private volatile boolean wanted;
    private volatile boolean closed;
    private final AtomicReference<Statistics> statistics = new AtomicReference<>(Statistics.NONE);
    private volatile Collection<RootCallTarget> compiling = List.of();
    /** What the latest variant relies on. */
    private Set<BpfMap> reliedOn = Set.of();
    /** Nanoseconds. */
    private volatile long lastCompilation;

    /**
     * What has become of the program until now.
     *
     * @param published how often a specialised variant began to be used
     * @param withdrawn how often one was given up because a map was written
     * @param abandoned how many were not used because a map was written before they were ready, or could not be compiled
     * @param folded what the latest variant made use of, a line for each map
     */
    public record Statistics(long published, long withdrawn, long abandoned, List<String> folded) {
        static final Statistics NONE = new Statistics(0, 0, 0, List.of());

        Statistics withPublished(List<String> now) {
            return new Statistics(published + 1, withdrawn, abandoned, now);
        }

        Statistics withWithdrawn() {
            return new Statistics(published, withdrawn + 1, abandoned, folded);
        }

        Statistics withAbandoned() {
            return new Statistics(published, withdrawn, abandoned + 1, folded);
        }
    }

    /**
     * @param output takes lines for people about what went wrong
     * @param log takes what is worth saying only to who asks for it
     */
    Specialization(String name, int program, MapWatch watch, VariantBuilder.Programs programs, BackgroundCompiler compiler, Consumer<String> output,
                    Consumer<Supplier<String>> log) {
        this.name = name;
        this.program = program;
        this.watch = watch;
        this.programs = programs;
        this.compiler = compiler;
        this.output = output;
        this.log = log;
    }

    /** What to call for the next burst instead of the generic variant, or null. */
    RootCallTarget current() {
        return current;
    }

    Statistics statistics() {
        return statistics.get();
    }

    /**
     * Makes a variant of what maps hold now, and from now on a new one whenever they have changed and rest again.
     *
     * @return whether a variant is in use
     */
    boolean begin() {
        wanted = true;
        compiler.start();
        return specialize(true, true);
    }

    /** The same without machine code, for tests of what the variant does. */
    boolean beginInterpreted() {
        return specialize(true, false);
    }

    /** Again, on the background thread. */
    void refresh() {
        specialize(false, true);
    }

    private synchronized boolean specialize(boolean atOnce, boolean compile) {
        if (closed || current != null && atOnce) {
            return current != null;
        }
        if (NodeBuilder.hasLines(programs.generic(program))) {
            // To a tool a second variant would be a second program with the same lines.
            return false;
        }
        try {
            VariantBuilder variant = new VariantBuilder(watch, atOnce);
            RootCallTarget target = variant.build(program, programs);
            if (variant.nextQuiet() != Long.MAX_VALUE) {
                schedule(variant.nextQuiet());
            }
            Set<BpfMap> before = current == null ? Set.of() : reliedOn;
            boolean isBetter = variant.maps().size() > before.size() && variant.maps().containsAll(before);
            return isBetter ? publish(variant, target, compile) : current != null;
        } catch (MapException e) {
            // A map was closed; so will this be.
            return false;
        }
    }

    private boolean publish(VariantBuilder variant, RootCallTarget target, boolean compile) {
        long start = System.nanoTime();
        if (compile && !compile(variant)) {
            if (closed) {
                return false;
            }
            statistics.updateAndGet(Statistics::withAbandoned);
            output.accept("program '" + name + "' could not be compiled for what its maps hold and stays as it is, slower: " +
                            "--ebpf.Specialize=false saves the attempt");
            return false;
        }
        lastCompilation = System.nanoTime() - start;
        boolean published = variant.publish(this, () -> {
            if (!closed) {
                statistics.updateAndGet(before -> before.withPublished(variant.notes()));
                current = target;
                reliedOn = variant.maps();
            }
        });
        if (published) {
            log.accept(() -> "program '" + name + "' is specialised: " + String.join("; ", variant.notes()));
        } else {
            statistics.updateAndGet(Statistics::withAbandoned);
            schedule(System.nanoTime() + MapWatch.FIRST_PATIENCE);
        }
        return published;
    }

    private boolean compile(VariantBuilder variant) {
        compiling = variant.targets();
        boolean compiled = compiling.stream().allMatch(target -> !closed && Compilation.compile(target));
        compiling = List.of();
        return compiled;
    }

    /** A map is about to be written, or has got another writer. Under the watch's monitor. @param again System.nanoTime when to try again */
    void withdraw(long again) {
        if (current != null) {
            current = null;
            statistics.updateAndGet(Statistics::withWithdrawn);
            log.accept(() -> "program '" + name + "' runs its generic variant: a map was written");
            schedule(again);
        }
    }

    private void schedule(long time) {
        if (wanted && !closed) {
            compiler.schedule(this, Math.max(time, System.nanoTime() + COMPILATION_SHARE * lastCompilation));
        }
    }

    /** Nobody runs it any more. */
    @Override
    public void close() {
        closed = true;
        compiling.forEach(Compilation::cancel);
        compiler.remove(this);
        watch.forget(this);
        current = null;
    }
}
