package org.trufflebpf.language.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.trufflebpf.io.dpdk.Device;
import org.trufflebpf.io.dpdk.DpdkPort;
import org.trufflebpf.io.dpdk.FrameStore;
import org.trufflebpf.io.generator.Traffic;
import org.trufflebpf.io.loop.PollLoop;
import org.trufflebpf.io.pcap.CaptureReader;
import org.trufflebpf.io.pcap.CaptureWriter;
import org.trufflebpf.io.port.CaptureSink;
import org.trufflebpf.io.port.GeneratorPort;
import org.trufflebpf.io.port.PacedPort;
import org.trufflebpf.io.port.PcapPort;
import org.trufflebpf.io.port.Playback;
import org.trufflebpf.io.port.Port;
import org.trufflebpf.io.port.SendingPort;
import org.trufflebpf.io.tap.TapPort;
import org.trufflebpf.io.tap.TapSettings;
import org.trufflebpf.io.xsk.XskPorts;
import org.trufflebpf.io.xsk.XskSettings;
import org.trufflebpf.language.packettest.GeneratorTemplate;
import org.trufflebpf.language.packettest.PacketTestException;
import org.trufflebpf.language.packettest.TestFiles;

/**
 * The ports of one run, of each worker its own queues. A generator has a queue for each worker; a capture has one, the first worker's, and the others
 * can only send there.
 */
final class RunPorts implements AutoCloseable {
    private static final int FRAMES = PollLoop.Settings.DEFAULT.burst();

    private final CommandFiles files;
    private final OutputFiles outputs;
    private final long seed;
    private final boolean fragments;
    private final Playback playback = new Playback();
    private final List<List<Port>> ofWorkers = new ArrayList<>();
    /** Of each worker the companions of its ports, null for ports that have none. */
    private final List<List<Port>> companions = new ArrayList<>();
    /** Places of those among all ports that are AF_XDP's. */
    private final List<Integer> live = new ArrayList<>();
    private XskPorts sockets;
    /** Of all DPDK ports; null if there are none. */
    private FrameStore frames;
    /** By interface number of their port. */
    private final Map<Integer, Device> devices = new HashMap<>();

    /**
     * @param seed of what generators draw
     * @param fragments whether the program gets packets of several buffers
     */
    RunPorts(CommandFiles files, OutputFiles outputs, long seed, boolean fragments, int workers) {
        this.fragments = fragments;
        this.files = files;
        this.outputs = outputs;
        this.seed = seed;
        for (int i = 0; i < workers; i++) {
            ofWorkers.add(new ArrayList<>());
            companions.add(new ArrayList<>());
        }
    }

    /** For each worker, in the order in which they were described. */
    List<List<Port>> ofWorkers() {
        return ofWorkers;
    }

    /** The numbers of all receive queues, of whichever port. */
    SortedSet<Integer> queues() {
        return ofWorkers.stream().flatMap(List::stream).map(Port::rxQueue).collect(Collectors.toCollection(TreeSet::new));
    }

    /** Of each port what it tells besides counters, the sums of its queues. Any thread may ask until this is closed. */
    List<Map<String, Long>> details() {
        List<Map<String, Long>> all = new ArrayList<>();
        for (int place = 0; place < ofWorkers.getFirst().size(); place++) {
            Map<String, Long> sums = new LinkedHashMap<>();
            for (List<Port> own : ofWorkers) {
                own.get(place).details().forEach((what, number) -> sums.merge(what, number, Long::sum));
            }
            all.add(sums);
        }
        return all;
    }

    /** For each worker by the number of their port, null where it has none; nothing if no port has one. */
    List<List<Port>> companions() {
        return companions;
    }

    /**
     * Opens all ports. Called once.
     *
     * @param busyPoll whether drivers are to look for packets when workers do
     * @param messages gets lines about interfaces, from any thread, as long as this is open
     * @throws CommandException if a file cannot be read or written
     * @throws IOException if an interface cannot be used
     */
    void open(List<PortSpec> specs, boolean busyPoll, Consumer<String> messages) throws IOException {
        for (PortSpec spec : specs) {
            switch (spec) {
                case PortSpec.Capture capture -> open(capture);
                case PortSpec.Generator generator -> open(generator);
                case PortSpec.Tap tap -> addAll(TapPort.open(tap.settings(), ofWorkers.size(), fragments, messages));
                case PortSpec.DpdkDevice device -> open(device, specs, messages);
                case PortSpec.Sockets _ -> live.add(ofWorkers.getFirst().size() + live.size());
            }
        }
        if (!live.isEmpty()) {
            List<XskSettings> settings = specs.stream().filter(PortSpec.Sockets.class::isInstance).map(spec -> ((PortSpec.Sockets) spec).settings())
                    .toList();
            sockets = XskPorts.open(settings, ofWorkers.size(), fragments, busyPoll, messages);
            for (int port = 0; port < live.size(); port++) {
                for (int worker = 0; worker < ofWorkers.size(); worker++) {
                    ofWorkers.get(worker).add(live.get(port), sockets.ports().get(port).get(worker));
                }
            }
        }
    }

