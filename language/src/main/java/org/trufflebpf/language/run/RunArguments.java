package org.trufflebpf.language.run;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.trufflebpf.language.runtime.Clock;
import org.trufflebpf.language.runtime.Clock.Capture;
import org.trufflebpf.language.runtime.Clock.Fixed;
import org.trufflebpf.language.runtime.Clock.Wall;
import org.trufflebpf.language.runtime.Instance;

/**
 * What comes with an object to be run, the same for the command, the polyglot launcher and a context's arguments.
 *
 * @param operands what is no option: the object, where it is not known otherwise
 * @param program name, or null for the only one
 * @param count most packets to run
 * @param duration longest time to run, in nanoseconds
 * @param mapInit file to fill maps from, or null
 * @param mapDump file to write the maps to, or null
 * @param pass capture for packets with the verdict PASS at ports without a companion, or null to drop them
 * @param stack companions of ports, through which their passed packets go to the kernel's network stack
 * @param surroundings but for the network, which {@code environment} says
 * @param environment a file that describes the network, {@code kernel} for the machine's own, or null
 * @param workers threads that process packets, 1 or more
 * @param busyPoll whether workers without packets keep their processors busy
 * @param shareProcessors whether other threads of the process may run where the workers of live ports do
 * @param interval nanoseconds after which the numbers so far are printed again and again, 0 for only at the end
 * @param progress whether to draw a progress bar on the error stream
 * @param saveTraps folder for packets that trapped, or null
 * @param control who steers the run, or null
 */
