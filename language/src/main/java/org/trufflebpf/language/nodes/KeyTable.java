package org.trufflebpf.language.nodes;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A hash table of known keys in which no two share a place, so that one look tells whether a key is there: multipliers for the key's words are tried
 * until it is so. Where one word tells the keys apart only that one is multiplied. A place has the key's words, zeros where no key is, and the address
 * of the value, 0 where no key is.
 *
 * @param multipliers one for each word of a key; the upper bits of the sum of products are the number of the place
 * @param shift by which the sum is shifted to the right
 * @param places of {@code multipliers.length + 1} words each
 * @param cpuStride as {@link FoldedMaps.Entry#cpuStride}
 */
public record KeyTable(long[] multipliers, int shift, long[] places, long cpuStride) {
    /** More keys take too much memory: half of the square of their number, with 64 bits each, and more, is what gives multipliers a chance. */
    public static final int MAX_KEYS = 512;
    /** Multipliers that are tried for a size; with half of the square of the keys' number as the size every third or fourth will do. */
    private static final int TRIES = 32;

    /** @return null where no multipliers were found */
    public static KeyTable of(List<FoldedMaps.Entry> entries) {
        long[][] keys = entries.stream().map(entry -> KnownKeys.words(entry.key())).toArray(long[][]::new);
        int words = keys[0].length;
        SplittableRandom random = new SplittableRandom(keys.length);
        int most = logarithm(keys.length) * 2;
        for (int bits = Math.max(1, most - 3); bits <= most; bits++) {
            for (int word = 0; word <= words; word++) {
                if (word == words || isDistinct(keys, word)) {
                    for (int i = 0; i < TRIES; i++) {
                        long[] multipliers = new long[words];
                        for (int each = 0; each < words; each++) {
                            multipliers[each] = word == words || word == each ? random.nextLong() | 1 : 0;
                        }
                        long[] places = fill(entries, keys, multipliers, Long.SIZE - bits);
                        if (places != null) {
                            return new KeyTable(multipliers, Long.SIZE - bits, places, entries.getFirst().cpuStride());
                        }
                    }
                }
            }
        }
        return null;
    }

    /** Of the next power of two. */
    private static int logarithm(int number) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(number - 1);
    }

    private static boolean isDistinct(long[][] keys, int word) {
        return Arrays.stream(keys).mapToLong(key -> key[word]).distinct().count() == keys.length;
    }

    /** Null when two keys come to the same place. */
    private static long[] fill(List<FoldedMaps.Entry> entries, long[][] keys, long[] multipliers, int shift) {
        int stride = multipliers.length + 1;
        long[] places = new long[stride << Long.SIZE - shift];
        for (int i = 0; i < keys.length; i++) {
            long sum = 0;
            for (int word = 0; word < multipliers.length; word++) {
                sum += keys[i][word] * multipliers[word];
            }
            int at = (int) (sum >>> shift) * stride;
            if (places[at + stride - 1] != 0) {
                return null;
            }
            System.arraycopy(keys[i], 0, places, at, multipliers.length);
            places[at + stride - 1] = entries.get(i).address();
        }
        return places;
    }
}
