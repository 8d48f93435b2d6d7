package org.trufflebpf.language.run;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.trufflebpf.io.generator.PacketWriter;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.io.pcap.CaptureReader;
import org.trufflebpf.language.packettest.TestFiles;

/** The first packets of captures and generators, for who gives them to programs again and again. */
public final class FirstPackets {
    private FirstPackets() {
    }

    /**
     * At least one packet.
     *
     * @param port as {@code --port} takes it, of a kind that can begin again
     * @throws CommandException if it is of another kind, cannot be read, or has no packets
     */
    public static List<byte[]> of(String port, int most) {
        PortSpec spec = PortSpec.parse(port, 1);
        if (spec.output() != null) {
            throw CommandException.usage("--port " + port + ": what programs send goes nowhere here: leave out= away");
        }
        try {
            List<byte[]> packets = switch (spec) {
                case PortSpec.Capture capture -> captured(capture, most);
                case PortSpec.Generator generator -> generated(generator, most);
                case PortSpec.Live _ -> throw CommandException.usage("--port " + port + ": packets come from pcap:FILE or gen:PACKET here");
            };
            if (packets.isEmpty()) {
                throw CommandException.failed(spec.input() + ": there is no packet in it");
            }
            return packets;
        } catch (FileSystemException e) {
            throw CommandException.unreadable(spec.input() + ": cannot be read: " + CommandFiles.reason(e));
        } catch (IOException e) {
            throw CommandException.failed(e.getMessage());
        }
    }

    private static List<byte[]> captured(PortSpec.Capture capture, int most) throws IOException {
        List<byte[]> packets = new ArrayList<>();
        try (CaptureReader reader = CaptureReader.open(Path.of(capture.input())); NativeBlock block = new NativeBlock(CaptureReader.MAX_PACKET)) {
            while (packets.size() < most && reader.next()) {
                reader.copyTo(block.address());
                packets.add(Memory.bytes(block.address(), reader.length()));
            }
        }
        return packets;
    }

    private static List<byte[]> generated(PortSpec.Generator generator, int most) throws IOException {
        List<byte[]> packets = new ArrayList<>();
        try (PacketWriter writer = new PacketWriter(RunPorts.traffic(generator, TestFiles.ofProcess(), 0), 0, 1);
                NativeBlock block = new NativeBlock(CaptureReader.MAX_PACKET + PacketWriter.OVERRUN)) {
            while (packets.size() < Math.min(most, generator.count())) {
                int length = writer.next();
                writer.write(block.address());
                packets.add(Memory.bytes(block.address(), length));
            }
        }
        return packets;
    }
}
