package org.trufflebpf.language.run;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.trufflebpf.language.object.OneLine;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.verifier.Finding.Need;
import org.trufflebpf.language.verifier.Safety;
import org.trufflebpf.language.verifier.report.Explanation;
import org.trufflebpf.language.verifier.report.Report;
import org.trufflebpf.language.verifier.report.Report.Item;
import org.trufflebpf.language.verifier.report.Report.Status;

/** A report for people: a line for the program, then what is not proved. */
final class VerifyText {
    /** Lines of C, or instructions without one, that are printed without the log: programs with more have them for few reasons. */
    private static final int MAX_PLACES = 20;
    private static final String INDENT = "        ";

    private final Report report;
    private final Map<Integer, byte[]> packets;
    private final PrintStream out;

    /** @param packets by slot, those that trap there */
    VerifyText(Report report, Map<Integer, byte[]> packets, PrintStream out) {
        this.report = report;
        this.packets = packets;
        this.out = out;
    }

    /** @param log whether everything is wanted */
    void print(boolean log) {
        out.println("program '" + report.program().name() + "' (section " + report.program().section() + "): " + verdict() + counts());
        if (log) {
            report.items().forEach(this::print);
            printLog();
            return;
        }
        Map<List<Object>, List<Item>> places = new LinkedHashMap<>();
        for (Item item : report.items()) {
            if (item.status() != Status.PROVED && isWorthALine(item)) {
                places.computeIfAbsent(place(item), place -> new ArrayList<>()).add(item);
            }
        }
        places.values().stream().limit(MAX_PLACES).forEach(this::print);
        if (places.size() > MAX_PLACES) {
            out.println("  and " + (places.size() - MAX_PLACES) + " more places: --log and --json have them all");
        }
    }

    private static List<Object> place(Item item) {
        return item.line() == null ? List.of(item.status(), item.slot()) : List.of(item.status(), item.line().file(), item.line().line());
    }

    /** The first that a packet is known for tells the most. */
    private void print(List<Item> samePlace) {
        print(samePlace.stream().filter(item -> packets.containsKey(item.slot())).findFirst().orElse(samePlace.getFirst()));
        if (samePlace.size() > 1) {
            out.println(INDENT + "and " + (samePlace.size() - 1) + " more of this line");
        }
    }

    /** What is checked only because nothing was to be proved has nothing to tell. */
    private boolean isWorthALine(Item item) {
        return report.safety() != Safety.OFF || item.register() != null || item.status() == Status.REJECTED;
    }

    private String verdict() {
        if (report.isRejected()) {
            return "rejected";
        }
        long checked = report.count(Status.CHECKED);
        return checked == 0 ? "accepted, all is proved" : "accepted, runs with " + (checked == 1 ? "1 check" : checked + " checks");
    }

    private String counts() {
        StringJoiner text = new StringJoiner(", ", "; proved: ", "").setEmptyValue("");
        count(text, Need.MEMORY, "memory accesses");
        count(text, Need.ARGUMENT, "arguments of calls");
        return text.toString();
    }

    private void count(StringJoiner text, Need need, String what) {
        long all = report.items().stream().filter(item -> item.need() == need).count();
        if (all > 0) {
            text.add(report.count(Status.PROVED, need) + " of " + all + " " + what);
        }
    }

    private void print(Item item) {
        out.println("  " + item.status().word() + ": " + Explanation.place(item.slot(), item.line(), item.instruction()));
        out.println(INDENT + item.text());
        Explanation.lines(item).forEach(line -> out.println(INDENT + line));
        if (packets.containsKey(item.slot()) && item.status() != Status.PROVED) {
            out.println(INDENT + "fails: packet " + PacketText.of(packets.get(item.slot())));
        }
    }

    private void printLog() {
        out.println("  what is known before each instruction, block by block:");
        int[] last = {-1};
        ProgramSpec.Line[] line = {null};
        report.explain(each -> {
            if (each.block() != last[0]) {
                last[0] = each.block();
                line[0] = null;
                out.println("  block " + each.block() + ":");
            }
            ProgramSpec.Line now = report.program().lineAt(each.slot());
            if (now != null && now != line[0]) {
                line[0] = now;
                out.println("    ; " + OneLine.of(now));
            }
            out.println("    %5d: %-40s ; %s".formatted(each.slot(), each.instruction(), each.state()));
        });
    }
}
