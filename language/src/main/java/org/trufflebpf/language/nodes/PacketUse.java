package org.trufflebpf.language.nodes;

import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.verifier.Analysis;
import org.trufflebpf.language.verifier.ContextField;
import org.trufflebpf.language.verifier.HelperPrototype;
import org.trufflebpf.language.verifier.KfuncPrototype;
import org.trufflebpf.language.verifier.Value;

/**
 * Which parts of a packet's description a program can touch; what it does not touch is neither read nor written back.
 *
 * @param readsMeta whether it sees metadata
 * @param movesPacket whether it changes where the packet begins or ends
 * @param redirects whether it names redirect targets
 * @param tailCalls whether it can hand the packet on to another program
 * @param locks whether it takes spin locks
 * @param drains whether it drains user ring buffers
 */
record PacketUse(boolean readsMeta, boolean movesPacket, boolean redirects, boolean tailCalls, boolean locks, boolean drains) {

    static PacketUse of(Analysis analysis) {
        boolean[] found = new boolean[6];
        for (int number = 0; number < analysis.graph().blocks().size(); number++) {
            if (analysis.isReached(number)) {
                analysis.replay(number, (step, state) -> {
                    switch (step.instruction()) {
                        case Instruction.Load load -> found[0] |= mayLoadMeta(state.register(load.base()), load.offset());
                        case Instruction.LoadAcquire load -> found[0] |= mayLoadMeta(state.register(load.base()), load.offset());
                        // Where there is none, the call is a trap.
                        case Instruction.CallHelper call -> HelperPrototype.of(call.helper()).ifPresent(helper -> {
                            found[1] |= helper.has(HelperPrototype.Effect.MOVES_PACKET);
                            found[2] |= helper == HelperPrototype.REDIRECT || helper == HelperPrototype.REDIRECT_MAP;
                            found[3] |= helper == HelperPrototype.TAIL_CALL;
                            found[4] |= helper == HelperPrototype.SPIN_LOCK;
                            found[5] |= helper == HelperPrototype.BEGIN_DRAIN;
                        });
                        case Instruction.CallKfunc call -> found[1] |= KfuncPrototype.of(call.name())
                                        .filter(kfunc -> kfunc.has(HelperPrototype.Effect.MOVES_PACKET)).isPresent();
                        default -> {
                        }
                    }
                });
            }
        }
        // Whoever moves the head moves the metadata along.
        return new PacketUse(found[0] || found[1], found[1], found[2], found[3], found[4], found[5]);
    }

    private static boolean mayLoadMeta(Value base, int offset) {
        return base.may(Value.Kind.CONTEXT) && (!base.isAt(Value.Kind.CONTEXT) || ContextField.at(base.min() + offset) == ContextField.DATA_META);
    }
}
