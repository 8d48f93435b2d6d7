package org.trufflebpf.language.optimizer;

import java.util.HashMap;
import java.util.Map;

/** The numbers that registers of a block hold, and where each was first. */
final class Numbers {
    private final Map<Integer, Origin> origins = new HashMap<>();
    /** Registers that hold numbers to the end of the block. */
    private final Map<Integer, Integer> kept = new HashMap<>();
    private int next = Addresses.FIRST_FREE;

    /** @param step the first one before which {@code register} holds it */
    private record Origin(int step, int register) {
    }

    /** A new one, which {@code register} holds before {@code step}. */
    int next(int step, int register) {
        origins.put(next, new Origin(step, register));
        return next++;
    }

    /** One that no register holds. */
    int nowhere() {
        return next++;
    }

    /** A register that holds the number to the end of the block; it takes one of {@link Edits#capture}. */
    int kept(int number, Edits edits) {
        return kept.computeIfAbsent(number, wanted -> {
            Origin origin = origins.get(wanted);
            int register = edits.capture();
            edits.before(origin.step, Edits.move(register, origin.register));
            return register;
        });
    }
}
