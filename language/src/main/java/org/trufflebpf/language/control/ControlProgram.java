package org.trufflebpf.language.control;

import com.oracle.truffle.api.TruffleContext;
import com.oracle.truffle.api.TruffleFile;
import com.oracle.truffle.api.TruffleLanguage.Env;
import com.oracle.truffle.api.TruffleSafepoint;
import com.oracle.truffle.api.TruffleStackTrace;
import com.oracle.truffle.api.TruffleStackTraceElement;
import com.oracle.truffle.api.exception.AbstractTruffleException;
import com.oracle.truffle.api.interop.InteropException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.nodes.Node;
import com.oracle.truffle.api.source.Source;
import com.oracle.truffle.api.source.SourceSection;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.trufflebpf.language.run.CommandException;
import org.trufflebpf.language.run.CommandFiles;
import org.trufflebpf.language.run.RunArguments;
import org.trufflebpf.language.run.Running;

/**
 * A program in any installed language that steers a run: in a context of its own, as JavaScript allows one thread at a time and that must not be
 * the one of packets, and on a thread of its own. The global object {@code ebpf} is a {@link ControlObject}. The whole file is evaluated before the
 * first packet; afterwards its callbacks take turns until the run ends.
 */
final class ControlProgram implements AutoCloseable {
    private static final InteropLibrary INTEROP = InteropLibrary.getUncached();
    private static final long PATIENCE_SECONDS = 10;

    private final Source source;
    private final Consumer<String> errors;
    private final Supplier<Env> current;
    private final TruffleContext context;
    private final EventLoop loop = new EventLoop();
    private final ControlObject object;
    private final Thread thread;
    private final CompletableFuture<Void> evaluated = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile String firstFailure;
    private boolean started;

    /**
     * @param current gives the environment of the context that a thread has entered
     * @param errors takes lines about callbacks that fail
     * @throws CommandException if there is no such file or language
     */
    ControlProgram(Env env, Supplier<Env> current, CommandFiles files, Running run, RunArguments.Control control, Consumer<String> errors) {
        this.current = current;
        this.errors = errors;
        this.source = source(env, control.file());
        this.object = new ControlObject(this, loop, files, run, control.arguments());
        if (!env.isCreateThreadAllowed()) {
            throw CommandException.usage("--control " + control.file() + ": the embedder must allow the context to create threads");
        }
        try {
            this.context = env.newInnerContextBuilder().initializeCreatorContext(true).inheritAllAccess(true) //
                            .arguments(source.getLanguage(), control.arguments().toArray(String[]::new)).build();
        } catch (IllegalArgumentException | IllegalStateException | SecurityException e) {
            throw CommandException.failed(control.file() + ": no context for " + source.getLanguage() + ": " + e.getMessage());
        }
        this.thread = env.newTruffleThreadBuilder(this::body).context(context).build();
        thread.setName("ebpf control");
        thread.setDaemon(true);
    }

