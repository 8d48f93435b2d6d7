package org.trufflebpf.language.run;

import java.util.Arrays;
import java.util.HexFormat;

/** A packet as packet tests write it. */
final class PacketText {
    /** Zeros at the end from which on it is shorter to say how long the packet is. */
    private static final int MANY = 8;

    private PacketText() {
    }

    /** {@code hex 0200... pad to 60}. */
    static String of(byte[] packet) {
        if (packet.length == 0) {
            return "hex 00 cut to 0";
        }
        int end = packet.length;
        while (end > 1 && packet[end - 1] == 0) {
            end--;
        }
        return packet.length - end < MANY ? "hex " + HexFormat.of().formatHex(packet)
                : "hex " + HexFormat.of().formatHex(Arrays.copyOf(packet, end)) + " pad to " + packet.length;
    }
}