    private void addAll(List<TapPort> queues) {
        for (int worker = 0; worker < queues.size(); worker++) {
            ofWorkers.get(worker).add(queues.get(worker));
        }
    }

    /**
     * Links ports with the kernel's network stack, once they are open.
     *
     * @param messages as for {@link #open}
     * @throws IOException if an interface cannot be used
     */
    void link(List<StackSpec> stack, Consumer<String> messages) throws IOException {
        for (StackSpec spec : stack) {
            List<TapPort> queues = TapPort.open(withAddress(spec.tap()), ofWorkers.size(), fragments, messages);
            for (int worker = 0; worker < queues.size(); worker++) {
                List<Port> own = ofWorkers.get(worker);
                List<Port> links = companions.get(worker);
                links.addAll(Collections.nCopies(own.size() - links.size(), null));
                int place = 0;
                while (own.get(place).ifindex() != spec.tap().ifindex()) {
                    place++;
                }
                links.set(place, queues.get(worker));
            }
        }
    }

    /** The neighbours know the device's Ethernet address as the machine's. */
    private TapSettings withAddress(TapSettings companion) {
        Device device = devices.get(companion.ifindex());
        boolean given = device == null || companion.macOf() != null || companion.mac() != TapSettings.ANY_MAC;
        long mac = given ? Device.NO_MAC : device.mac();
        return mac == Device.NO_MAC ? companion : companion.withMac(mac);
    }

    private void open(PortSpec.Capture capture) throws IOException {
        CaptureReader reader = CaptureReader.open(capture.input(), files.open(capture.input()));
        CaptureSink sink;
        try {
            sink = sink(capture);
        } catch (RuntimeException e) {
            reader.close();
            throw e;
        }
        PcapPort port = new PcapPort(capture.ifindex(), reader, sink, FRAMES, fragments);
        ofWorkers.getFirst().add(capture.speed() == 0 ? port : new PacedPort(port, capture.speed(), playback));
        for (List<Port> others : ofWorkers.subList(1, ofWorkers.size())) {
            others.add(new SendingPort(capture.ifindex(), sink));
        }
    }

    private void open(PortSpec.Generator generator) throws IOException {
        Traffic traffic = traffic(generator, files.forTests(), seed);
        CaptureSink sink = sink(generator);
        for (int queue = 0; queue < ofWorkers.size(); queue++) {
            ofWorkers.get(queue).add(new GeneratorPort(generator.ifindex(), queue, ofWorkers.size(), traffic, sink, FRAMES, fragments));
        }
    }

    private void open(PortSpec.DpdkDevice spec, List<PortSpec> specs, Consumer<String> messages) throws IOException {
        if (frames == null) {
            frames = FrameStore.of(specs.stream().filter(PortSpec.DpdkDevice.class::isInstance).map(each -> ((PortSpec.DpdkDevice) each).arguments()).toList(),
                    ofWorkers.size());
        }
        Device device = new Device(frames, spec.arguments(), ofWorkers.size(), spec.mtu(), fragments, messages);
        devices.put(spec.ifindex(), device);
        for (int queue = 0; queue < ofWorkers.size(); queue++) {
            ofWorkers.get(queue).add(new DpdkPort(spec.ifindex(), device, queue, FRAMES));
        }
    }

    private CaptureSink sink(PortSpec spec) {
        return new CaptureSink(spec.output() == null ? null : new CaptureWriter(outputs.create(spec.output())));
    }

    /** @param seed of what it draws */
    static Traffic traffic(PortSpec.Generator generator, TestFiles files, long seed) throws IOException {
        try {
            GeneratorTemplate.Packets packets = generator.template().build(files);
            // Ports with the same template send other packets.
            return new Traffic(packets.templates(), packets.inOrder(), packets.sizes(), generator.choice(), generator.rate(), generator.count(),
                    seed + generator.ifindex());
        } catch (PacketTestException e) {
            throw PortSpec.wrongTemplate(generator.input(), e);
        } catch (IOException e) {
            if (e.getCause() instanceof CommandException unreadable) {
                throw unreadable;
            }
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        for (List<List<Port>> all : List.of(ofWorkers, companions)) {
            for (Port port : all.stream().flatMap(List::stream).filter(Objects::nonNull).toList()) {
                port.close();
            }
        }
        if (sockets != null) {
            sockets.close();
        }
        if (frames != null) {
            frames.close();
        }
    }
}
