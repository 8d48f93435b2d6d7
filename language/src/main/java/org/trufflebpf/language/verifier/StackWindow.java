package org.trufflebpf.language.verifier;

import java.util.stream.IntStream;
import org.trufflebpf.language.cfg.Registers;

/**
 * The stack bytes that an access without a fixed place can touch. The analysis forgets what these bytes held, and the check at run time lets the
 * access touch no others: frames lie side by side, so without the second half a pointer that runs out of one frame would change what the
 * analysis knows of another.
 *
 * @param frames call depths, a bit per depth
 * @param first lowest byte, from the frame pointer, at least -512
 * @param last highest byte, at most -1; below {@code first} when nothing can be touched
 */
public record StackWindow(int frames, int first, int last) {
    static final int FRAME = 8 * State.WORDS_PER_FRAME;
    /** All of all frames. */
    public static final StackWindow ALL = new StackWindow((1 << Registers.MAX_DEPTH) - 1, -FRAME, -1);

    /** Of {@code size} bytes at {@code base + offset}. */
    public static StackWindow of(Value base, long offset, long size) {
        if (!base.may(Value.Kind.STACK)) {
            return new StackWindow(0, 0, -1);
        }
        // So that the sums below cannot overflow.
        boolean known = base.min() >= Integer.MIN_VALUE && base.max() <= Integer.MAX_VALUE;
        long first = known ? Math.clamp(base.min() + offset, -FRAME, 0) : -FRAME;
        long last = known ? Math.clamp(base.max() + offset + size - 1, -FRAME - 1, -1) : -1;
        return new StackWindow(base.frames(), (int) first, (int) last);
    }

    /** Whether all bytes of a word can be touched. */
    boolean holds(int word) {
        int offset = (word % State.WORDS_PER_FRAME) * Long.BYTES - FRAME;
        return (frames >>> word / State.WORDS_PER_FRAME & 1) != 0 && offset >= first && offset + Long.BYTES - 1 <= last;
    }

    /** The words that the bytes lie in, numbered as in {@link State#word}. */
    public IntStream words() {
        if (first > last) {
            return IntStream.empty();
        }
        return IntStream.range(0, Registers.MAX_DEPTH).filter(depth -> (frames & 1 << depth) != 0)
                        .flatMap(depth -> IntStream.rangeClosed(State.word(depth, first), State.word(depth, last)));
    }
}