    /**
     * Returns when the file is evaluated.
     *
     * @throws CommandException if it throws
     */
    void start() {
        thread.start();
        started = true;
        try {
            await(evaluated, Long.MAX_VALUE);
        } catch (TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    private static Source source(Env env, String path) {
        try {
            TruffleFile file = env.getPublicTruffleFile(path);
            String language = Source.findLanguage(file);
            if (language == null) {
                // Reading it tells a missing file from one whose language is not known.
                file.readAllBytes();
                throw CommandException.usage("--control " + path + ": no installed language has files with such a name; JavaScript's end in .js or .mjs");
            }
            if (!env.getPublicLanguages().containsKey(language)) {
                throw CommandException.usage("--control " + path + ": the embedder must permit the context the language " + language);
            }
            return Source.newBuilder(language, file).mimeType(Source.findMimeType(file)).build();
        } catch (IOException | SecurityException | IllegalArgumentException | UnsupportedOperationException e) {
            throw CommandException.unreadable("--control " + path + ": cannot be read: " + CommandFiles.reason(e));
        }
    }

    private void body() {
        try {
            evaluate();
            evaluated.complete(null);
            loop.run();
            object.end();
        } catch (AbstractTruffleException e) {
            if (!evaluated.completeExceptionally(CommandException.failed(describe(e)))) {
                report(describe(e));
            }
        } catch (IOException e) {
            report(e.getMessage());
        } finally {
            // Where the context was closed meanwhile, nobody may wait for ever.
            evaluated.completeExceptionally(CommandException.failed(source.getName() + ": stopped before it was evaluated"));
            loop.end();
            ended.complete(null);
        }
    }

    private void evaluate() {
        Env inner = current.get();
        try {
            Object scope = inner.getScopePublic(inner.getPublicLanguages().get(source.getLanguage()));
            INTEROP.writeMember(scope, "ebpf", object);
        } catch (InteropException e) {
            throw CommandException.failed(source.getName() + ": " + source.getLanguage() + " has no global names");
        }
        inner.parsePublic(source).call();
    }

    /** Calls back; what goes wrong is reported and does not end the run. */
    void callBack(Object function, Object... arguments) {
        try {
            INTEROP.execute(function, arguments);
        } catch (InteropException e) {
            report(source.getName() + ": a callback cannot be called: " + e.getMessage());
        } catch (AbstractTruffleException e) {
            report(describe(e));
        }
    }

    /** The same for a member of a value. */
    void invoke(Object receiver, String member, Object... arguments) {
        try {
            INTEROP.invokeMember(receiver, member, arguments);
        } catch (InteropException e) {
            report(source.getName() + ": " + member + " cannot be called: " + e.getMessage());
        } catch (AbstractTruffleException e) {
            report(describe(e));
        }
    }

    private void report(String failure) {
        if (firstFailure == null) {
            firstFailure = failure;
        }
        errors.accept(failure);
    }

    /** Where and what in one line. */
    String describe(AbstractTruffleException e) {
        String message = e.getMessage();
        try {
            if (INTEROP.hasExceptionMessage(e)) {
                message = INTEROP.asString(INTEROP.getExceptionMessage(e));
            }
        } catch (InteropException inconsistent) {
            // Its own message must do.
        }
        return place(e) + ": " + String.valueOf(message).lines().findFirst().orElse("failed without a message");
    }

    /** Of the innermost frame that has one: maps and their like have none. */
    private String place(AbstractTruffleException e) {
        try {
            if (INTEROP.hasSourceLocation(e)) {
                return text(INTEROP.getSourceLocation(e));
            }
        } catch (InteropException inconsistent) {
            // Its frames may know.
        }
        List<TruffleStackTraceElement> frames = TruffleStackTrace.getStackTrace(e);
        return (frames == null ? Stream.<TruffleStackTraceElement>empty() : frames.stream()).map(frame -> section(frame.getLocation()))
                        .filter(Objects::nonNull).findFirst().orElse(source.getName());
    }

    private static String section(Node node) {
        SourceSection section = node == null ? null : node.getEncapsulatingSourceSection();
        return section == null || !section.hasLines() ? null : text(section);
    }

    private static String text(SourceSection section) {
        return section.getSource().getName() + (section.hasLines() ? ":" + section.getStartLine() : "");
    }

    /** The commands that it has made, for clients; any thread may ask. */
    ControlObject object() {
        return object;
    }

    /**
     * Ends it: what waits is done, then its last callbacks.
     *
     * @throws CommandException if a callback failed meanwhile
     */
    void finish() {
        loop.end();
        try {
            await(ended, PATIENCE_SECONDS);
        } catch (TimeoutException e) {
            throw CommandException.failed(source.getName() + ": did not end within " + PATIENCE_SECONDS + " seconds after the last packet");
        }
        if (firstFailure != null) {
            throw CommandException.failed("the control program failed, see above");
        }
    }

    private static void await(CompletableFuture<Void> future, long seconds) throws TimeoutException {
        CommandException[] failure = new CommandException[1];
        boolean done = TruffleSafepoint.setBlockedThreadInterruptibleFunction(null, each -> {
            try {
                each.get(seconds, TimeUnit.SECONDS);
                return true;
            } catch (ExecutionException e) {
                failure[0] = (CommandException) e.getCause();
                return true;
            } catch (TimeoutException e) {
                return false;
            }
        }, future);
        if (!done) {
            throw new TimeoutException();
        }
        if (failure[0] != null) {
            throw failure[0];
        }
    }

    @Override
    public void close() throws IOException {
        if (!started) {
            context.close();
            return;
        }
        loop.end();
        try {
            await(ended, 0);
        } catch (TimeoutException e) {
            // Only an ended run closes a control program that has not ended: its time is over.
            context.closeCancelled(null, "the run has ended");
        }
        TruffleSafepoint.setBlockedThreadInterruptible(null, Thread::join, thread);
        context.close();
        object.close();
    }
}
