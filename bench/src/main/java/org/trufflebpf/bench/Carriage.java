package org.trufflebpf.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * One program by one carrier.
 *
 * @param throughput null where there is none
 * @param missing the reason, null where it was measured
 */
record Carriage(String carrier, Throughput throughput, String missing) {
    /** Carries the same packets by each carrier in turn, in so many rounds. */
    static List<Carriage> measure(Comparison comparison, List<Carrier> carriers, int rounds, long nanoseconds) {
        List<List<Throughput>> reached = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        for (int i = 0; i < carriers.size(); i++) {
            reached.add(new ArrayList<>());
            missing.add(null);
        }
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < carriers.size(); i++) {
                if (missing.get(i) == null) {
                    try {
                        reached.get(i).add(carriers.get(i).carry(comparison, nanoseconds));
                    } catch (MissingException e) {
                        missing.set(i, carriers.get(i).name() + ": " + e.getMessage());
                    }
                }
            }
        }
        List<Carriage> result = new ArrayList<>();
        for (int i = 0; i < carriers.size(); i++) {
            boolean measured = missing.get(i) == null;
            result.add(new Carriage(carriers.get(i).name(), measured ? Throughput.median(reached.get(i)) : null, missing.get(i)));
        }
        return result;
    }

    double packetsPerSecond() {
        return throughput == null ? Double.NaN : throughput.packetsPerSecond();
    }

    double inProgram() {
        return throughput == null ? Double.NaN : throughput.inProgram();
    }

    double around() {
        return throughput == null ? Double.NaN : throughput.around();
    }
}
