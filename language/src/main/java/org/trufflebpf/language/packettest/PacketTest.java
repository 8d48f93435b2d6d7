package org.trufflebpf.language.packettest;

import java.util.List;

/**
 * One test of a file.
 *
 * @param object path of the object file, relative to the test file
 * @param program the program in it; null for the only one
 */
public record PacketTest(Position position, String name, String object, String program, List<Step> steps) {
    public PacketTest {
        steps = List.copyOf(steps);
    }
}
