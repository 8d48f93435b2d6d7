package org.trufflebpf.language.verifier;

import java.util.ArrayList;
import java.util.List;
import org.trufflebpf.language.verifier.HelperPrototype.Argument;
import org.trufflebpf.language.verifier.Value.Kind;

/**
 * A struct bpf_dynptr that a call gets. What it describes is kept beside the stack, in two variables of its own for each place of one
 * ({@link Liveness#dynptrAddress}, {@link Liveness#dynptrState}); a store into the sixteen bytes only ends it.
 *
 * @param register the argument, r1 to r5
 * @param contract {@link Argument#DYNPTR}, {@link Argument#DYNPTR_OUT} or {@link Argument#DYNPTR_RECORD}
 * @param words where it can begin, each a stack word ({@link State#word}); the place at run time is among them, or the call is a trap
 * @param certain whether it begins at the one word
 */
public record DynptrArgument(int register, Argument contract, List<Integer> words, boolean certain) {
    /** Bytes of struct bpf_dynptr. */
    public static final int BYTES = 16;
    /** Places that a new one can have at a call: the kernel knows one. */
    private static final int MAX_PLACES = 16;

    public DynptrArgument {
        words = List.copyOf(words);
    }

    /** Those of a call in {@code state}. */
    public static List<DynptrArgument> of(Prototype helper, State state) {
        List<DynptrArgument> result = new ArrayList<>();
        for (int i = 0; i < helper.arguments().size(); i++) {
            Argument contract = helper.arguments().get(i);
            switch (contract) {
                case DYNPTR, DYNPTR_RECORD, DYNPTR_OUT -> result.add(of(i + 1, contract, state));
                default -> {
                }
            }
        }
        return result;
    }

    private static DynptrArgument of(int register, Argument contract, State state) {
        Value pointer = state.register(register);
        StackWindow window = StackWindow.of(pointer, 0, BYTES);
        List<Integer> words = new ArrayList<>();
        for (int word : window.words().toArray()) {
            boolean inFrame = window.holds(word) && window.holds(word + 1);
            boolean fits = contract == Argument.DYNPTR_OUT || state.stackWord(word).mayBeDynptr() &&
                            (contract == Argument.DYNPTR || state.stackWord(word).may(Kind.RECORD_DYNPTR));
            if (inFrame && fits) {
                words.add(word);
            }
        }
        if (contract == Argument.DYNPTR_OUT && words.size() > MAX_PLACES) {
            words.clear();
        }
        return new DynptrArgument(register, contract, words, pointer.isAt(Kind.STACK) && pointer.hasOneFrame() && words.size() == 1);
    }

    public boolean isMade() {
        return contract == Argument.DYNPTR_OUT;
    }

    /** Whether it is the one of a sample that a callback was called with, which lies nowhere on the stack. */
    public boolean isSample(State state) {
        return contract == Argument.DYNPTR && state.register(register).isOnly(Kind.SAMPLE_DYNPTR);
    }

    /** What it can describe, and in which maps; unwritten when it can be no dynptr. */
    public Value described(State state) {
        if (isSample(state)) {
            return Value.dynptr(Kind.RECORD_DYNPTR, state.register(register).maps());
        }
        return words.stream().map(state::stackWord).map(Value::asDynptr).reduce(Value.UNWRITTEN, Value::joinDynptrs);
    }

    /** What a call makes of its argument {@link Argument#DYNPTR_OUT}. */
    static Value made(Prototype helper, State state) {
        for (int i = 0; i < helper.arguments().size(); i++) {
            Value argument = state.register(i + 1);
            switch (helper.arguments().get(i)) {
                case CONTEXT -> {
                    return Value.dynptr(Kind.PACKET_DYNPTR, 0);
                }
                case VALUE_MEMORY -> {
                    return Value.dynptr(Kind.VALUE_DYNPTR, argument.may(Kind.MAP_VALUE) ? argument.maps() : 0);
                }
                case MAP -> {
                    return Value.dynptr(Kind.RECORD_DYNPTR, argument.maps());
                }
                case DYNPTR -> {
                    return of(i + 1, Argument.DYNPTR, state).described(state);
                }
                default -> {
                }
            }
        }
        throw new IllegalArgumentException(helper + " makes no dynptr");
    }

    /** The dynptrs, by the word that they begin at, that a write of {@code size} bytes at {@code base + offset} can end. */
    public static List<Integer> ended(State state, Value base, long offset, long size) {
        List<Integer> words = new ArrayList<>();
        // One can begin a word before.
        StackWindow.of(base, offset - Long.BYTES, size + Long.BYTES).words().filter(word -> state.stackWord(word).mayBeDynptr()).forEach(words::add);
        return words;
    }
}
