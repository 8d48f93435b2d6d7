package org.trufflebpf.language.control;

import com.oracle.truffle.api.TruffleSafepoint;
import com.oracle.truffle.api.exception.AbstractTruffleException;
import com.oracle.truffle.api.interop.InteropException;
import com.oracle.truffle.api.interop.InteropLibrary;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A command that a control program offers its clients: a function of the words that follow it, which gives what they see. */
final class ControlCommand {
    private static final InteropLibrary INTEROP = InteropLibrary.getUncached();
    private static final long PATIENCE_SECONDS = 30;

    private final ControlProgram program;
    private final EventLoop loop;
    private final String name;
    private final String help;
    private final Object function;

    ControlCommand(ControlProgram program, EventLoop loop, String name, String help, Object function) {
        this.program = program;
        this.loop = loop;
        this.name = name;
        this.help = help;
        this.function = function;
    }

    String help() {
        return help;
    }

    /**
     * Has the control program's thread run it. Any other thread may call.
     *
     * @return text for the client, lines or empty
     * @throws ControlFailure with what the command threw
     */
    String run(List<String> arguments) throws ControlFailure {
        CompletableFuture<String> answer = new CompletableFuture<>();
        if (!loop.post(() -> answer(arguments, answer))) {
            throw new ControlFailure("the run has ended, or too many commands wait");
        }
        try {
            return TruffleSafepoint.setBlockedThreadInterruptibleFunction(null, future -> {
                try {
                    return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
                } catch (ExecutionException | TimeoutException e) {
                    throw new Unanswered(e);
                }
            }, answer);
        } catch (Unanswered e) {
            throw e.getCause().getCause() instanceof ControlFailure failure ? failure
                            : new ControlFailure("the control program did not answer within " + PATIENCE_SECONDS + " seconds");
        }
    }

    /** Carries a checked exception out of a blocking call. */
    private static final class Unanswered extends RuntimeException {
        private static final long serialVersionUID = 1;

        Unanswered(Exception cause) {
            super(cause);
        }
    }

    private void answer(List<String> arguments, CompletableFuture<String> answer) {
        try {
            answer.complete(Text.of(INTEROP.execute(function, arguments.toArray())));
        } catch (AbstractTruffleException e) {
            answer.completeExceptionally(new ControlFailure(name + ": " + program.describe(e)));
        } catch (InteropException e) {
            answer.completeExceptionally(new ControlFailure(name + ": cannot be called: " + e.getMessage()));
        } finally {
            answer.completeExceptionally(new ControlFailure("the run was ended meanwhile"));
        }
    }
}
