package org.trufflebpf.bench;

import java.util.ArrayList;
import java.util.List;
import org.trufflebpf.bench.Contestant.Outcome;
import org.trufflebpf.io.linux.BpfException;
import org.trufflebpf.language.run.LoadedObject;

/**
 * One operation, ours beside the kernel's: each as a program that does it once and one that does it ten times. What a packet costs apart from
 * the operation is in both, so the difference has it no more.
 */
record MapComparison(MapOperation operation, Column ours, Column oursTenTimes, Column kernel, Column kernelTenTimes) {

    /**
     * Takes the operation's contestants into a race.
     *
     * @throws IllegalStateException if they do not find the same
     */
    static MapComparison enter(Race race, MapOperation operation, TruffleEngine engine) {
        LoadedObject own = race.own(engine.load(operation.object()));
        OwnTable ownTable = OwnTable.of(own, operation.object().map(operation.map()).orElseThrow());
        operation.fill(ownTable);
        KernelObject kernel = null;
        KernelTable kernelTable = null;
        String missing = null;
        try {
            kernel = race.own(new KernelObject(operation.object()));
            kernelTable = kernel.table(operation.map());
            operation.fill(kernelTable);
        } catch (BpfException e) {
            missing = "kernel: " + e.getMessage();
        }
        Column[] columns = new Column[4];
        int at = 0;
        for (int times : new int[]{1, MapOperation.TIMES}) {
            String program = operation.program() + "_" + times;
            List<List<Outcome>> outcomes = new ArrayList<>();
            columns[at] = race.enter(() -> judged(engine.contestant(own, program, operation.burst(0), () -> { }), operation, ownTable, outcomes));
            if (kernel == null) {
                columns[at + 2] = new Column(null, missing);
            } else {
                KernelObject object = kernel;
                KernelTable table = kernelTable;
                columns[at + 2] = race.enter(() -> judged(KernelContestant.of(object, program, List.of(operation.packet())), operation, table, outcomes));
            }
            if (outcomes.stream().distinct().count() > 1) {
                throw new IllegalStateException(program + ", " + operation.label() + ": the contestants do not find the same: " + outcomes);
            }
            at++;
        }
        return new MapComparison(operation, columns[0], columns[1], columns[2], columns[3]);
    }

    private static Contestant judged(Contestant contestant, MapOperation operation, Table table, List<List<Outcome>> outcomes) {
        outcomes.add(contestant.judge());
        return operation.packetsUntilFull() == Long.MAX_VALUE ? contestant : new DrainedContestant(contestant, operation.packetsUntilFull(), table::drain);
    }

    /** Nanoseconds of one operation. */
    double oursPerOperation() {
        return (oursTenTimes.minimum() - ours.minimum()) / (MapOperation.TIMES - 1);
    }

    /** Nanoseconds of one operation; NaN where the kernel cannot be asked. */
    double kernelPerOperation() {
        return (kernelTenTimes.minimum() - kernel.minimum()) / (MapOperation.TIMES - 1);
    }

    /** How often our time is in the kernel's, both with what makes the keys. */
    double kernelToOurs() {
        return kernelPerOperation() / oursPerOperation();
    }

    /** Nanoseconds of one operation without what makes the keys. */
    double oursNet(MapComparison keysAlone) {
        return oursPerOperation() - keysAlone.oursPerOperation();
    }

    /** The same of the kernel's. */
    double kernelNet(MapComparison keysAlone) {
        return kernelPerOperation() - keysAlone.kernelPerOperation();
    }

    /** How often our time is in the kernel's, both without what makes the keys. */
    double kernelToOursNet(MapComparison keysAlone) {
        return kernelNet(keysAlone) / oursNet(keysAlone);
    }
}
