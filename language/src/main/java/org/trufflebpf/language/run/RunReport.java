package org.trufflebpf.language.run;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.trufflebpf.io.loop.Counter;
import org.trufflebpf.io.loop.Statistics.Snapshot;
import org.trufflebpf.io.loop.Statistics.Times;
import org.trufflebpf.io.port.Port;

/**
 * The numbers of a run.
 *
 * @param ports by their number in the counters
 * @param workers of each worker, by its CPU number, what it counted
 * @param counters the sums
 * @param details of each port, what else it tells: see {@link Port#details}
 * @param traps packets among those ABORTED whose run ended in a trap
 * @param seconds the run took, reading and writing of files included
 */
public record RunReport(String program, List<PortSpec> ports, List<Snapshot> workers, Snapshot counters, List<Map<String, Long>> details, long traps,
        double seconds) {
    static final List<Counter> VERDICTS = List.of(Counter.ABORTED, Counter.DROP, Counter.PASS, Counter.TX, Counter.REDIRECT);
    static final List<Counter> EVENTS = List.of(Counter.SENT, Counter.REDIRECTED_NOWHERE, Counter.TO_SOCKET, Counter.EGRESS_DROP, Counter.NOT_SENT,
            Counter.CPU_PASS, Counter.CPU_DROP, Counter.CPU_FULL, Counter.NOT_PASSED, Counter.FROM_STACK, Counter.MISSED);

    private static final int LONGEST_NAME = 40;

    RunReport(String program, List<PortSpec> ports, List<Snapshot> workers, List<Map<String, Long>> details, long traps, double seconds) {
        this(program, ports, List.copyOf(workers), workers.stream().reduce(Snapshot::plus).orElseThrow(), List.copyOf(details), traps, seconds);
    }

    /** A line of the table for each verdict that was given at a port, then what else happened there; sums of several ports and workers. */
    String table() {
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[]{"port", "", "packets", "bytes", "share", "packets/s"});
        for (int port = 0; port < ports.size(); port++) {
            String name = name(port);
            long received = counters.packets(port, Counter.RECEIVED);
            for (Counter verdict : VERDICTS) {
                addRow(rows, name, verdict.name(), counters.packets(port, verdict), counters.bytes(port, verdict), received, false);
            }
            for (Counter event : EVENTS) {
                addRow(rows, name, label(event), counters.packets(port, event), counters.bytes(port, event), 0, false);
            }
            addRow(rows, name, "received", received, counters.bytes(port, Counter.RECEIVED), received, true);
        }
        if (ports.size() > 1) {
            long received = counters.packets(Counter.RECEIVED);
            for (Counter verdict : VERDICTS) {
                addRow(rows, "all", verdict.name(), counters.packets(verdict), counters.bytes(verdict), received, false);
            }
            addRow(rows, "all", "received", received, counters.bytes(Counter.RECEIVED), received, true);
        }
        for (int worker = 0; worker < workers.size() && workers.size() > 1; worker++) {
            Snapshot own = workers.get(worker);
            addRow(rows, "worker " + worker, "received", own.packets(Counter.RECEIVED), own.bytes(Counter.RECEIVED),
                    counters.packets(Counter.RECEIVED), true);
        }
        StringBuilder text = new StringBuilder(aligned(rows));
        if (traps > 0) {
            text.append(String.format(Locale.ROOT, "%,d packets trapped (they count as ABORTED)%n", traps));
        }
        return text.toString();
    }

    private void addRow(List<String[]> rows, String port, String what, long packets, long bytes, long received, boolean always) {
        if (packets > 0 || always) {
            String share = received == 0 ? "" : String.format(Locale.ROOT, "%.1f%%", 100.0 * packets / received);
            rows.add(new String[]{port, what, String.format(Locale.ROOT, "%,d", packets), String.format(Locale.ROOT, "%,d", bytes), share,
                    seconds > 0 ? String.format(Locale.ROOT, "%,.0f", packets / seconds) : ""});
        }
    }

    /** A port for people. */
    String name(int port) {
        return ports.get(port).ifindex() + " " + shortened(ports.get(port).input());
    }

    /** A packet's description would leave no room for numbers. */
    private static String shortened(String input) {
        return input.startsWith("gen:") && input.length() > LONGEST_NAME ? input.substring(0, LONGEST_NAME - 3) + "..." : input;
    }

    /** The first two columns are words and start at the left, the others numbers. */
    static String aligned(List<String[]> rows) {
        int columns = rows.getFirst().length;
        StringBuilder text = new StringBuilder();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < columns; column++) {
                int index = column;
                int width = rows.stream().mapToInt(each -> each[index].length()).max().getAsInt();
                String padding = " ".repeat(width - row[column].length());
                line.append(column == 0 ? "" : "  ").append(column < 2 ? row[column] + padding : padding + row[column]);
            }
            text.append(line.toString().stripTrailing()).append(System.lineSeparator());
        }
        return text.toString();
    }

    static String label(Counter counter) {
        return counter.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /**
     * One line: program, seconds, traps, for each port its counters in packets and bytes, its details and times, and for each worker what it
     * received.
     */
    public String json() {
        return json(null);
    }

    /** The same, with the packets per second of each counter since an earlier report. */
    String json(RunReport earlier) {
        JsonObject report = new JsonObject();
        report.addProperty("program", program);
        report.addProperty("seconds", seconds);
        report.addProperty("packets", counters.packets(Counter.RECEIVED));
        report.addProperty("bytes", counters.bytes(Counter.RECEIVED));
        report.addProperty("traps", traps);
        JsonArray list = new JsonArray();
        for (int port = 0; port < ports.size(); port++) {
            JsonObject entry = new JsonObject();
            entry.addProperty("ifindex", ports.get(port).ifindex());
            entry.addProperty("input", ports.get(port).input());
            for (Counter counter : Counter.values()) {
                JsonObject numbers = new JsonObject();
                numbers.addProperty("packets", counters.packets(port, counter));
                numbers.addProperty("bytes", counters.bytes(port, counter));
                if (earlier != null && seconds > earlier.seconds) {
                    long more = counters.packets(port, counter) - earlier.counters.packets(port, counter);
                    numbers.addProperty("packets_per_second", Math.round(more / (seconds - earlier.seconds)));
                }
                entry.add(counter.name().toLowerCase(Locale.ROOT), numbers);
            }
            JsonObject words = new JsonObject();
            details.get(port).forEach(words::addProperty);
            entry.add("details", words);
            Times times = counters.times(port);
            JsonObject sample = new JsonObject();
            sample.addProperty("bursts", times.bursts());
            sample.addProperty("packets", times.packets());
            sample.addProperty("nanoseconds", times.whole());
            sample.addProperty("nanoseconds_in_program", times.inProgram());
            entry.add("timed", sample);
            list.add(entry);
        }
        report.add("ports", list);
        JsonArray each = new JsonArray();
        for (Snapshot own : workers) {
            JsonObject numbers = new JsonObject();
            numbers.addProperty("packets", own.packets(Counter.RECEIVED));
            numbers.addProperty("bytes", own.bytes(Counter.RECEIVED));
            each.add(numbers);
        }
        report.add("workers", each);
        return new GsonBuilder().disableHtmlEscaping().create().toJson(report) + System.lineSeparator();
    }
}
