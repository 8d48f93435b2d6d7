package org.trufflebpf.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.trufflebpf.bench.Scenario.Targets;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.packettest.GeneratorTemplate;
import org.trufflebpf.language.packettest.PacketTestException;
import org.trufflebpf.language.packettest.TestFiles;
import org.trufflebpf.language.run.CommandException;
import org.trufflebpf.language.run.CommandFiles;
import org.trufflebpf.language.run.FirstPackets;
import org.trufflebpf.language.run.RunArguments;
import org.trufflebpf.launcher.Subcommand.Option;

/**
 * What {@code ebpf bench} is to do.
 *
 * @param all whether programs of xdp_progs are measured, with the rules and flows that {@link Scenarios} has; otherwise an object
 * @param names of programs, or the object
 * @param program name, or null for the only one
 * @param packet in the language of packet tests
 * @param port whose first packets are taken instead, or null
 * @param mapInit file to fill maps from, or null
 * @param control program that fills maps, or null
 * @param ports whether programs are also measured over ports
 * @param quick whether it is to take less time
 * @param json file for the results, or null
 * @param plots folder for charts, or null
 */
record BenchArguments(boolean all, List<String> names, String program, String packet, String port, String mapInit, RunArguments.Control control,
        boolean ports, boolean quick, String json, String plots) {
    static final List<Option> OPTIONS = List.of(
            new Option("--all", null, "all programs of xdp_progs, or those named, with rules and flows, in one interleaved run"),
            new Option("--quick", null, "fewer measurements: less than a minute, less exact"),
            new Option("--ports", null, "also packets per second by AF_XDP, DPDK and in the kernel (as root)"),
            new Option("--json", "FILE", "also write the results, an object for each program"),
            new Option("--plot", "DIR", "also draw charts, as PNG and SVG"),
            new Option("--program", "NAME", "the program to measure, where the object has several"),
            new Option("--packet", "PACKET", "the packet, as packet tests write it (default: TCP, 64 bytes)"),
            new Option("--port", "SPEC", "take the first 64 packets of pcap:FILE or gen:PACKET instead, in turns"),
            new Option("--map-init", "FILE", "fill maps from a JSON file first"),
            new Option("--control", "FILE", "fill maps by a control program first; words after -- are its arguments"));

    static final String TCP = "eth / ipv4 src=10.0.0.1 dst=10.0.0.2 / tcp sport=40000 dport=80 flags=A pad to 64";
    private static final int WINDOWS = 60;
    private static final int QUICK_WINDOWS = 12;

    /** @throws CommandException for wrong usage */
    static BenchArguments parse(List<String> arguments) {
        boolean all = false;
        boolean quick = false;
        boolean ports = false;
        String[] values = new String[OPTIONS.size()];
        List<String> operands = new ArrayList<>();
        List<String> controlArguments = List.of();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals("--")) {
                controlArguments = arguments.subList(i + 1, arguments.size());
                break;
            }
            int equals = argument.indexOf('=');
            String name = equals < 0 ? argument : argument.substring(0, equals);
            int option = OPTIONS.stream().map(Option::name).toList().indexOf(name);
            if (!argument.startsWith("--")) {
                operands.add(argument);
            } else if (option < 0) {
                throw CommandException.usage("unknown option " + name + "; see ebpf --help");
            } else if (OPTIONS.get(option).argument() == null) {
                all |= name.equals("--all");
                quick |= name.equals("--quick");
                ports |= name.equals("--ports");
            } else if (equals < 0 && i + 1 == arguments.size()) {
                throw CommandException.usage(name + " needs a value: " + name + " " + OPTIONS.get(option).argument());
            } else {
                values[option] = equals < 0 ? arguments.get(++i) : argument.substring(equals + 1);
            }
        }
        return checked(all, quick, ports, values, operands, controlArguments);
    }

    private static BenchArguments checked(boolean all, boolean quick, boolean ports, String[] values, List<String> operands, List<String> controlArguments) {
        String control = value(values, "--control");
        String packet = value(values, "--packet");
        String port = value(values, "--port");
        if (packet != null && port != null) {
            throw CommandException.usage("--packet and --port: choose one of them");
        }
        if (ports && port != null) {
            throw CommandException.usage("--ports and --port: over a veth pair one packet is sent again and again: name it with --packet");
        }
        if (all) {
            for (String name : List.of("--program", "--packet", "--port", "--map-init", "--control")) {
                if (value(values, name) != null) {
                    throw CommandException.usage(name + " is for an object: --all has packets, rules and flows of its own");
                }
            }
            for (String name : operands) {
                if (!Scenarios.names().contains(name)) {
                    throw CommandException.usage("--all knows no program " + name + ", but " + String.join(", ", Scenarios.names()));
                }
            }
        } else if (operands.size() != 1) {
            throw CommandException.usage(operands.isEmpty() ? "nothing to measure: name an object file, or say --all"
                    : "one object file at a time, not " + String.join(" and ", operands));
        }
        if (control == null && !controlArguments.isEmpty()) {
            throw CommandException.usage("words after -- are for a control program: name it with --control FILE");
        }
        return new BenchArguments(all, all && operands.isEmpty() ? Scenarios.names() : List.copyOf(operands), value(values, "--program"),
                packet == null ? TCP : packet, port, value(values, "--map-init"),
                control == null ? null : new RunArguments.Control(control, List.copyOf(controlArguments), null), ports, quick,
                value(values, "--json"), value(values, "--plot"));
    }

    /** Of each contestant. */
    int windows() {
        return quick ? QUICK_WINDOWS : WINDOWS;
    }

    private static String value(String[] values, String name) {
        return values[OPTIONS.stream().map(Option::name).toList().indexOf(name)];
    }

    /** The object to be measured. @throws CommandException if it cannot be read, or has no such program or packet */
    Scenario scenario(TruffleEngine engine) {
        Path file = Path.of(names.getFirst());
        ObjectSpec object = engine.parse(names.getFirst(), read(file));
        ProgramSpec chosen = program(object);
        List<byte[]> packets = port == null ? List.of(packetBytes()) : FirstPackets.of(port, PacketBurst.SIZE);
        return new Scenario(chosen.name(), file, object, chosen, packets, List.of(), null, Targets.NONE);
    }

    private ProgramSpec program(ObjectSpec object) {
        String there = String.join(", ", object.programs().stream().map(ProgramSpec::name).toList());
        if (program != null) {
            return object.program(program).orElseThrow(() -> CommandException.usage("--program " + program + ": the object has no such program, but "
                    + (there.isEmpty() ? "none" : there)));
        }
        return switch (object.programs().size()) {
            case 0 -> throw CommandException.failed("the object has no program");
            case 1 -> object.programs().getFirst();
            default -> throw CommandException.usage("the object has several programs: choose one with --program: " + there);
        };
    }

    private byte[] packetBytes() {
        try {
            return GeneratorTemplate.parse(packet).build(TestFiles.ofProcess()).templates().getFirst().packet();
        } catch (PacketTestException e) {
            throw CommandException.usage("--packet: " + e.position() + ": " + e.getMessage());
        } catch (IOException e) {
            throw CommandException.unreadable("--packet: " + e.getMessage());
        }
    }

    /** @throws CommandException if it cannot be read */
    static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw CommandException.unreadable(file + ": cannot be read: " + CommandFiles.reason(e));
        }
    }
}
