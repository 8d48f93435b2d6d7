package org.trufflebpf.io.xsk;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.trufflebpf.io.libc.Libc;
import org.trufflebpf.io.linux.Device;

/**
 * The AF_XDP ports of one run: for each worker a memory, in it a socket for each port, and for each interface a program in the kernel. All is set up
 * when they are opened, but for the entries in the kernel's maps that make packets come: those are {@link XskPort#start}'s.
 */
public final class XskPorts implements AutoCloseable {
    /** Frames that are neither in rings nor lent, per worker: two bursts. */
    private static final int SPARE = 128;
    /** A port's frames in units of its rings' size: the fill, rx and tx rings may be full at the same time. */
    static final int RINGS = 3;

    private final List<Umem> memories = new ArrayList<>();
    private final List<RedirectProgram> programs = new ArrayList<>();
    private final List<List<XskPort>> ports = new ArrayList<>();

    private XskPorts() {
    }

    /**
     * Opens ports.
     *
     * @param workers each gets a queue of every port
     * @param fragments whether the program gets packets of several buffers
     * @param busyPoll whether the driver looks for packets when the port does, instead of by interrupts
     * @param messages gets a line about each queue when it starts, and when something happens to it; from any worker's thread
     * @throws IOException if one cannot be opened: nothing is left then; one line
     */
    public static XskPorts open(List<XskSettings> all, int workers, boolean fragments, boolean busyPoll, Consumer<String> messages)
            throws IOException {
        if (!Libc.available()) {
            throw new IOException("xsk ports need Linux on x86-64 and a Java that allows native access");
        }
        XskPorts opened = new XskPorts();
        try {
            opened.takeMemory(all, workers, fragments, messages);
            for (XskSettings settings : all) {
                opened.open(settings, busyPoll, messages);
            }
            XskPorts result = opened;
            opened = null;
            return result;
        } finally {
            if (opened != null) {
                opened.close();
            }
        }
    }

    private void takeMemory(List<XskSettings> all, int workers, boolean fragments, Consumer<String> messages) throws IOException {
        int frames = SPARE + RINGS * all.stream().mapToInt(XskSettings::ring).sum();
        boolean huge = all.stream().anyMatch(XskSettings::huge);
        for (int worker = 0; worker < workers; worker++) {
            memories.add(new Umem(frames, huge, fragments));
        }
        if (memories.stream().anyMatch(memory -> memory.isHuge() != huge)) {
            messages.accept("xsk: there are no free huge pages, so packets lie in small ones: sysctl vm.nr_hugepages makes some");
        }
    }

    private void open(XskSettings settings, boolean busyPoll, Consumer<String> messages) throws IOException {
        Device device = Device.find(settings.device());
        if (device == null) {
            throw new IOException(settings.name() + ": there is no such interface: ip link lists them");
        }
        if (!device.isUp()) {
            throw new IOException(settings.name() + ": the interface is down: ip link set " + settings.device() + " up");
        }
        RedirectProgram program = RedirectProgram.attach(settings, device, settings.queue() + memories.size());
        programs.add(program);
        List<XskPort> queues = new ArrayList<>();
        ports.add(queues);
        for (int worker = 0; worker < memories.size(); worker++) {
            int queue = settings.queue() + worker;
            XskSocket socket = XskSocket.open(settings, device, queue, memories.get(worker));
            boolean zeroCopy = socket.isZeroCopy();
            // What a network card brings has been on a wire, and is finished.
            XskSettings own = zeroCopy ? settings.keepingChecksums() : settings;
            String description = settings.name() + ", queue " + queue + ": receives by " + (zeroCopy ? "zero copy" : "copy") + ", "
                    + (program.isNative() ? "native" : "generic") + " XDP"
                    + (memories.get(worker).gathered() != null && !socket.handlesFragments() ? ", no packets of several buffers" : "");
            queues.add(new XskPort(own, queue, memories.get(worker), socket, XskPort.PATIENCE, XskPort.TICK, () -> {
                // Before: from then on every millisecond counts.
                messages.accept(description);
                program.add(queue, socket);
            }, messages));
            if (busyPoll) {
                socket.pollBusily();
            }
        }
    }

    /** By their place in the list of settings, then by worker. */
    public List<List<XskPort>> ports() {
        return ports;
    }

    /** Detaches the programs, closes all ports and frees their memory. No worker may run any more. Closing twice is harmless. */
    @Override
    public void close() {
        programs.forEach(RedirectProgram::close);
        for (List<XskPort> queues : ports) {
            queues.forEach(XskPort::close);
        }
        memories.forEach(Umem::close);
    }
}
