package org.trufflebpf.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.trufflebpf.bench.MapOperation.Keys;

/** Prints what operations on maps cost beside the kernel's, measured in turns. Arguments: parts of the operations' names, none for all. */
public final class MapsSideBySide {
    private static final int WINDOWS = 60;

    private MapsSideBySide() {
    }

    public static void main(String[] arguments) throws InterruptedException {
        try (TruffleEngine engine = new TruffleEngine()) {
            System.out.println(Checkout.machine());
            printOperations(engine, List.of(arguments), System.out);
            if (arguments.length == 0) {
                printFootprints(engine, System.out);
                printScaling(engine, System.out);
            }
        } catch (MissingException e) {
            System.err.println("MapsSideBySide: " + e.getMessage());
            System.exit(1);
        }
    }

    private static void printOperations(TruffleEngine engine, List<String> parts, PrintStream out) {
        try (Race race = new Race()) {
            List<MapOperation> operations = MapOperation.ALL.stream()
                            .filter(operation -> parts.isEmpty() || parts.stream().anyMatch(operation.label()::contains)).toList();
            Map<Keys, MapComparison> keys = new EnumMap<>(Keys.class);
            List<MapComparison> comparisons = new ArrayList<>();
            for (MapOperation operation : operations) {
                keys.computeIfAbsent(operation.keys(), kind -> MapComparison.enter(race, kind.alone(), engine));
                comparisons.add(MapComparison.enter(race, operation, engine));
            }
            race.run(WINDOWS);
            out.printf("Nanoseconds of an operation: programs that do %d less programs that do one; minima of %d windows of %d ms, in turns.%n",
                            MapOperation.TIMES, WINDOWS, Race.WINDOW_NANOSECONDS / 1_000_000);
            out.println("Net: less what making the keys alone takes.");
            out.printf("%-28s%9s%9s%13s%9s%9s%13s%n", "", "ours", "kernel", "kernel/ours", "net ours", "kernel", "kernel/ours");
            keys.values().forEach(row -> out.println(line(row)));
            for (MapComparison row : comparisons) {
                MapComparison alone = keys.get(row.operation().keys());
                out.printf(Locale.ROOT, "%s%9.2f%9.2f%13.2f%n", line(row), row.oursNet(alone), row.kernelNet(alone), row.kernelToOursNet(alone));
            }
        }
    }

    private static String line(MapComparison row) {
        return String.format(Locale.ROOT, "%-28s%9.2f%9.2f%13.2f", row.operation().label(), row.oursPerOperation(), row.kernelPerOperation(), row.kernelToOurs());
    }

    private static void printFootprints(TruffleEngine engine, PrintStream out) {
        out.printf("%nFull maps: bytes per entry, nanoseconds of an update from the control plane.%n");
        out.printf("%-28s%9s%9s%9s%9s%n", "", "ours", "kernel", "ours", "kernel");
        for (MapOperation operation : MapOperation.LARGE) {
            out.println(Footprint.measure(engine, operation));
        }
    }

    private static void printScaling(TruffleEngine engine, PrintStream out) throws InterruptedException {
        out.printf("%nTen operations, nanoseconds: one worker, two at once, and how much more two do.%n");
        for (MapOperation operation : MapOperation.SHARED) {
            Scaling row = Scaling.measure(engine, operation);
            out.printf(Locale.ROOT, "%-28s%9.2f%9.2f%9.2f%n", operation.label(), row.one(), row.two(), row.factor());
        }
    }
}
