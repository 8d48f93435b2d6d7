package org.trufflebpf.language.isa;

/** Whose notion of valid code the {@link Decoder} applies where RFC 9669 and the Linux verifier differ. Encodings are the same for both. */
public enum Strictness {
    /**
     * As Linux: also no unreachable instruction, no shift by a constant of the operand's width or more, no division by a constant zero.
     */
    KERNEL,
    /** These three are allowed, since the RFC gives them a meaning: a shift counts modulo the width, division by zero yields zero. */
    RFC_9669
}