public record RunArguments(List<String> operands, List<PortSpec> ports, String program, long count, long duration, String mapInit, String mapDump,
        StatisticsFormat statistics, String pass, List<StackSpec> stack, Surroundings surroundings, String environment, int workers, boolean busyPoll,
        boolean shareProcessors, long interval, boolean allowInterpreter, boolean progress, String saveTraps, Control control) {

    /**
     * How a run is steered from outside.
     *
     * @param file a control program, or null
     * @param arguments of it
     * @param name under which {@code ebpf ctl} finds the run, or null for none
     */
    public record Control(String file, List<String> arguments, String name) {
    }

    /** How the numbers of a run are printed. */
    public enum StatisticsFormat {
        TABLE, JSON, NONE
    }

    /** Whether packets come from elsewhere than files and templates, and are lost if nobody takes them. */
    boolean isLive() {
        return ports.stream().anyMatch(PortSpec.Live.class::isInstance) || !stack.isEmpty();
    }

    /** @throws CommandException for wrong usage */
    public static RunArguments parse(List<String> arguments) {
        return new Parser(arguments).parse();
    }

    private static final class Parser {
        private static final List<String> NAMES = List.of("--port", "--program", "--count", "--duration", "--map-init", "--map-dump", "--stats",
                "--pass", "--clock", "--seed", "--env", "--workers", "--busy-poll", "--share-processors", "--stats-interval", "--allow-interpreter",
                "--progress", "--save-traps", "--control", "--name");

        private final List<String> arguments;
        private int next;
        private String name;
        private String value;

        private final List<String> operands = new ArrayList<>();
        private final List<String> ports = new ArrayList<>();
        private String program;
        private long count = Long.MAX_VALUE;
        private long duration = Long.MAX_VALUE;
        private String mapInit;
        private String mapDump;
        private StatisticsFormat statistics = StatisticsFormat.TABLE;
        private String pass;
        private final List<String> companions = new ArrayList<>();
        private Clock clock = new Capture();
        private long seed;
        private String environment;
        /** 0 for as many as there are queues. */
        private int workers;
        private boolean busyPoll;
        private boolean shareProcessors;
        private long interval;
        private boolean allowInterpreter;
        private boolean progress;
        private String saveTraps;
        private String control;
        private String runName;
        private List<String> controlArguments = List.of();

        Parser(List<String> arguments) {
            this.arguments = arguments;
        }

        RunArguments parse() {
            while (next < arguments.size()) {
                String argument = arguments.get(next++);
                if (argument.equals("--")) {
                    controlArguments = List.copyOf(arguments.subList(next, arguments.size()));
                    next = arguments.size();
                } else if (argument.startsWith("-") && argument.length() > 1) {
                    int equals = argument.indexOf('=');
                    name = equals < 0 ? argument : argument.substring(0, equals);
                    value = equals < 0 ? null : argument.substring(equals + 1);
                    option();
                } else {
                    operands.add(argument);
                }
            }
            List<PortSpec> specs = new ArrayList<>();
            for (String port : ports) {
                specs.add(PortSpec.parse(port, specs.size() + 1));
            }
            checkDistinct(specs);
            countWorkers(specs);
            return new RunArguments(List.copyOf(operands), List.copyOf(specs), program, count, duration, mapInit, mapDump, statistics, pass,
                    stack(specs), new Surroundings(clock, seed), environment, workers, busyPoll, shareProcessors, interval, allowInterpreter, progress,
                    saveTraps, control());
        }

        /** Every queue has a worker of its own. */
        private void countWorkers(List<PortSpec> specs) {
            for (PortSpec spec : specs) {
                if (spec instanceof PortSpec.Sockets port && port.queues() > 0) {
                    if (workers == 0) {
                        workers = port.queues();
                    } else if (workers != port.queues()) {
                        throw CommandException.usage("--port " + port.input() + ": " + port.queues() + " queues do not go with " + workers
                                + " workers or queues: each worker has one queue of every interface");
                    }
                }
            }
            workers = Math.max(workers, 1);
        }

        private Control control() {
            if (control == null && !controlArguments.isEmpty()) {
                throw CommandException.usage("-- " + controlArguments.getFirst() + ": what follows -- is for a control program: name it with --control FILE");
            }
            return control == null && runName == null ? null : new Control(control, controlArguments, runName);
        }

        private void option() {
            switch (name) {
                case "--port" -> ports.add(value());
                case "--program" -> program = value();
                case "--count" -> count = Numbers.inRange(name, value(), 0, Long.MAX_VALUE);
                case "--duration" -> duration = Numbers.seconds(name, value());
                case "--map-init" -> mapInit = value();
                case "--map-dump" -> mapDump = value();
                case "--stats" -> statistics = statistics(value());
                case "--pass" -> pass(value());
                case "--clock" -> clock = clock(value());
                case "--seed" -> seed = Numbers.inRange(name, value(), Long.MIN_VALUE, Long.MAX_VALUE);
                case "--env" -> environment = value();
                case "--workers" -> workers = (int) Numbers.inRange(name, value(), 1, Instance.CPUS);
                case "--busy-poll" -> busyPoll = flag();
                case "--share-processors" -> shareProcessors = flag();
                case "--stats-interval" -> interval = Numbers.seconds(name, value());
                case "--allow-interpreter" -> allowInterpreter = flag();
                case "--progress" -> progress = flag();
                case "--save-traps" -> saveTraps = value();
                case "--control" -> control = value();
                case "--name" -> runName = value();
                default -> throw CommandException.usage("unknown option " + name + Similar.hint(name, NAMES));
            }
        }

        private String value() {
            if (value == null) {
                if (next == arguments.size()) {
                    throw CommandException.usage(name + " needs a value");
                }
                value = arguments.get(next++);
            }
            if (value.isEmpty()) {
                throw CommandException.usage(name + " needs a value that is not empty");
            }
            return value;
        }

        private boolean flag() {
            if (value != null) {
                throw CommandException.usage(name + " takes no value");
            }
            return true;
        }

        private static StatisticsFormat statistics(String text) {
            return switch (text) {
                case "table" -> StatisticsFormat.TABLE;
                case "json" -> StatisticsFormat.JSON;
                case "none" -> StatisticsFormat.NONE;
                default -> throw CommandException.usage("--stats must be table, json or none, not '" + text + "'");
            };
        }

        private void pass(String text) {
            if (StackSpec.isMeant(text)) {
                companions.add(text);
            } else if (!text.equals("drop") && !text.contains(".") && !text.contains("/")) {
                // An interface, or a word of another tool, rather than a file.
                throw CommandException.usage("--pass " + text + ": use drop, FILE.pcap or tap:NAME");
            } else {
                pass = text.equals("drop") ? null : text;
            }
        }

        private List<StackSpec> stack(List<PortSpec> specs) {
            List<StackSpec> stack = companions.stream().map(text -> StackSpec.parse(text, specs)).toList();
            for (StackSpec spec : stack) {
                if (stack.stream().filter(other -> other.tap().ifindex() == spec.tap().ifindex()).count() > 1) {
                    throw CommandException.usage("--pass " + spec.text() + ": port " + spec.tap().ifindex() + " has a TAP interface already");
                }
            }
            return stack;
        }

        private static Clock clock(String text) {
            return switch (text) {
                case "capture" -> new Capture();
                case "wall" -> new Wall();
                default -> {
                    if (!Character.isDigit(text.charAt(0))) {
                        throw CommandException.usage("--clock must be capture, wall or a number of nanoseconds, not '" + text + "'");
                    }
                    yield new Fixed(Numbers.inRange("--clock", text, 0, Long.MAX_VALUE));
                }
            };
        }

        private void checkDistinct(List<PortSpec> specs) {
            Set<Integer> numbers = new HashSet<>();
            Set<String> files = new HashSet<>();
            for (PortSpec spec : specs) {
                if (!numbers.add(spec.ifindex())) {
                    throw CommandException.usage("--port: two ports have the interface number " + spec.ifindex());
                }
                checkWrittenOnce(files, spec.output());
            }
            checkWrittenOnce(files, pass);
            checkWrittenOnce(files, mapDump);
        }

        private static void checkWrittenOnce(Set<String> files, String file) {
            if (file != null && !file.startsWith("/dev/") && !files.add(file)) {
                throw CommandException.usage(file + " would be written twice: give each output a file of its own");
            }
        }
    }
}
