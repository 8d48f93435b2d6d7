package org.trufflebpf.language.packettest;

/**
 * A place in a packet test file.
 *
 * @param line from 1
 * @param column from 1, in bytes
 */
public record Position(int line, int column) {
    @Override
    public String toString() {
        return line + ":" + column;
    }
}
