package org.trufflebpf.bench;

import java.util.HexFormat;
import org.trufflebpf.io.linux.BpfException;
import org.trufflebpf.io.linux.KernelProgram;

/**
 * Code for the kernel that sends packets. The kernel uses the pages of live frames again as whoever got them left them, so each packet is written anew
 * before it leaves: programs in the kernel change them in place.
 */
final class SendingProgram {
    /** Code of a program that drops every packet. */
    static final byte[] DROP = HexFormat.of().parseHex("b7000000010000009500000000000000");
    private static final int CONTEXT = 1;
    private static final int XDP_TX = 3;

    private SendingProgram() {
    }

    /** A program for {@link KernelProgram#sendLive} of packets like this. */
    static KernelProgram load(byte[] packet) throws BpfException {
        Code code = new Code(16 + 3 * packet.length).bytes(packet, CONTEXT, 0).add(0xb7, 0, 0, 0, XDP_TX).add(0x95, 0, 0, 0, 0);
        return KernelProgram.load(code.bytes(), "GPL", "send");
    }
}
