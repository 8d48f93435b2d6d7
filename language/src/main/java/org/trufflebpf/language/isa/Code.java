package org.trufflebpf.language.isa;

import java.util.List;

/**
 * A decoded program: the main function from slot 0 and all functions that it calls.
 *
 * @param slots by slot; null at the second slot of a 64-bit constant. Unmodifiable.
 */
public record Code(List<Instruction> slots) {
}
