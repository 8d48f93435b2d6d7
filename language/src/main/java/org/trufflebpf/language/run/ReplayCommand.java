package org.trufflebpf.language.run;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.io.pcap.CaptureReader;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.OneLine;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.run.ReplayTrace.Change;
import org.trufflebpf.language.runtime.Clock;

/** Runs packets step by step and says what each C line changed; with two objects, where they begin to differ. */
final class ReplayCommand {
    /** Changes that are printed of one packet. */
    private static final int MAX_PRINTED = 10_000;
    private static final int REPLAYED_DIFFERENTLY = 1;
    private static final String INDENT = "        ";

    private final Machine machine;
    private final CommandFiles files;
    private final PrintStream out;

    ReplayCommand(Machine machine, CommandFiles files, PrintStream out) {
        this.machine = machine;
        this.files = files;
        this.out = out;
    }

    /**
     * @param objects one, or two to be compared
     * @param program null for the only one
     * @param capture null when {@code packet} is given
     * @param first number of the first frame, from 1 on
     * @param last of the last
     * @param mapInit fills the maps before the first frame; null for as they are in the object
     * @param trap a packet that was saved, instead of all but the objects; null for none
     */
    record Arguments(List<String> objects, String program, String capture, byte[] packet, long first, long last, String mapInit, long seed, String trap) {
        private static final List<String> NAMES = List.of("--program", "--capture", "--frame", "--packet", "--map-init", "--seed", "--trap");
        private static final int TRAP = NAMES.indexOf("--trap");

        static Arguments parse(String... arguments) {
            List<String> objects = new ArrayList<>();
            String[] values = new String[NAMES.size()];
            for (int i = 0; i < arguments.length; i++) {
                int equals = arguments[i].indexOf('=');
                String name = equals < 0 ? arguments[i] : arguments[i].substring(0, equals);
                if (!name.startsWith("-")) {
                    objects.add(arguments[i]);
                } else if (!NAMES.contains(name)) {
                    throw CommandException.usage("unknown option " + name + Similar.hint(name, NAMES));
                } else if (equals < 0 && i + 1 == arguments.length) {
                    throw CommandException.usage(name + " needs a value");
                } else {
                    values[NAMES.indexOf(name)] = equals < 0 ? arguments[++i] : arguments[i].substring(equals + 1);
                }
            }
            if (objects.isEmpty() || objects.size() > 2) {
                throw CommandException.usage(objects.isEmpty() ? "no object file to replay with" : "one object file, or two to compare, not " + objects.size());
            }
            for (int i = 0; i < TRAP && values[TRAP] != null; i++) {
                if (values[i] != null) {
                    throw CommandException.usage(NAMES.get(i) + " does not go with --trap, which says all of that");
                }
            }
            if (values[TRAP] == null && (values[1] == null) == (values[3] == null)) {
                throw CommandException.usage("say which packet: --capture FILE with --frame N, --packet HEX, or --trap FILE");
            }
            String[] range = values[2] == null ? new String[]{"1"} : values[2].split("-", 2);
            long first = Numbers.inRange("--frame", range[0], 1, Long.MAX_VALUE);
            long last = range.length == 1 ? first : Numbers.inRange("--frame", range[1], first, Long.MAX_VALUE);
            return new Arguments(List.copyOf(objects), values[0], values[1], values[3] == null ? null : bytes(values[3]), first, last, values[4],
                    values[5] == null ? 0 : Numbers.inRange("--seed", values[5], Long.MIN_VALUE, Long.MAX_VALUE), values[TRAP]);
        }

        /** What the file of a saved packet says, whose other files lie beside it. */
        Arguments of(SavedTrap saved) {
            String folder = trap.substring(0, trap.lastIndexOf('/') + 1);
            return new Arguments(objects, saved.program(), folder + saved.packet(), null, 1, 1, folder + saved.maps(), saved.seed(), trap);
        }

        private static byte[] bytes(String text) {
            try {
                byte[] bytes = HexFormat.of().parseHex(text.replace(" ", ""));
                if (bytes.length <= Burst.LONGEST_JUMBO) {
                    return bytes;
                }
            } catch (IllegalArgumentException e) {
                // Said below.
            }
            throw CommandException.usage("--packet takes hexadecimal digits of at most " + Burst.LONGEST_JUMBO + " bytes, not " + text);
        }
    }

    /** A packet to replay. */
    private record Frame(long number, long timestamp, byte[] bytes) {
    }

    /** What came of one packet. */
    private record Result(SinglePackets.Outcome outcome, int trapped, List<Change> changes, long steps, String maps, List<String> lines) {
    }

