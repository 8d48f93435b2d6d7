package org.trufflebpf.language.run;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.verifier.report.Report;
import org.trufflebpf.language.verifier.report.Report.Status;
import org.trufflebpf.language.verifier.report.ReportBuilder;

/** Says what is proved of the programs of an object, what is checked when they run, and for what they are rejected. */
final class VerifyCommand {
    /** Status of a process whose object was rejected. */
    private static final int REJECTED = 1;

    private final Machine machine;

    VerifyCommand(Machine machine) {
        this.machine = machine;
    }

    /**
     * @param operands object files
     * @param program null for all
     */
    record Arguments(List<String> operands, String program, boolean json, boolean log) {
        private static final List<String> NAMES = List.of("--program", "--json", "--log");

        static Arguments parse(String... arguments) {
            List<String> operands = new ArrayList<>();
            String program = null;
            boolean json = false;
            boolean log = false;
            for (int i = 0; i < arguments.length; i++) {
                String argument = arguments[i];
                if (argument.equals("--json")) {
                    json = true;
                } else if (argument.equals("--log")) {
                    log = true;
                } else if (argument.startsWith("--program=")) {
                    program = argument.substring("--program=".length());
                } else if (argument.equals("--program") && i + 1 < arguments.length) {
                    program = arguments[++i];
                } else if (argument.equals("--program")) {
                    throw CommandException.usage("--program needs a value");
                } else if (argument.startsWith("-")) {
                    throw CommandException.usage("unknown option " + argument + Similar.hint(argument, NAMES));
                } else {
                    operands.add(argument);
                }
            }
            if (json && log) {
                throw CommandException.usage("--json and --log: choose one, as the log is for people");
            }
            return new Arguments(operands, program, json, log);
        }

        String object() {
            if (operands.size() != 1) {
                throw CommandException.usage(operands.isEmpty() ? "no object file to verify"
                        : "one object file at a time, not " + String.join(" and ", operands));
            }
            return operands.getFirst();
        }
    }

    /**
     * @param name what messages call the object
     * @return the exit code
     */
    int run(String name, ObjectSpec object, Arguments arguments, PrintStream out) {
        JsonArray all = new JsonArray();
        boolean rejected = false;
        for (ProgramSpec program : arguments.program == null ? object.programs() : List.of(RunCommand.program(object, arguments.program))) {
            Report report = ReportBuilder.build(program, map -> object.map(map).orElse(null), machine.safety());
            Map<Integer, byte[]> packets = PacketSearch.find(machine, object, program.name(), unproved(report));
            rejected |= report.isRejected();
            if (arguments.json) {
                all.add(VerifyJson.of(report, packets));
            } else {
                new VerifyText(report, packets, out).print(arguments.log);
            }
        }
        if (arguments.json) {
            JsonObject document = new JsonObject();
            document.addProperty("object", name);
            document.addProperty("verify", machine.safety().name().toLowerCase(Locale.ROOT));
            document.add("programs", all);
            out.println(document);
        } else if (object.programs().isEmpty()) {
            out.println("no program in " + name);
        }
        out.flush();
        return rejected ? REJECTED : 0;
    }

    /** Where a packet can do harm, as far as is known. */
    private static Set<Integer> unproved(Report report) {
        return report.items().stream().filter(item -> item.advice() != null || item.status() == Status.REJECTED || item.status() == Status.CHECKED)
                .filter(item -> item.register() != null || item.status() == Status.REJECTED).map(Report.Item::slot).collect(Collectors.toSet());
    }
}
