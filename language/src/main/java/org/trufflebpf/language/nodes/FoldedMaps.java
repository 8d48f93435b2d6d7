package org.trufflebpf.language.nodes;

import java.util.List;
import org.trufflebpf.language.verifier.KnownMaps;

/** The contents of maps that a specialised variant of a program takes for constants, and where they lie. */
public interface FoldedMaps extends KnownMaps {
    /** Folds nothing: the variant that is right whatever maps hold. */
    FoldedMaps NONE = new FoldedMaps() {
        @Override
        public long address(int map, int element) {
            throw new IllegalArgumentException("no element is known");
        }

        @Override
        public List<Entry> entries(int map) {
            return null;
        }

        @Override
        public KeyTable table(int map) {
            return null;
        }
    };

    /**
     * An element.
     *
     * @param address of its value, or that of CPU 0
     * @param cpuStride bytes from a CPU's value to the next one's, 0 where there is one value
     */
    record Entry(byte[] key, long address, long cpuStride) {
    }

    /** Where the value of an element lies that {@link #find} gave. */
    long address(int map, int element);

    /** All elements where they are few, or null. */
    List<Entry> entries(int map);

    /** All elements of a hash table where they are not few and not too many for it, or null. */
    KeyTable table(int map);
}