    /** One of the objects, with its maps. */
    private final class Player implements AutoCloseable {
        private final String name;
        private final ProgramSpec program;
        private final ReplayTrace trace = new ReplayTrace();
        private final LoadedObject loaded;
        private final RunnableProgram runnable;
        private final SinglePackets packets;
        private final List<String> said = new ArrayList<>();
        private final byte[] metadata;

        Player(String name, Arguments arguments, SavedTrap saved) {
            this.name = name;
            this.metadata = saved == null ? new byte[0] : saved.metadata();
            ObjectSpec object = machine.parse(name, files.read(name));
            program = RunCommand.program(object, arguments.program);
            loaded = machine.watch(object, new Surroundings(new Clock.Capture(), arguments.seed), Long.MAX_VALUE, said::add, trace);
            try {
                if (arguments.mapInit != null) {
                    new MapFile(loaded.maps()).fill(arguments.mapInit, files.read(arguments.mapInit));
                }
                runnable = loaded.program(program.name());
                boolean fragments = runnable.handlesFragments();
                packets = saved == null ? new SinglePackets(runnable.newProcessor(0), fragments)
                        : new SinglePackets(runnable.newProcessor(saved.cpu()), fragments, saved.ifindex(), saved.queue(), saved.cpu());
            } catch (RuntimeException | Error e) {
                loaded.close();
                throw e;
            }
        }

        Result run(Frame frame) {
            int longest = Burst.longest(runnable.handlesFragments());
            if (frame.bytes.length > longest) {
                throw CommandException.failed("frame " + frame.number + " has " + frame.bytes.length + " bytes, and program '" + program.name() + "' takes "
                        + longest);
            }
            long traps = runnable.traps();
            trace.begin(loaded.maps());
            said.clear();
            SinglePackets.Outcome outcome = packets.run(frame.bytes, metadata, frame.timestamp);
            return new Result(outcome, runnable.traps() == traps ? -1 : trace.lastSlot(), trace.changes(), trace.steps(), maps(), List.copyOf(said));
        }

        private String maps() {
            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            try {
                new MapFile(loaded.maps()).write(stream);
            } catch (IOException e) {
                throw CommandException.failed(name + ": " + e.getMessage());
            }
            return stream.toString(StandardCharsets.UTF_8);
        }

        @Override
        public void close() {
            packets.close();
            loaded.close();
        }
    }

    /** @return the exit code: 1 when two objects differ */
    int run(Arguments given) {
        SavedTrap saved = given.trap == null ? null : SavedTrap.parse(given.trap, files.read(given.trap));
        Arguments arguments = saved == null ? given : given.of(saved);
        List<Frame> frames = frames(arguments);
        try (Player one = new Player(arguments.objects.getFirst(), arguments, saved);
                Player other = arguments.objects.size() == 1 ? null : new Player(arguments.objects.getLast(), arguments, saved)) {
            for (Frame frame : frames) {
                Result result = one.run(frame);
                if (other == null) {
                    print(one, frame, result);
                } else if (differ(one, other, frame, result, other.run(frame))) {
                    return REPLAYED_DIFFERENTLY;
                }
            }
            if (other != null) {
                out.println("no difference in " + (frames.size() == 1 ? "1 packet" : frames.size() + " packets"));
            }
            return 0;
        } finally {
            out.flush();
        }
    }

    private List<Frame> frames(Arguments arguments) {
        if (arguments.packet != null) {
            return List.of(new Frame(1, 0, arguments.packet));
        }
        List<Frame> frames = new ArrayList<>();
        String capture = arguments.capture;
        try (CaptureReader reader = CaptureReader.open(capture, files.open(capture)); NativeBlock block = new NativeBlock(CaptureReader.MAX_PACKET)) {
            for (long number = 1; number <= arguments.last && reader.next(); number++) {
                if (number >= arguments.first) {
                    byte[] bytes = new byte[reader.length()];
                    reader.copyTo(block.address());
                    block.asByteBuffer().get(bytes);
                    frames.add(new Frame(number, reader.timestamp(), bytes));
                }
            }
        } catch (IOException e) {
            throw CommandException.failed(Objects.toString(e.getMessage()).startsWith(capture) ? e.getMessage() : capture + ": " + CommandFiles.reason(e));
        }
        if (frames.isEmpty()) {
            throw CommandException.failed(capture + ": has no frame " + arguments.first + ": frames are counted from 1");
        }
        return frames;
    }

