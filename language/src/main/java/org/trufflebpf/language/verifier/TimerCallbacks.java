package org.trufflebpf.language.verifier;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.trufflebpf.language.isa.Code;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.verifier.Value.Kind;

/** Finds which functions become callbacks of which map's timers. */
final class TimerCallbacks {
    private TimerCallbacks() {
    }

    /** @param slot of the call that sets it */
    record Found(int function, int map, int slot) {
    }

    /** Those that the analysed code sets. */
    static List<Found> setBy(Code code, Analysis analysis) {
        List<Found> found = new ArrayList<>();
        Set<Integer> functions = functions(code);
        for (int block = 0; block < analysis.graph().blocks().size(); block++) {
            if (analysis.isReached(block)) {
                analysis.replay(block, (step, state) -> {
                    if (step.instruction() instanceof Instruction.CallHelper(int helper) && helper == HelperPrototype.TIMER_SET_CALLBACK.number()) {
                        long maps = state.register(1).may(Kind.MAP_VALUE) ? analysis.maps().withTimers(state.register(1).maps()) : 0;
                        for (; maps != 0; maps &= maps - 1) {
                            for (int function : possible(state.register(2), functions)) {
                                found.add(new Found(function, Long.numberOfTrailingZeros(maps), step.slot()));
                            }
                        }
                    }
                });
            }
        }
        return found;
    }

    /** The functions whose addresses the code takes. */
    private static Set<Integer> functions(Code code) {
        Set<Integer> functions = new LinkedHashSet<>();
        for (Instruction instruction : code.slots()) {
            if (instruction instanceof Instruction.LoadFunction load) {
                functions.add(load.functionSlot());
            }
        }
        return functions;
    }

    /** The analysis knows a function by its slot; where paths meet it may be any. */
    private static Set<Integer> possible(Value function, Set<Integer> functions) {
        return function.isConstant() && functions.contains((int) function.min()) ? Set.of((int) function.min()) : functions;
    }
}
