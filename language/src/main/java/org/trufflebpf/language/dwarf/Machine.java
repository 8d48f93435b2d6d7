package org.trufflebpf.language.dwarf;

/** A program that stands at an instruction, as expressions see it. */
public interface Machine {
    /** @param number 0 to 10, of the function that the variable belongs to */
    long register(int number);

    /** Memory that the program may read, as bytes, or null where it may not. */
    byte[] read(long address, int size);
}
