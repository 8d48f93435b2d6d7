package org.trufflebpf.bench;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.ProgramSpec;

/**
 * A program and the packet that it is measured with.
 *
 * @param name of the program, and of its folder, source and object in {@code folder}
 * @param folder the xdp_progs of a checkout
 * @param packet the packet, of which each place in a burst has a copy
 */
record Workload(String name, Path folder, byte[] packet) {
    /** The programs that are measured. */
    static final List<String> NAMES = List.of("xdp_pass", "xdp_drop", "xdp_tx", "xdp_map_access", "xdp_csum", "xdp_maps");

    static final int PACKET_LENGTH = 64;
    /** Ethernet, IPv4 without options (198.51.100.1 to 203.0.113.1, protocol TCP, 50 bytes), TCP (40000 to 80, ACK); zeros follow. */
    private static final byte[] HEADERS = HexFormat.of().parseHex("0200000000010200000000020800"
                    + "450000320000000040061490c6336401cb007101" + "9c4000500000000100000001501004000000" + "0000");

    static Workload of(String name) {
        return new Workload(name, Checkout.root().resolve(Checkout.PROGRAMS), ByteBuffer.allocate(PACKET_LENGTH).put(HEADERS).array());
    }

    Path source() {
        return folder.resolve(name).resolve(name + ".c");
    }

    ObjectSpec object() {
        return Checkout.object(folder.resolve(name).resolve(name + ".o"));
    }

    ProgramSpec program() {
        return object().programs().getFirst();
    }
}
