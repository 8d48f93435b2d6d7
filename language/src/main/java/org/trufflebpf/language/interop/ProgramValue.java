package org.trufflebpf.language.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.ArityException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.interop.UnsupportedTypeException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import com.oracle.truffle.api.source.SourceSection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.language.isa.RawInstruction;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.run.Commands;
import org.trufflebpf.language.run.SinglePackets;
import org.trufflebpf.language.runtime.Instance;
import org.trufflebpf.language.runtime.NumberedProgram;

/**
 * A program over the maps of its instance. Executed on a packet, a buffer or an array of bytes, it gives the verdict's number (0 ABORTED, 1 DROP,
 * 2 PASS, 3 TX, 4 REDIRECT), and what can be written of the buffer holds the packet's bytes afterwards. Where the program traps that is so, too, but it
 * throws. Its member {@code run} takes the arguments of {@code ebpf run} after the object, runs over ports, prints nothing unless {@code --stats} asks
 * for it, and gives what was counted.
 */
@ExportLibrary(InteropLibrary.class)
final class ProgramValue extends ValueWithMembers implements NumberedProgram {
    private static final MetaObject KIND = new MetaObject("program", ProgramValue.class);

    private final Instance instance;
    private final ProgramSpec spec;
    private final Map<String, Object> members = new LinkedHashMap<>();

    ProgramValue(Instance instance, ProgramSpec spec, Commands commands) {
        this.instance = instance;
        this.spec = spec;
        members.put("name", spec.name());
        members.put("section", spec.section());
        members.put("instructions", spec.code().length / RawInstruction.BYTES);
        members.put("run", BuiltinFunction.command("run", arguments -> {
            synchronized (instance) {
                return RunResult.of(commands.run(instance, spec, arguments));
            }
        }));
    }

    @Override
    public int number() {
        return instance.programNumber(spec.name());
    }

    @Override
    protected Map<String, Object> members() {
        return members;
    }

    @ExportMessage
    @SuppressWarnings("static-method")
    boolean isExecutable() {
        return true;
    }

    /** Threads take turns: they share what a worker owns. */
    @ExportMessage
    @TruffleBoundary
    Object execute(Object[] arguments) throws UnsupportedTypeException, ArityException {
        if (arguments.length != 1) {
            throw ArityException.create(1, 1, arguments.length);
        }
        int longest = Burst.longest(spec.handlesFragments());
        Optional<Packet> packet = Packet.of(arguments[0], longest);
        if (packet.isEmpty()) {
            throw UnsupportedTypeException.create(arguments, "takes a packet of at most " + longest +
                            " bytes: a buffer, or an array of numbers from -128 to 255, to which the context's host access allows access");
        }
        AtomicReference<Runnable> trapped = new AtomicReference<>();
        SinglePackets.Outcome outcome;
        synchronized (instance) {
            outcome = instance.program(spec.name()).run(packet.get().bytes(), (program, trap) -> trapped.set(() -> instance.throwTrap(program, trap)));
        }
        packet.get().write(outcome.packet());
        if (trapped.get() != null) {
            trapped.get().run();
        }
        return outcome.verdict().ordinal();
    }

    @ExportMessage
    @SuppressWarnings("static-method")
    boolean hasExecutableName() {
        return true;
    }

    @ExportMessage
    Object getExecutableName() {
        return spec.name();
    }

    @ExportMessage
    @TruffleBoundary
    boolean hasSourceLocation() {
        return instance.object().lines(spec).section() != null;
    }

    /** The lines of its main function. */
    @ExportMessage
    @TruffleBoundary
    SourceSection getSourceLocation() throws UnsupportedMessageException {
        SourceSection section = instance.object().lines(spec).section();
        if (section == null) {
            throw UnsupportedMessageException.create();
        }
        return section;
    }

    @Override
    protected MetaObject kind() {
        return KIND;
    }

    @Override
    protected String describe() {
        return "program " + spec.name();
    }
}
