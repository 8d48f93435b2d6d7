package org.trufflebpf.language.verifier;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import org.trufflebpf.language.cfg.CallbackHelper;
import org.trufflebpf.language.cfg.Graph;
import org.trufflebpf.language.cfg.GraphBuilder;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.isa.Code;
import org.trufflebpf.language.isa.Decoder;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.MalformedCodeException;
import org.trufflebpf.language.isa.Strictness;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.ProgramSpec;

/**
 * From a program's bytes to a program that may run: decoded, its structure checked, its calls known, its memory accesses attributed to regions.
 * What is not certainly wrong is accepted; accesses that are not proved get a check when the program runs.
 */
public final class Verifier {
    /** BPF_MAP_TYPE_ARRAY. */
    private static final int ARRAY = 2;
    /** Each takes an analysis and a compilation. */
    private static final int MAX_CALLBACKS = 64;

    private Verifier() {
    }

    /** With graduated safety. */
    public static VerifiedProgram verify(ProgramSpec spec, Entry entry, Function<String, MapSpec> maps) throws RejectedException {
        return verify(spec, entry, maps, Safety.GRADUATED);
    }

    /**
     * @param maps finds a map of the object by name, null when there is none
     * @param safety what becomes of what is not proved
     * @throws RejectedException naming the first instruction that cannot stand
     */
    public static VerifiedProgram verify(ProgramSpec spec, Entry entry, Function<String, MapSpec> maps, Safety safety) throws RejectedException {
        Code code = decode(spec, entry == Entry.XDP ? Strictness.KERNEL : Strictness.RFC_9669);
        MapTable table = MapTable.of(code, maps);
        checkMapValues(code, table);
        VerifiedProgram program = new VerifiedProgram(spec, code, entry, safety, 0, Analysis.of(graph(code, 0), table, entry), List.of());
        check(program);
        return program.withCallbacks(callbacks(program));
    }

    private static Graph graph(Code code, int start) throws RejectedException {
        return GraphBuilder.build(code, start).orElseThrow(() -> new RejectedException(start,
                        "is too large: with its calls unfolded it has more than " + GraphBuilder.MAX_STEPS + " instructions"));
    }

    /**
     * What is wrong with a program whatever maps hold but not where they hold what the kernel takes for constant is accepted, and traps if control
     * gets to it, as the control plane can change here what it cannot in the kernel.
     */
    private static void check(VerifiedProgram program) throws RejectedException {
        try {
            checkAsItIs(program);
        } catch (RejectedException e) {
            MapTable maps = program.analysis().maps();
            if (!FrozenContents.has(maps)) {
                throw e;
            }
            checkAsItIs(program.where(new FrozenContents(maps)));
        }
    }

    private static void checkAsItIs(VerifiedProgram program) throws RejectedException {
        checkCalls(program.code(), program.analysis());
        if (program.safety() != Safety.OFF) {
            CertainFaults.check(program.analysis());
        }
        if (program.safety() == Safety.STRICT) {
            for (Finding finding : program.findings()) {
                if (!finding.proved()) {
                    throw new RejectedException(finding.slot(), finding.text());
                }
            }
        }
    }

    private static List<TimerCallback> callbacks(VerifiedProgram program) throws RejectedException {
        List<TimerCallback> callbacks = new ArrayList<>();
        Code code = program.code();
        Deque<TimerCallbacks.Found> pending = new ArrayDeque<>(TimerCallbacks.setBy(code, program.analysis()));
        while (!pending.isEmpty()) {
            TimerCallbacks.Found found = pending.remove();
            if (callbacks.stream().noneMatch(known -> known.function() == found.function() && known.map() == found.map())) {
                if (callbacks.size() == MAX_CALLBACKS) {
                    throw new RejectedException(found.slot(), "sets more than " + MAX_CALLBACKS + " functions as callbacks of timers");
                }
                Analysis analysis = Analysis.ofTimer(graph(code, found.function()), program.analysis().maps(), found.map());
                VerifiedProgram callback = new VerifiedProgram(program.spec(), code, Entry.TIMER, program.safety(), found.function(), analysis,
                                List.of());
                check(callback);
                callbacks.add(new TimerCallback(found.function(), found.map(), callback));
                pending.addAll(TimerCallbacks.setBy(code, analysis));
            }
        }
        return callbacks;
    }

    private static Code decode(ProgramSpec spec, Strictness strictness) throws RejectedException {
        try {
            return Decoder.decode(spec.code(), spec.references(), spec.kfuncs(), strictness);
        } catch (MalformedCodeException e) {
            throw new RejectedException(e.slot(), e.getMessage());
        }
    }

    /** Only an array of one element has a value with a fixed address (array_map_direct_value_addr in the kernel). */
    private static void checkMapValues(Code code, MapTable table) throws RejectedException {
        for (int slot = 0; slot < code.slots().size(); slot++) {
            if (code.slots().get(slot) instanceof Instruction.LoadMapValue load) {
                MapSpec map = table.maps().get(table.number(load.map()));
                if (map.type() != ARRAY || map.maxEntries() != 1) {
                    throw new RejectedException(slot, "takes the address of a value of map '" + map.name() +
                                    "', which only an array of one element has");
                }
                if (load.offset() < 0 || load.offset() >= map.valueSize()) {
                    throw new RejectedException(slot, "takes the address of byte " + load.offset() + " of map '" + map.name() +
                                    "', whose value has " + map.valueSize() + " bytes");
                }
            }
        }
    }

    /** Calls in dead code may be of anything: objects ask for what the target has before they use it. */
    private static void checkCalls(Code code, Analysis analysis) throws RejectedException {
        for (int block = 0; block < analysis.graph().blocks().size(); block++) {
            if (analysis.isReached(block)) {
                for (Step step : analysis.graph().blocks().get(block).steps()) {
                    String fault = faultOfCall(step.instruction(), code.slots().get(step.slot()));
                    if (fault != null) {
                        throw new RejectedException(step.slot(), fault);
                    }
                }
            }
        }
    }

    /**
     * Why a call cannot be made, as a predicate of the instruction; null where it can.
     *
     * @param written what the code has there
     */
    public static String faultOfCall(Instruction instruction, Instruction written) {
        return switch (instruction) {
            case Instruction.CallHelper call when call.helper() == ProgramSpec.UNRESOLVED_HELPER ->
                "needs a type, field or enum value that the target does not have: choose the target's types with --ebpf.TargetBtf";
            case Instruction.CallHelper call when CallbackHelper.has(call.helper()) -> "calls " + HelperNames.of(call.helper()).orElseThrow() +
                            " with a callback that the code does not load right before the call";
            case Instruction.CallHelper call when HelperPrototype.of(call.helper()).isEmpty() ||
                            CallbackHelper.isStep(call.helper()) && written.equals(call) ->
                MissingHelpers.describe(call.helper());
            case Instruction.CallKfunc call when KfuncPrototype.of(call.name()).isEmpty() ->
                "calls kernel function " + call.name() + ", which does not exist here: declare it __weak and ask bpf_ksym_exists first";
            default -> null;
        };
    }
}
