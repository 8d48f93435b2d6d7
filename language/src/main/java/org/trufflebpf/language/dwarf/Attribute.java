package org.trufflebpf.language.dwarf;

/** The value of an attribute of an {@link Entry}. */
sealed interface Attribute {
    /** A constant, a flag, or an offset in another section. */
    record Number(long value) implements Attribute {
    }

    record Address(long value) implements Attribute {
    }

    /** The number of an address, text or list in the unit's tables, whose places the unit's first entry gives. */
    record Index(Table table, long number) implements Attribute {
    }

    enum Table {
        ADDRESSES, STRINGS, LOCATIONS, RANGES
    }

    record Text(String value) implements Attribute {
    }

    /** An expression or other bytes. */
    @SuppressWarnings("ArrayRecordComponent")
    record Block(byte[] bytes) implements Attribute {
    }

    /** @param entry its byte in .debug_info */
    record Reference(long entry) implements Attribute {
    }
}
