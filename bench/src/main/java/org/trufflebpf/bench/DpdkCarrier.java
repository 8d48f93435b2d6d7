package org.trufflebpf.bench;

import java.io.IOException;
import java.util.List;

/** A DPDK port of ours at a virtual device. */
final class DpdkCarrier implements Carrier {
    private final TruffleEngine engine;
    private final DpdkDevice device;
    private boolean hugePages;

    DpdkCarrier(TruffleEngine engine, DpdkDevice device) {
        this.engine = engine;
        this.device = device;
    }

    @Override
    public String name() {
        return "DPDK, " + device.label();
    }

    DpdkDevice device() {
        return device;
    }

    /** Whether frames lay in huge pages when it was measured last. */
    boolean hugePages() {
        return hugePages;
    }

    @Override
    public Throughput carry(Comparison comparison, long nanoseconds) throws MissingException {
        if (comparison.restored()) {
            throw new MissingException("only of programs that do the same with what they made of a packet, as frames come again");
        }
        try (FilledDevice filled = new FilledDevice(device, comparison.scenario().packet())) {
            hugePages = filled.hugePages();
            Throughput throughput = PortMeasurement.measure(engine, comparison.program(), List.of(filled.port()), nanoseconds);
            if (throughput.packetsPerSecond() == 0) {
                throw new MissingException("only of programs that send packets back, as others empty the ring");
            }
            return throughput;
        } catch (IOException e) {
            throw new MissingException(e.getMessage());
        }
    }
}
