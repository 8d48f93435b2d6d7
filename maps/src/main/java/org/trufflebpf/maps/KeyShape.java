package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives;

/**
 * The size of a hash's keys, as words. Where it is a constant of the compilation, lookups have neither loops nor questions about the size in them:
 * of a known map it is, and of an inner map it is known from the template.
 */
public final class KeyShape {
    /** Words that programs hash and compare in straight-line code. */
    static final int UNROLLED = 16;

    final int size;
    final int words;
    private final long lastMask;

    /** @param size in bytes, at least 1 */
    public KeyShape(int size) {
        this.size = size;
        this.words = Words.count(size);
        this.lastMask = Words.lastMask(size);
    }

    /** A word of the key at an address; 0 for one that it does not have. */
    long word(long key, int index) {
        return index < words ? Words.ofKey(key, index, size) : 0;
    }

    /** The word without what is past the key's end. */
    long bounded(int index, long word) {
        return index == words - 1 ? word & lastMask : word;
    }

    /** A loop over words can be unrolled only where their number is a constant. */
    boolean isUnrolled() {
        return words <= UNROLLED && CompilerDirectives.isPartialEvaluationConstant(words);
    }
}
