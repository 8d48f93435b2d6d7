package org.trufflebpf.language.isa;

import java.util.List;
import java.util.stream.IntStream;

/**
 * A decoded program: the main function from slot 0 and all functions that it calls.
 *
 * @param slots by slot; null at the second slot of a 64-bit constant. Unmodifiable.
 */
public record Code(List<Instruction> slots) {

    /** The first slot of every function, ascending: 0 and whatever is called or handed to a helper as a callback. */
    public int[] functionStarts() {
        IntStream others = slots.stream().mapToInt(instruction -> switch (instruction) {
            case Instruction.CallLocal(int slot) -> slot;
            case Instruction.LoadFunction(int _, int slot) -> slot;
            case null, default -> 0;
        });
        return IntStream.concat(IntStream.of(0), others).sorted().distinct().toArray();
    }
}
