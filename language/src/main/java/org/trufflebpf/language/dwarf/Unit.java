package org.trufflebpf.language.dwarf;

/** What the entries of one compilation have in common. */
final class Unit {
    private final DwarfSections sections;
    private final int version;
    /** Its first byte in .debug_info. */
    private final long start;
    private final int addressSize;
    private Entry root;

    Unit(DwarfSections sections, int version, long start, int addressSize) {
        this.sections = sections;
        this.version = version;
        this.start = start;
        this.addressSize = addressSize;
    }

    void setRoot(Entry first) {
        this.root = first;
    }

    DwarfSections sections() {
        return sections;
    }

    boolean hasIndexedLists() {
        return version >= 5;
    }

    long start() {
        return start;
    }

    int addressSize() {
        return addressSize;
    }

    /** What offsets in lists count from until they say something else. */
    long lowPc() throws MalformedDwarfException {
        return root.hasAddress(Code.AT_LOW_PC) ? root.address(Code.AT_LOW_PC) : 0;
    }

    long address(long index) throws MalformedDwarfException {
        return new Cursor(".debug_addr", sections.addresses(), place(Code.AT_ADDR_BASE, addressSize, index)).number(addressSize);
    }

    String string(long index) throws MalformedDwarfException {
        long offset = new Cursor(".debug_str_offsets", sections.stringOffsets(), place(Code.AT_STR_OFFSETS_BASE, 4, index)).number(4);
        return new Cursor(".debug_str", sections.strings(), offset).text();
    }

    /** Where a list of places begins in its section. */
    long locationList(long index) throws MalformedDwarfException {
        long base = root.number(Code.AT_LOCLISTS_BASE, 0);
        return base + new Cursor(".debug_loclists", sections.locations(), place(Code.AT_LOCLISTS_BASE, 4, index)).number(4);
    }

    long rangeList(long index) throws MalformedDwarfException {
        long base = root.number(Code.AT_RNGLISTS_BASE, 0);
        return base + new Cursor(".debug_rnglists", sections.ranges(), place(Code.AT_RNGLISTS_BASE, 4, index)).number(4);
    }

    private long place(int base, int size, long index) throws MalformedDwarfException {
        if (index < 0 || index > Integer.MAX_VALUE) {
            throw new MalformedDwarfException("the index " + Long.toUnsignedString(index) + " is too large");
        }
        return root.number(base, 0) + size * index;
    }
}
