package org.trufflebpf.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Prints what operations on maps cost beside the kernel's, measured in turns. Arguments: parts of the operations' names, none for all. */
public final class MapsSideBySide {
    private static final int WINDOWS = 60;

    private MapsSideBySide() {
    }

    public static void main(String[] arguments) throws MissingException {
        List<MapOperation> operations = MapOperation.ALL.stream()
                        .filter(operation -> arguments.length == 0 || List.of(arguments).stream().anyMatch(operation.label()::contains)).toList();
        try (TruffleEngine engine = new TruffleEngine(); Race race = new Race()) {
            List<MapComparison> comparisons = new ArrayList<>();
            for (MapOperation operation : operations) {
                comparisons.add(MapComparison.enter(race, operation, engine));
            }
            race.run(WINDOWS);
            print(comparisons, System.out);
        }
    }

    private static void print(List<MapComparison> comparisons, PrintStream out) {
        out.printf("%-28s%9s%9s%9s%9s%9s%9s%13s%n", "operation", "ours", "kernel", "ours 1", "ours 10", "kern 1", "kern 10", "kernel/ours");
        for (MapComparison row : comparisons) {
            out.printf(Locale.ROOT, "%-28s%9.2f%9.2f%9.2f%9.2f%9.2f%9.2f%13.2f%n", row.operation().label(), row.oursPerOperation(), row.kernelPerOperation(),
                            row.ours().minimum(), row.oursTenTimes().minimum(), row.kernel().minimum(), row.kernelTenTimes().minimum(), row.kernelToOurs());
        }
    }
}
