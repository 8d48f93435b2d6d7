package org.trufflebpf.language.verifier.report;

import java.util.ArrayList;
import java.util.List;
import org.trufflebpf.language.object.OneLine;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.verifier.report.Report.Item;
import org.trufflebpf.language.verifier.report.Report.Origin;

/** What there is to say of an item besides what its instruction does: what is known of the register that it is about, whence, and what to change. */
public final class Explanation {
    private Explanation() {
    }

    /** All of it, for lines of their own. */
    public static List<String> lines(Item item) {
        List<String> lines = new ArrayList<>();
        if (item.register() != null) {
            lines.add(item.register().name() + " is " + item.register().text());
            item.register().origins().forEach(origin -> lines.add("from " + place(origin.slot(), origin.line(), origin.instruction())));
        }
        if (item.advice() != null) {
            lines.add("to do: " + item.advice());
        }
        return lines;
    }

    /** What fits on the line that names the fault, to follow that; of the instructions that the register's value is from the last one. */
    public static String ending(Item item) {
        StringBuilder text = new StringBuilder();
        if (item.register() != null) {
            text.append("; ").append(item.register().name()).append(" is ").append(item.register().text());
            if (!item.register().origins().isEmpty()) {
                Origin origin = item.register().origins().getFirst();
                text.append(" from ").append(origin.line() == null ? "instruction " + origin.slot() : OneLine.of(origin.line()));
            }
        }
        return item.advice() == null ? text.toString() : text + "; to do: " + item.advice();
    }

    /** The C line where it is known, and the instruction. */
    public static String place(int slot, ProgramSpec.Line line, String instruction) {
        String code = "instruction " + slot + (instruction == null ? "" : " `" + instruction + "`");
        return line == null ? code : OneLine.of(line) + ", " + code;
    }
}
