package org.trufflebpf.language.interop;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.trufflebpf.io.loop.Counter;
import org.trufflebpf.io.loop.Statistics.Snapshot;
import org.trufflebpf.language.run.RunReport;

/** The numbers of a run as an object: seconds, traps, each counter in packets and bytes over all ports, and the same for each port by its number. */
public final class RunResult {
    private RunResult() {
    }

    public static Dictionary of(RunReport report) {
        Snapshot counters = report.counters();
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("seconds", report.seconds());
        members.put("traps", report.traps());
        addCounters(members, counters::packets, counters::bytes);
        Map<String, Object> ports = new LinkedHashMap<>();
        for (int i = 0; i < report.ports().size(); i++) {
            int port = i;
            Map<String, Object> numbers = new LinkedHashMap<>();
            addCounters(numbers, counter -> counters.packets(port, counter), counter -> counters.bytes(port, counter));
            String ifindex = Integer.toString(report.ports().get(port).ifindex());
            ports.put(ifindex, new Dictionary("port " + ifindex, numbers));
        }
        members.put("ports", new Dictionary("ports", ports));
        return new Dictionary("run of " + report.program(), members);
    }

    private static void addCounters(Map<String, Object> members, ToLongFunction<Counter> packets, ToLongFunction<Counter> bytes) {
        for (Counter counter : Counter.values()) {
            String name = counter.name().toLowerCase(Locale.ROOT);
            members.put(name, new Dictionary(name, Map.of("packets", packets.applyAsLong(counter), "bytes", bytes.applyAsLong(counter))));
        }
    }
}
