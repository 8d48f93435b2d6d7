package org.trufflebpf.language.verifier;

import static org.trufflebpf.language.verifier.HelperPrototype.Argument.ANYTHING;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.CONTEXT;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.DYNPTR;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.DYNPTR_OUT;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.HALF_OUT;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.LONG_OUT;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.WORD_OUT;
import static org.trufflebpf.language.verifier.HelperPrototype.Result.SCALAR;
import static org.trufflebpf.language.verifier.HelperPrototype.Result.SLICE_OR_NULL;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.trufflebpf.language.verifier.HelperPrototype.Argument;
import org.trufflebpf.language.verifier.HelperPrototype.Effect;
import org.trufflebpf.language.verifier.HelperPrototype.Result;

/** The kernel functions that programs can call, which they name in section .ksyms; the declarations are those of Linux 6.18. */
public enum KfuncPrototype implements Prototype {
    XDP_METADATA_RX_TIMESTAMP(SCALAR, CONTEXT, LONG_OUT),
    XDP_METADATA_RX_HASH(SCALAR, CONTEXT, WORD_OUT, WORD_OUT),
    XDP_METADATA_RX_VLAN_TAG(SCALAR, CONTEXT, HALF_OUT, HALF_OUT),
    XDP_PULL_DATA(SCALAR, CONTEXT, ANYTHING),
    DYNPTR_FROM_XDP(SCALAR, CONTEXT, ANYTHING, DYNPTR_OUT),
    /** The buffer in r3 is for bytes that do not lie together, as fragments in the kernel; here they do. */
    DYNPTR_SLICE(SLICE_OR_NULL, DYNPTR, ANYTHING, ANYTHING, ANYTHING),
    DYNPTR_SLICE_RDWR(SLICE_OR_NULL, DYNPTR, ANYTHING, ANYTHING, ANYTHING),
    DYNPTR_ADJUST(SCALAR, DYNPTR, ANYTHING, ANYTHING),
    DYNPTR_IS_NULL(SCALAR, DYNPTR),
    DYNPTR_IS_RDONLY(SCALAR, DYNPTR),
    DYNPTR_SIZE(SCALAR, DYNPTR),
    DYNPTR_CLONE(SCALAR, DYNPTR, DYNPTR_OUT),
    DYNPTR_COPY(SCALAR, DYNPTR, ANYTHING, DYNPTR, ANYTHING, ANYTHING),
    DYNPTR_MEMSET(SCALAR, DYNPTR, ANYTHING, ANYTHING, ANYTHING);

    private static final Map<String, KfuncPrototype> BY_NAME = new HashMap<>();

    static {
        for (KfuncPrototype kfunc : values()) {
            BY_NAME.put(kfunc.helperName(), kfunc);
        }
    }

    private final Result result;
    private final List<Argument> arguments;

    KfuncPrototype(Result result, Argument... arguments) {
        this.result = result;
        this.arguments = List.of(arguments);
    }

    /** The kernel function of that name, if programs can call it. */
    public static Optional<KfuncPrototype> of(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    /** All names, for programs that ask what there is. */
    public static Set<String> names() {
        return Set.copyOf(BY_NAME.keySet());
    }

    @Override
    public String helperName() {
        return "bpf_" + name().toLowerCase(Locale.ROOT);
    }

    @Override
    public Result result() {
        return result;
    }

    @Override
    public List<Argument> arguments() {
        return arguments;
    }

    @Override
    public boolean has(Effect effect) {
        return effect == Effect.MOVES_PACKET && this == XDP_PULL_DATA;
    }
}
