package org.trufflebpf.language.helpers;

/** What addresses that a helper finds among its arguments may lead to. */
public interface ReadableMemory {
    /** Whether {@code size} bytes, at least 1, lie in one region that the program may read. */
    boolean canRead(long address, int size);
}
