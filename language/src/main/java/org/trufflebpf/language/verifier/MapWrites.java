package org.trufflebpf.language.verifier;

import java.util.EnumSet;
import java.util.Set;
import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.cfg.Operands.MemoryAccess;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.verifier.HelperPrototype.Argument;
import org.trufflebpf.language.verifier.HelperPrototype.Effect;
import org.trufflebpf.language.verifier.Value.Kind;

/**
 * What a program, its timers' callbacks included, may do to maps; all that is not said here it certainly does not do. It rests on the run-time
 * checks: a store reaches only the regions that the analysis names for its base, or it traps, so a map that no base names is not written. A pointer
 * that several maps were merged into writes all of them.
 *
 * @param elements maps that it may add elements to or take elements from, or whose elements it may replace by a call; a bit per number
 * @param values maps whose values it may write through a pointer; a bit per number
 * @param anywhere whether it writes values of inner maps where only a check keeps it in their memory: that check knows all maps, so it may write any
 */
public record MapWrites(long elements, long values, boolean anywhere) {
    private static final MapWrites NONE = new MapWrites(0, 0, false);
    /** Arguments that a call, given the address of a map's value, at most reads through. */
    private static final Set<Argument> READING = EnumSet.of(Argument.MAP, Argument.MAP_KEY, Argument.MAP_VALUE_IN, Argument.MEMORY_IN, Argument.TEXT,
                    Argument.IPV4_HEADER, Argument.IPV6_HEADER, Argument.TCP_HEADER, Argument.SIZE, Argument.SIZE_OR_ZERO, Argument.OPTIONAL);

    public static MapWrites of(VerifiedProgram program) {
        MapWrites writes = of(program.analysis());
        for (TimerCallback callback : program.callbacks()) {
            writes = writes.and(of(callback.program().analysis()));
        }
        return writes;
    }

    static MapWrites of(Analysis analysis) {
        MapWrites[] writes = {NONE};
        for (int block = 0; block < analysis.graph().blocks().size(); block++) {
            if (analysis.isReached(block)) {
                analysis.replay(block, (step, state) -> writes[0] = writes[0].and(of(step, state, analysis.maps())));
            }
        }
        return writes[0];
    }

    private static MapWrites of(Step step, State state, MapTable maps) {
        MemoryAccess access = Operands.access(step.instruction());
        if (access != null) {
            return access.writes() ? through(state.register(access.base()), access.offset(), access.bytes(), state, maps) : NONE;
        }
        return Prototype.of(step.instruction()).map(helper -> of(helper, state, maps)).orElse(NONE);
    }

    private static MapWrites of(Prototype helper, State state, MapTable maps) {
        MapWrites writes = NONE;
        for (int i = 0; i < helper.arguments().size(); i++) {
            Argument argument = helper.arguments().get(i);
            Value value = state.register(i + 1);
            if (argument == Argument.MAP && helper.has(Effect.CHANGES_MAP)) {
                writes = writes.and(new MapWrites(value.maps(), 0, false));
            }
            if (!READING.contains(argument)) {
                writes = writes.and(through(value, 0, written(helper, i + 1, state, maps), state, maps));
            }
        }
        return writes;
    }

    /** Bytes that a call writes through a register at most; as many as can be where that is not known. */
    private static long written(Prototype helper, int register, State state, MapTable maps) {
        return MemoryArgument.of(helper, state, maps).stream().filter(use -> use.register() == register).mapToLong(MemoryArgument::maxSize).max()
                        .orElse(Integer.MAX_VALUE);
    }

    private static MapWrites through(Value base, long offset, long size, State state, MapTable maps) {
        if (!base.may(Kind.MAP_VALUE)) {
            return NONE;
        }
        boolean checked = !Proof.holds(state, maps, base, offset, size, false, true);
        return new MapWrites(0, base.maps(), checked && (base.maps() & maps.templates()) != 0);
    }

    private MapWrites and(MapWrites other) {
        return new MapWrites(elements | other.elements, values | other.values, anywhere || other.anywhere);
    }

    /** Maps of which anything may change. */
    public long all() {
        return elements | values;
    }
}
