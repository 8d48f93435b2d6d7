package org.trufflebpf.language.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.trufflebpf.language.assembly.Assembler;
import org.trufflebpf.language.assembly.AssemblyException;
import org.trufflebpf.language.cfg.Graph;
import org.trufflebpf.language.cfg.GraphMachine;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.verifier.Analysis;
import org.trufflebpf.language.verifier.Entry;
import org.trufflebpf.language.verifier.RejectedException;
import org.trufflebpf.language.verifier.Verifier;

/** Whatever a pass does to a program, packets and map values become what they were without it, traps included. */
class SameResultsTest {
    private static final int PROGRAMS = 1500;
    private static final int MAX_STEPS = 20_000;

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @EnumSource(Pass.class)
    void ofEachPass(Pass pass) throws AssemblyException, RejectedException {
        check(EnumSet.of(pass));
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @EnumSource(Pass.class)
    void ofAllPassesUpTo(Pass pass) throws AssemblyException, RejectedException {
        check(EnumSet.range(Pass.values()[0], pass));
    }

    private static void check(EnumSet<Pass> passes) throws AssemblyException, RejectedException {
        int changed = 0;
        int exits = 0;
        for (int seed = 0; seed < PROGRAMS; seed++) {
            String text = RandomAccesses.make(new Random(seed));
            ObjectSpec object = Assembler.assemble("random", text);
            Analysis before = Verifier.verify(object.programs().getFirst(), Entry.XDP, name -> object.map(name).orElse(null)).analysis();
            Analysis after = Optimizer.optimize(before, passes);
            changed += after.graph().equals(before.graph()) ? 0 : 1;
            for (int run = 0; run < 4; run++) {
                int packetBytes = new Random(seed + run).nextInt(20, 60);
                String expected = run(before.graph(), seed + run, packetBytes);
                exits += expected.startsWith("EXIT") ? 1 : 0;
                assertEquals(expected, run(after.graph(), seed + run, packetBytes), () -> "seed " + text);
            }
        }
        assertTrue(changed > PROGRAMS / 10, changed + " programs changed");
        assertTrue(exits > PROGRAMS, exits + " runs to the end");
    }

    private static String run(Graph graph, int seed, int packetBytes) {
        GraphMachine machine = new GraphMachine(graph, new Random(seed), packetBytes, RandomAccesses.VALUE_SIZE);
        boolean[] proved = new boolean[1];
        GraphMachine.End end = machine.run(MAX_STEPS, (block, step) -> {
            List<Step> steps = graph.blocks().get(block).steps();
            proved[0] = step < steps.size() && steps.get(step).proved();
            return true;
        });
        assertFalse(end == GraphMachine.End.FAULT && proved[0], "what a pass takes for proved is outside its region");
        String result = end == GraphMachine.End.EXIT ? " r0 " + machine.result() : end == GraphMachine.End.FAULT ? " at " + machine.slots().getLast() : "";
        return end + result + " packet " + HexFormat.of().formatHex(machine.packet()) + " value " + HexFormat.of().formatHex(machine.mapValue());
    }
}
