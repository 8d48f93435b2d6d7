package org.trufflebpf.language.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.trufflebpf.io.loop.Counter;
import org.trufflebpf.io.loop.Statistics.Times;

/** What happened in a run from one report to the next. */
record Interval(RunReport before, RunReport now) {
    private static final double MICROSECOND = 1000;

    private double seconds() {
        return now.seconds() - before.seconds();
    }

    private double rate(int port, Counter counter) {
        long packets = now.counters().packets(port, counter) - before.counters().packets(port, counter);
        return seconds() > 0 ? packets / seconds() : 0;
    }

    private double megabits(int port, Counter counter) {
        long bytes = now.counters().bytes(port, counter) - before.counters().bytes(port, counter);
        return seconds() > 0 ? bytes * Byte.SIZE / seconds() / 1e6 : 0;
    }

    /** Received first, then what happened until now. */
    private List<Counter> counters(int port) {
        List<Counter> all = new ArrayList<>(List.of(Counter.RECEIVED));
        all.addAll(RunReport.VERDICTS);
        all.addAll(RunReport.EVENTS);
        all.removeIf(counter -> counter != Counter.RECEIVED && now.counters().packets(port, counter) == 0);
        return all;
    }

    private static String label(Counter counter) {
        return RunReport.VERDICTS.contains(counter) ? counter.name() : RunReport.label(counter);
    }

    private String burst(int port) {
        Times times = now.counters().times(port).minus(before.counters().times(port));
        return times.bursts() == 0 ? "" : String.format(Locale.ROOT, "%.1f us per burst of %.1f, %.1f us of that in the program",
                times.whole() / MICROSECOND / times.bursts(), (double) times.packets() / times.bursts(),
                times.inProgram() / MICROSECOND / times.bursts());
    }

    private String details(int port) {
        return now.details().get(port).entrySet().stream().filter(detail -> detail.getValue() != 0)
                .map(detail -> String.format(Locale.ROOT, "%,d %s", detail.getValue(), detail.getKey())).collect(Collectors.joining(", "));
    }

    private static void addIfAny(List<String> parts, String text) {
        if (!text.isEmpty()) {
            parts.add(text);
        }
    }

    /** A line for each port: packets per second by verdict and event, then how full rings are and how long bursts take. */
    String lines() {
        StringBuilder text = new StringBuilder();
        for (int port = 0; port < now.ports().size(); port++) {
            int number = port;
            List<String> parts = new ArrayList<>();
            parts.add(counters(port).stream().map(counter -> String.format(Locale.ROOT, "%s %,.0f/s", label(counter), rate(number, counter)))
                    .collect(Collectors.joining(", ")));
            addIfAny(parts, details(port));
            addIfAny(parts, burst(port));
            text.append(String.format(Locale.ROOT, "%.0f s  %s: ", now.seconds(), now.name(port))).append(String.join("; ", parts))
                    .append(System.lineSeparator());
        }
        return text.toString();
    }

    /** The same as a table of several lines. */
    String table() {
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {"port", "", "packets/s", "Mbit/s", "packets"});
        List<String> remarks = new ArrayList<>();
        for (int port = 0; port < now.ports().size(); port++) {
            for (Counter counter : counters(port)) {
                rows.add(new String[] {now.name(port), label(counter), String.format(Locale.ROOT, "%,.0f", rate(port, counter)),
                        String.format(Locale.ROOT, "%,.1f", megabits(port, counter)),
                        String.format(Locale.ROOT, "%,d", now.counters().packets(port, counter))});
            }
            List<String> parts = new ArrayList<>();
            addIfAny(parts, details(port));
            addIfAny(parts, burst(port));
            if (!parts.isEmpty()) {
                remarks.add(now.name(port) + ": " + String.join("; ", parts) + System.lineSeparator());
            }
        }
        return String.format(Locale.ROOT, "%s  %.0f s%n", now.program(), now.seconds()) + RunReport.aligned(rows) + String.join("", remarks);
    }

    String json() {
        return now.json(before);
    }
}
