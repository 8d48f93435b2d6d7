package org.trufflebpf.bench;

import java.util.Locale;
import org.trufflebpf.io.linux.BpfException;
import org.trufflebpf.language.run.LoadedObject;

/**
 * What a full map takes, ours beside the kernel's.
 *
 * @param bytes of memory per entry
 * @param update nanoseconds of replacing an entry from the control plane
 * @param kernelBytes the same in the kernel; NaN where it cannot be asked
 * @param kernelUpdate the same by bpf(2)
 */
record Footprint(MapOperation operation, double bytes, double update, double kernelBytes, double kernelUpdate) {
    /** Times that all entries are replaced; the fastest counts. */
    private static final int ROUNDS = 3;

    private record Side(double bytes, double update) {
    }

    static Footprint measure(TruffleEngine engine, MapOperation operation) {
        Side ours;
        try (LoadedObject object = engine.load(operation.object())) {
            ours = measure(operation, OwnTable.of(object, operation.object().map(operation.map()).orElseThrow()), false);
        }
        try (KernelObject object = new KernelObject(operation.object())) {
            Side kernel = measure(operation, object.table(operation.map()), true);
            return new Footprint(operation, ours.bytes, ours.update, kernel.bytes, kernel.update);
        } catch (BpfException e) {
            return new Footprint(operation, ours.bytes, ours.update, Double.NaN, Double.NaN);
        }
    }

    /** @param all whether the table says what it takes at all, and not what the mapping takes that it lies in */
    private static Side measure(MapOperation operation, Table table, boolean all) {
        long before = all ? 0 : table.memory();
        operation.fill(table);
        double bytes = (double) (table.memory() - before) / operation.count();
        double update = Double.POSITIVE_INFINITY;
        for (int i = 0; i < ROUNDS; i++) {
            long start = System.nanoTime();
            operation.fill(table);
            update = Math.min(update, (double) (System.nanoTime() - start) / operation.count());
        }
        return new Side(bytes, update);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%-28s%9.0f%9.0f%9.0f%9.0f", operation.label(), bytes, kernelBytes, update, kernelUpdate);
    }
}
