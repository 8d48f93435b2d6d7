package org.trufflebpf.language.verifier;

import java.util.StringJoiner;
import org.trufflebpf.language.cfg.Registers;

/** What is known at a point of a program, for people. */
public final class StateText {
    private StateText() {
    }

    /** What a value is and between which bounds: "a packet pointer, 14 to 74 bytes from its start". */
    public static String of(MapTable maps, Value value) {
        String nature = Wording.nature(value);
        if (value.isUnwritten() || value.isConstant()) {
            return nature;
        }
        boolean pointer = value.mayBePointer();
        String where = switch (value.kindSet().stream().filter(kind -> kind != Value.Kind.NULL).findFirst().orElse(Value.Kind.NULL)) {
            case MAP, MAP_VALUE, MAP_KEY, RECORD -> value.hasOneMap() ? " of map '" + maps.nameOf(value.map()) + "'" : "";
            default -> "";
        };
        boolean nullable = value.kindSet().size() == 2 && value.may(Value.Kind.NULL);
        String what = nullable ? Wording.nature(value.withoutNull()) + where + " or null" : value.kindSet().size() == 1 ? nature + where : nature;
        return what + bounds(value, pointer);
    }

    private static String bounds(Value value, boolean pointer) {
        if (value.min() == Long.MIN_VALUE && value.max() == Long.MAX_VALUE) {
            return pointer ? ", anywhere" : ", any";
        }
        if (pointer && value.min() == 0 && value.max() == 0) {
            return "";
        }
        String range = Wording.range("%d", value, 0);
        return pointer ? ", moved by " + range + (value.min() == value.max() && value.min() == 1 ? " byte" : " bytes") : " from " + range;
    }

    /** One line: the bytes that the packet is known to have, and each register and stack word that is known to hold something other than zero. */
    public static String of(MapTable maps, State state) {
        StringJoiner text = new StringJoiner("; ");
        text.add("packet of at least " + Wording.bytes(state.packetBytes()));
        for (int register = 0; register < Registers.NAMED; register++) {
            if (!state.register(register).isUnwritten() && !Registers.isFramePointer(register)) {
                text.add(Registers.name(register) + ": " + of(maps, state.register(register)));
            }
        }
        for (int word = 0; word < state.stackWords(); word++) {
            Value value = state.stackWord(word);
            if (!value.isConstant() || value.min() != 0) {
                int depth = word / State.WORDS_PER_FRAME;
                long offset = 8L * (word % State.WORDS_PER_FRAME - State.WORDS_PER_FRAME);
                text.add(Registers.name(Registers.framePointer(depth)) + offset + ": " + of(maps, value));
            }
        }
        return text.toString();
    }
}
