package org.trufflebpf.language.verifier;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.trufflebpf.language.cfg.CallbackHelper;

/** Why programs cannot call some of the helpers that Linux 6.18 offers XDP programs. The others it offers to other types of programs only. */
public final class MissingHelpers {
    private static final String PROCESSES = "no process belongs to a packet here";
    private static final String KERNEL_MEMORY = "there is no kernel memory here to read, and programs read their own directly";
    private static final String SOCKETS = "there are no sockets here, so no lookup gives one";
    private static final String COUNTERS = "programs have no hardware counters here";

    private static final Map<Integer, String> REASONS = reasons();
    /** What the kernel takes in programs of the type XDP, as bpf_base_func_proto and xdp_func_proto say with all privileges. */
    private static final Set<Integer> OFFERED = offered();

    private MissingHelpers() {
    }

    private static Map<Integer, String> reasons() {
        Map<Integer, String> reasons = new TreeMap<>();
        put(reasons, PROCESSES, 14, 15, 16, 17, 35, 37, 80, 109, 117, 120, 123, 141, 156, 157, 158, 175, 180, 210, 211);
        put(reasons, KERNEL_MEMORY, 112, 113, 114, 115, 148, 149, 153, 154, 191, 194);
        put(reasons, SOCKETS, 86, 100, 110, 136, 137, 138, 139, 140, 178, 196);
        put(reasons, COUNTERS, 22, 55, 176);
        return reasons;
    }

    private static void put(Map<Integer, String> reasons, String reason, int... helpers) {
        for (int helper : helpers) {
            reasons.put(helper, reason);
        }
    }

    private static Set<Integer> offered() {
        Set<Integer> offered = new TreeSet<>(REASONS.keySet());
        for (int timer = 169; timer <= 172; timer++) {
            offered.add(timer);
        }
        offered.add(209);
        offered.add(CallbackHelper.LOOP);
        offered.add(CallbackHelper.FOR_EACH_MAP_ELEM);
        for (HelperPrototype helper : HelperPrototype.values()) {
            if (!CallbackHelper.isStep(helper.number())) {
                offered.add(helper.number());
            }
        }
        return offered;
    }

    /** The numbers of the helpers that Linux 6.18 offers XDP programs, supported here or not, ascending. */
    public static Set<Integer> offeredToXdp() {
        return Set.copyOf(OFFERED);
    }

    /** Why a helper is not supported; empty if it is, or if there is no reason but that nobody has made it yet. */
    public static Optional<String> reason(int helper) {
        return Optional.ofNullable(REASONS.get(helper));
    }

    /** What is wrong with a call, for people. @param helper one that is not supported */
    static String describe(int helper) {
        String name = HelperNames.of(helper).map(known -> known + " (#" + helper + ")").orElse("helper #" + helper);
        String why = HelperNames.of(helper).isEmpty() ? ", which no kernel has"
                        : !OFFERED.contains(helper) ? ", which Linux does not offer XDP programs"
                                        : ", which is not supported" + reason(helper).map(reason -> ": " + reason).orElse(" yet");
        return "calls " + name + why + "; leave the call out: docs/supported.md lists what there is";
    }
}