    private void print(Player player, Frame frame, Result result) {
        out.println("frame " + frame.number + ", " + frame.bytes.length + " bytes, program '" + player.program.name() + "'");
        ProgramSpec.Line last = null;
        int lastSlot = -1;
        for (Change change : result.changes.subList(0, Math.min(MAX_PRINTED, result.changes.size()))) {
            ProgramSpec.Line line = player.program.lineAt(change.slot());
            boolean sameLine = line != null && last != null && line.line() == last.line() && line.file().equals(last.file());
            if (!sameLine && line != null) {
                out.println("  " + OneLine.of(line));
            }
            last = line;
            lastSlot = change.slot();
            out.println(INDENT + "%4d: %s".formatted(lastSlot, OneLine.of(change.text())));
        }
        if (result.changes.size() > MAX_PRINTED) {
            out.println("  and more: the packet took " + result.steps + " steps");
        }
        result.lines.forEach(said -> out.println("  " + OneLine.of(said)));
        out.println("  verdict " + result.outcome.verdict() + (result.trapped < 0 ? "" : ", trapped at instruction " + place(player, result.trapped)) + "; "
                + change(frame, result));
    }

    private static String place(Player player, int slot) {
        ProgramSpec.Line line = player.program.lineAt(slot);
        return slot + (line == null ? "" : " (" + OneLine.of(line) + ")");
    }

    private static String change(Frame frame, Result result) {
        byte[] packet = result.outcome.packet();
        return Arrays.equals(frame.bytes, packet) ? "packet unchanged" : "packet " + PacketText.of(packet);
    }

    /** Prints the first difference, if there is one. */
    private boolean differ(Player one, Player other, Frame frame, Result first, Result second) {
        String what = difference(first, second);
        if (what == null) {
            return false;
        }
        out.println("frame " + frame.number + ": " + what);
        List<Change> lasting = first.changes.stream().filter(Change::lasting).toList();
        List<Change> othersLasting = second.changes.stream().filter(Change::lasting).toList();
        int at = ReplayTrace.firstDifference(lasting, othersLasting);
        if (at >= 0) {
            out.println("  the first that they do differently:");
            out.println("    " + one.name + ": " + done(one, lasting, at));
            out.println("    " + other.name + ": " + done(other, othersLasting, at));
        } else {
            printParting(one, other, first, second);
        }
        out.println("  " + one.name + ": " + first.outcome.verdict() + "; " + change(frame, first));
        out.println("  " + other.name + ": " + second.outcome.verdict() + "; " + change(frame, second));
        return true;
    }

    private static String difference(Result first, Result second) {
        if (first.outcome.result() != second.outcome.result()) {
            return "the verdicts differ: " + first.outcome.verdict() + " and " + second.outcome.verdict();
        }
        if ((first.trapped < 0) != (second.trapped < 0)) {
            return "one of them traps";
        }
        byte[] one = first.outcome.bytes();
        byte[] other = second.outcome.bytes();
        if (!Arrays.equals(one, other)) {
            int at = Arrays.mismatch(one, other);
            return at < Math.min(one.length, other.length) ? "the packets differ from byte " + (at - first.outcome.metadata()) + " on"
                    : "the packets have " + one.length + " and " + other.length + " bytes";
        }
        if (!first.maps.equals(second.maps)) {
            List<String> lines = first.maps.lines().toList();
            List<String> others = second.maps.lines().toList();
            int at = Arrays.mismatch(lines.toArray(), others.toArray());
            return "the maps differ: " + line(lines, at) + " and " + line(others, at);
        }
        return null;
    }

    private static String line(List<String> lines, int at) {
        return at < lines.size() ? lines.get(at).strip() : "nothing";
    }

    /** Where two that do the same to packet and maps, as versions of one program, go on at other C lines, or compute something else at the same ones. */
    private void printParting(Player one, Player other, Result first, Result second) {
        List<String> lines = lines(one, first);
        List<String> others = lines(other, second);
        int at = Arrays.mismatch(lines.toArray(), others.toArray());
        if (at >= 0) {
            out.println("  they part" + (at == 0 ? "" : " after " + lines.get(at - 1)) + ":");
            out.println("    " + one.name + ": " + (at < lines.size() ? lines.get(at) : "ends"));
            out.println("    " + other.name + ": " + (at < others.size() ? others.get(at) : "ends"));
            return;
        }
        at = ReplayTrace.firstDifference(first.changes, second.changes);
        if (at >= 0) {
            out.println("  the first that they compute differently:");
            out.println("    " + one.name + ": " + done(one, first.changes, at));
            out.println("    " + other.name + ": " + done(other, second.changes, at));
        }
    }

    /** The C lines that changed something, in their order. */
    private static List<String> lines(Player player, Result result) {
        List<String> lines = new ArrayList<>();
        for (Change change : result.changes) {
            ProgramSpec.Line line = player.program.lineAt(change.slot());
            String text = line == null ? null : OneLine.of(line);
            if (text != null && (lines.isEmpty() || !lines.getLast().equals(text))) {
                lines.add(text);
            }
        }
        return lines;
    }

    private static String done(Player player, List<Change> changes, int at) {
        return at < changes.size() ? OneLine.of(changes.get(at).text()) + " at instruction " + place(player, changes.get(at).slot()) : "nothing more";
    }
}
