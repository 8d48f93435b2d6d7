package org.trufflebpf.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The results over ports for people. */
final class PortTable {
    private static final String ROW = "%-17s%-19s%14s%12s%12s%n";

    private PortTable() {
    }

    /** @param carriages of each program, by its place among the comparisons */
    static String text(List<Comparison> comparisons, List<List<Carriage>> carriages) {
        StringBuilder text = new StringBuilder(String.format("%nOver ports, medians: packets per second that a program judged on one processor, and where that"
                        + " went, in nanoseconds per packet.%n%n"));
        text.append(String.format(ROW, "program", "carrier", "packets/s", "program", "I/O"));
        Map<String, Integer> missing = new LinkedHashMap<>();
        for (int i = 0; i < comparisons.size(); i++) {
            for (Carriage carriage : carriages.get(i)) {
                text.append(String.format(ROW, comparisons.get(i).scenario().label(), carriage.carrier(), text("%,.0f", carriage.packetsPerSecond()),
                                text("%.1f", carriage.inProgram()), text("%.1f", carriage.around())));
                if (carriage.missing() != null) {
                    missing.merge(carriage.missing(), 1, Integer::sum);
                }
            }
        }
        missing.forEach((reason, programs) -> text.append(String.format("not measured: %s (%d of %d programs)%n", reason, programs, comparisons.size())));
        return text.toString();
    }

    private static String text(String format, double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, format, value);
    }
}
