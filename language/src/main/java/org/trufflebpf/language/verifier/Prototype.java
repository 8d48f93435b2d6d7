package org.trufflebpf.language.verifier;

import java.util.List;
import java.util.Optional;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.verifier.HelperPrototype.Argument;
import org.trufflebpf.language.verifier.HelperPrototype.Effect;
import org.trufflebpf.language.verifier.HelperPrototype.Result;

/** What a program calls by number or by name: what it demands of its arguments, leaves in r0, and does besides. */
public sealed interface Prototype permits HelperPrototype, KfuncPrototype {

    /** Of the helper or kernel function that an instruction calls; empty for other instructions and for what programs cannot call. */
    static Optional<Prototype> of(Instruction instruction) {
        return switch (instruction) {
            case Instruction.CallHelper call -> HelperPrototype.of(call.helper()).map(Prototype.class::cast);
            case Instruction.CallKfunc call -> KfuncPrototype.of(call.name()).map(Prototype.class::cast);
            default -> Optional.empty();
        };
    }

    /** As C programs call it, with the prefix: {@code bpf_redirect_map}. */
    String helperName();

    Result result();

    /** From r1 on; at most five. */
    List<Argument> arguments();

    boolean has(Effect effect);
}
