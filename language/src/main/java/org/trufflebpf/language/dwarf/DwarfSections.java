package org.trufflebpf.language.dwarf;

/**
 * The sections of debug information (DWARF 5, section 7), relocated so that an address is {@code index of the code section << 32 | byte in it}. Those
 * that a file does not have are empty. Nobody changes the arrays.
 *
 * @param locations .debug_loclists, or before version 5 .debug_loc
 * @param ranges .debug_rnglists, or before version 5 .debug_ranges
 */
public record DwarfSections(byte[] info, byte[] abbreviations, byte[] strings, byte[] lineStrings, byte[] stringOffsets, byte[] addresses,
        byte[] locations, byte[] ranges) {
    /** The bits of an address that count the bytes of one section. */
    public static final int SECTION_SHIFT = 32;
}
