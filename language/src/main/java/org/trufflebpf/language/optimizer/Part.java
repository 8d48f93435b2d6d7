package org.trufflebpf.language.optimizer;

/** Where one byte of a register, or of what a store writes, comes from, as far as its block shows it. */
sealed interface Part {
    Part ZERO = new Constant(0);
    Part UNKNOWN = new Unknown();

    /** @param value 0 to 255 */
    record Constant(int value) implements Part {
    }

    /** A byte that no register holds and that cannot be loaded. */
    record Unknown() implements Part {
    }

    /**
     * A byte that was loaded from memory.
     *
     * @param root see {@link Contents#root}
     * @param offset bytes from there
     * @param epoch counts what may have changed memory since the block began: of an earlier epoch, the byte cannot be loaded again
     */
    record Loaded(int root, long offset, int epoch) implements Part {
    }

    /**
     * A byte of a number of which nothing else is known.
     *
     * @param number see {@link Contents#number}
     * @param index 0 is the lowest
     */
    record OfNumber(int number, int index) implements Part {
    }

    /** Whether {@code next} is the neighbour of {@code part}, {@code step} bytes on. */
    static boolean follows(Part part, Part next, int step) {
        return switch (part) {
            case Constant _, Unknown _ -> false;
            case Loaded p -> next instanceof Loaded n && n.root() == p.root() && n.epoch() == p.epoch() && n.offset() == p.offset() + step;
            case OfNumber p -> next instanceof OfNumber n && n.number() == p.number() && n.index() == p.index() + step;
        };
    }
}
