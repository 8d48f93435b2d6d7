package org.trufflebpf.language.dwarf;

import java.nio.charset.StandardCharsets;

/** Reads numbers and texts one after the other, little-endian, and never beyond the end. */
final class Cursor {
    private final String section;
    private final byte[] bytes;
    private final int end;
    private int at;

    Cursor(String section, byte[] bytes, long start) throws MalformedDwarfException {
        this(section, bytes, start, bytes.length);
    }

    private Cursor(String section, byte[] bytes, long start, int end) throws MalformedDwarfException {
        this.section = section;
        this.bytes = bytes;
        this.end = end;
        if (start < 0 || start > end) {
            throw new MalformedDwarfException(section + " ends before byte " + start);
        }
        this.at = (int) start;
    }

    int at() {
        return at;
    }

    boolean hasMore() {
        return at < end;
    }

    /** The next {@code size} bytes as a cursor of their own; this one goes on behind them. */
    Cursor part(long size) throws MalformedDwarfException {
        need(size);
        Cursor part = new Cursor(section, bytes, at, at + (int) size);
        at += (int) size;
        return part;
    }

    private void need(long size) throws MalformedDwarfException {
        if (size < 0 || size > end - at) {
            throw new MalformedDwarfException(section + " is cut at byte " + end);
        }
    }

    /** An unsigned number of 1 to 8 bytes. */
    long number(int size) throws MalformedDwarfException {
        need(size);
        long number = 0;
        for (int i = 0; i < size; i++) {
            number |= (bytes[at + i] & 0xffL) << 8 * i;
        }
        at += size;
        return number;
    }

    int u8() throws MalformedDwarfException {
        return (int) number(1);
    }

    /** LEB128; bits above 64 are lost. */
    long unsigned() throws MalformedDwarfException {
        long number = 0;
        for (int shift = 0;; shift += 7) {
            int next = u8();
            number |= shift < Long.SIZE ? (next & 0x7fL) << shift : 0;
            if (next < 0x80) {
                return number;
            }
        }
    }

    long signed() throws MalformedDwarfException {
        long number = 0;
        for (int shift = 0;;) {
            int next = u8();
            number |= shift < Long.SIZE ? (next & 0x7fL) << shift : 0;
            shift += 7;
            if (next < 0x80) {
                return shift < Long.SIZE && (next & 0x40) != 0 ? number | -1L << shift : number;
            }
        }
    }

    byte[] bytes(long size) throws MalformedDwarfException {
        need(size);
        byte[] copy = new byte[(int) size];
        System.arraycopy(bytes, at, copy, 0, copy.length);
        at += copy.length;
        return copy;
    }

    /** A text that ends with a 0. */
    String text() throws MalformedDwarfException {
        int last = at;
        while (last < end && bytes[last] != 0) {
            last++;
        }
        String text = new String(bytes, at, last - at, StandardCharsets.UTF_8);
        need(last + 1L - at);
        at = last + 1;
        return text;
    }
}
