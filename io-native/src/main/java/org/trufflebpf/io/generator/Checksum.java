package org.trufflebpf.io.generator;

import java.util.List;

/**
 * An Internet checksum (RFC 1071) that follows varying fields. Its sum is linear in them modulo 65535, so it is
 * {@code start + factor * value + ...} however deep headers are nested.
 *
 * @param offset of its first byte, most significant first
 * @param start the sum, not complemented, where all fields are zero: 1 to 65535, or 0 if all that is summed is zero then
 * @param factors of the patches, in their order: 0 to 65534 each
 * @param neverZero whether 0xffff stands for 0, as in UDP (RFC 768)
 */
public record Checksum(int offset, int start, List<Integer> factors, boolean neverZero) {
    /** The modulus of ones' complement sums of 16-bit words. */
    public static final int MODULUS = 0xffff;

    public Checksum {
        factors = List.copyOf(factors);
    }
}
