package org.trufflebpf.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;

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
        return new Workload(name, programs(), ByteBuffer.allocate(PACKET_LENGTH).put(HEADERS).array());
    }

    /** In the working folder or above it: Maven starts tests in a module's folder. */
    private static Path programs() {
        Path start = Path.of("").toAbsolutePath();
        for (Path folder = start; folder != null; folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve("xdp_progs"))) {
                return folder.resolve("xdp_progs");
            }
        }
        throw new IllegalStateException("no folder xdp_progs in " + start + " or above: start from a checkout of TruffleBPF");
    }

    Path source() {
        return folder.resolve(name).resolve(name + ".c");
    }

    /** The object file's bytes. */
    byte[] object() {
        try {
            return Files.readAllBytes(folder.resolve(name).resolve(name + ".o"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
