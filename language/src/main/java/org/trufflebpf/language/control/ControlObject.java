package org.trufflebpf.language.control;

import com.oracle.truffle.api.interop.ArityException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.interop.UnsupportedTypeException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.trufflebpf.language.interop.BuiltinFunction;
import org.trufflebpf.language.interop.Dictionary;
import org.trufflebpf.language.interop.MetaObject;
import org.trufflebpf.language.interop.RunResult;
import org.trufflebpf.language.interop.ValueWithMembers;
import org.trufflebpf.language.run.CommandFiles;
import org.trufflebpf.language.run.Running;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.Values;

/** What a control program sees of its run, the global {@code ebpf}. docs/control.md lists the members. Only the control program's thread calls. */
final class ControlObject extends ValueWithMembers implements AutoCloseable {
    private static final MetaObject KIND = new MetaObject("run", ControlObject.class);
    private static final InteropLibrary INTEROP = InteropLibrary.getUncached();
    /** A year. */
    private static final long LONGEST_DELAY = TimeUnit.DAYS.toMillis(365);

    private final ControlProgram program;
    private final Map<String, Object> members = new LinkedHashMap<>();
    private final List<Object> atEnd = new ArrayList<>();
    private final List<CaptureFile> captures = new ArrayList<>();
    private final ConcurrentSkipListMap<String, ControlCommand> commands = new ConcurrentSkipListMap<>();

    ControlObject(ControlProgram program, EventLoop loop, CommandFiles files, Running run, List<String> arguments) {
        this.program = program;
        SequencedMap<String, Object> maps = run.maps().stream().collect(Collectors.toMap(BpfMap::name, map -> map, (a, b) -> a, LinkedHashMap::new));
        members.put("program", run.program());
        members.put("programs", Values.of(run.programs()));
        members.put("arguments", Values.of(arguments));
        members.put("maps", new Dictionary("maps", maps));
        function("statistics", 0, given -> RunResult.of(run.report().get()));
        function("every", 2, given -> {
            loop.schedule(delay(given), true, callBack(given, 1));
            return this;
        });
        function("after", 2, given -> {
            loop.schedule(delay(given), false, callBack(given, 1));
            return this;
        });
        function("on", 2, given -> {
            requireFunction(given, 1);
            if (!INTEROP.isMemberInvocable(given[0], "poll")) {
                throw UnsupportedTypeException.create(given, "the first argument must be a map with events: a ring buffer or perf event array");
            }
            loop.addSource(() -> takeEvents(given[0], given[1]));
            return this;
        });
        function("command", 3, given -> {
            requireFunction(given, 2);
            String name = text(given, 0);
            commands.put(name, new ControlCommand(program, loop, name, text(given, 1), given[2]));
            return this;
        });
        function("atEnd", 1, given -> {
            requireFunction(given, 0);
            atEnd.add(given[0]);
            return this;
        });
        function("stop", 0, given -> {
            run.stop().run();
            return this;
        });
        function("read", 1, given -> files.readText(text(given, 0)));
        function("words", 1, given -> words(files.readText(text(given, 0))));
        function("write", 2, given -> {
            files.writeText(text(given, 0), text(given, 1));
            return this;
        });
        function("capture", 1, given -> {
            CaptureFile capture = new CaptureFile(files.create(text(given, 0)));
            captures.add(capture);
            return capture;
        });
    }

    private void function(String name, int arity, BuiltinFunction.Body body) {
        members.put(name, new BuiltinFunction(name, arguments -> {
            if (arguments.length != arity) {
                throw ArityException.create(arity, arity, arguments.length);
            }
            return body.execute(arguments);
        }));
    }

    /** Rules come by the ten thousand: other languages would take a second for this before they are compiled. */
    private static Values words(String text) {
        return Values.of(text.lines().map(line -> line.replaceFirst("#.*", "").strip()).filter(line -> !line.isEmpty())
                        .map(line -> Values.of(List.of(line.split("\\s+")))).toList());
    }

    private static long delay(Object[] arguments) throws UnsupportedTypeException {
        try {
            return TimeUnit.MILLISECONDS.toNanos(Math.clamp(INTEROP.asLong(arguments[0]), 0, LONGEST_DELAY));
        } catch (UnsupportedMessageException e) {
            throw UnsupportedTypeException.create(arguments, "the first argument must be milliseconds, a whole number");
        }
    }

    private static String text(Object[] arguments, int index) throws UnsupportedTypeException {
        try {
            return INTEROP.asString(arguments[index]);
        } catch (UnsupportedMessageException e) {
            throw UnsupportedTypeException.create(arguments, "argument " + (index + 1) + " must be a string");
        }
    }

    private static void requireFunction(Object[] arguments, int index) throws UnsupportedTypeException {
        if (!INTEROP.isExecutable(arguments[index])) {
            throw UnsupportedTypeException.create(arguments, "argument " + (index + 1) + " must be a function");
        }
    }

    private Runnable callBack(Object[] arguments, int index) throws UnsupportedTypeException {
        requireFunction(arguments, index);
        return () -> program.callBack(arguments[index]);
    }

    /** Whether there was one. */
    private boolean takeEvents(Object stream, Object callback) {
        boolean[] any = new boolean[1];
        BuiltinFunction each = new BuiltinFunction("event", event -> {
            any[0] = true;
            program.callBack(callback, event);
            return this;
        });
        program.invoke(stream, "poll", each);
        return any[0];
    }

    /** Last callbacks; then captures appear. */
    void end() throws IOException {
        // By index: a callback may add another.
        for (int i = 0; i < atEnd.size(); i++) {
            program.callBack(atEnd.get(i));
        }
        for (CaptureFile capture : captures) {
            capture.commit();
        }
    }

    @Override
    public void close() throws IOException {
        for (CaptureFile capture : captures) {
            capture.close();
        }
    }

    /** What clients may ask for besides what every run offers; any thread may read it. */
    Map<String, ControlCommand> commands() {
        return commands;
    }

    @Override
    protected Map<String, Object> members() {
        return members;
    }

    @Override
    protected MetaObject kind() {
        return KIND;
    }

    @Override
    protected String describe() {
        return "run of " + members.get("program");
    }
}
