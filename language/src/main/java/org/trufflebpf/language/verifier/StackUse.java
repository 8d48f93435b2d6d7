package org.trufflebpf.language.verifier;

import java.util.BitSet;
import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.cfg.Operands.MemoryAccess;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.verifier.HelperPrototype.Argument;
import org.trufflebpf.language.verifier.HelperPrototype.Effect;
import org.trufflebpf.language.verifier.Value.Kind;

/**
 * Which eight-byte words of the stack frames must lie in memory because some access to them has no fixed place. All others can live in frame
 * slots of the interpreter, which Graal turns into machine registers (18.6 to 8.8 ns on xdp_firewall, measured). A helper that takes the fixed
 * address of such words finds them written to their place in memory for the time of the call.
 *
 * <p>A word of a frame slot has a slot for each of its parts, where the program stores several things in it, as two keys of four bytes: without
 * that a store would keep the rest of the word, and a load take it off again. No load reads more than one part.
 */
public final class StackUse {
    /** Longest helper argument that is written to memory for the call; a longer one lives there. */
    private static final int MAX_PASSED_BYTES = 64;

    private final BitSet memoryWords = new BitSet();
    /** By word, a bit for each byte at which an access starts or before which one ends. */
    private final int[] cuts;
    /** By word, a bit for each byte that a load reads together with the byte before. */
    private final int[] joined;

    private StackUse(int words) {
        cuts = new int[words];
        joined = new int[words];
    }

    public static StackUse of(Analysis analysis) {
        StackUse use = new StackUse(analysis.graph().depths() * State.WORDS_PER_FRAME);
        for (int block = 0; block < analysis.graph().blocks().size(); block++) {
            if (analysis.isReached(block)) {
                analysis.replay(block, (step, state) -> use.visit(step, state, analysis.maps()));
            }
        }
        return use;
    }

    /** Whether {@code word} ({@link State#word}) must lie in memory. */
    public boolean inMemory(int word) {
        return memoryWords.get(word);
    }

    public BitSet memoryWords() {
        return (BitSet) memoryWords.clone();
    }

    /**
     * A bit for each byte, from 0 to 7, at which a part of {@code word} starts; the first one always does, also in frames that the program never has.
     */
    public int parts(int word) {
        return inMemory(word) || word >= cuts.length ? 1 : 1 | cuts[word] & ~joined[word];
    }

    private void visit(Step step, State state, MapTable maps) {
        MemoryAccess access = Operands.access(step.instruction());
        if (access != null) {
            Value base = state.register(access.base());
            if (base.may(Kind.STACK) && !isFixed(base, access.offset(), access.bytes())) {
                putInMemory(base, access.offset(), access.bytes());
            } else if (base.may(Kind.STACK)) {
                divide(State.word(base.depth(), base.min() + access.offset()), StackParts.first(base, access.offset()), access);
            }
        }
        Prototype helper = Prototype.of(step.instruction()).orElse(null);
        if (helper != null) {
            for (MemoryArgument argument : MemoryArgument.of(helper, state, maps)) {
                Value pointer = state.register(argument.register());
                if (pointer.may(Kind.STACK) && !isFixed(pointer, argument)) {
                    putInMemory(pointer, 0, argument.maxSize());
                }
                if (helper.has(Effect.FOLLOWS_ADDRESSES) && !argument.written()) {
                    followWords(pointer, argument, state);
                }
            }
            for (int i = 0; i < helper.arguments().size() && helper.has(Effect.FOLLOWS_ADDRESSES); i++) {
                if (helper.arguments().get(i) == Argument.OPTIONAL) {
                    follow(state.register(i + 1));
                }
            }
        }
    }

    private void divide(int word, int first, MemoryAccess access) {
        cuts[word] |= 1 << first | 1 << first + access.bytes() & 0xff;
        if (access.reads()) {
            joined[word] |= StackParts.bytes(first + 1, access.bytes() - 1);
        }
    }

    /** The words of an array that a helper takes for addresses. */
    private void followWords(Value pointer, MemoryArgument argument, State state) {
        if (pointer.may(Kind.STACK)) {
            StackWindow.of(pointer, 0, argument.maxSize()).words().forEach(word -> follow(state.stackWord(word)));
        }
    }

    /** How much is read there only what lies there says. */
    private void follow(Value pointer) {
        if (pointer.may(Kind.STACK)) {
            putInMemory(pointer, 0, StackWindow.FRAME);
        }
    }

    /** Whether a stack access has a place of its own: one frame, one offset, inside one word. */
    public static boolean isFixed(Value base, int offset, int size) {
        long position = base.min() + offset;
        return base.isAt(Kind.STACK) && base.hasOneFrame() && State.inFrame(position, size) && (position & 7) + size <= 8;
    }

    /** Whether a helper gets known bytes of one frame. */
    public static boolean isFixed(Value pointer, MemoryArgument argument) {
        return pointer.isAt(Kind.STACK) && pointer.hasOneFrame() && argument.hasFixedSize() && argument.maxSize() <= MAX_PASSED_BYTES &&
                        State.inFrame(pointer.min(), argument.maxSize());
    }

    private void putInMemory(Value base, long offset, long size) {
        StackWindow.of(base, offset, size).words().forEach(memoryWords::set);
    }
}
