package org.trufflebpf.bench;

import java.util.List;
import org.trufflebpf.io.loop.Waiter;
import org.trufflebpf.io.xsk.Rehearsal;
import org.trufflebpf.io.xsk.XskPorts;
import org.trufflebpf.io.xsk.XskSettings;

/** An AF_XDP port of ours at a veth, whose driver works on the sender's processor. */
final class XskCarrier implements Carrier {
    private static final int IFINDEX = 1;

    private final TruffleEngine engine;
    /** Laid when first needed, and the loop rehearsed. */
    private VethCable cable;

    XskCarrier(TruffleEngine engine) {
        this.engine = engine;
    }

    @Override
    public String name() {
        return "AF_XDP, veth";
    }

    @Override
    public Throughput carry(Comparison comparison, long nanoseconds) throws MissingException {
        if (cable == null) {
            cable = new VethCable();
            cable.call(() -> {
                Rehearsal.run(List.of(), false, false, Waiter.SLEEP);
                return null;
            });
        }
        return cable.call(() -> {
            XskSettings settings = new XskSettings(VethCable.NEAR, IFINDEX, 0, XskSettings.Copying.AUTOMATIC, XskSettings.Attaching.NATIVE,
                            XskSettings.USUAL_RING, false);
            try (XskPorts ports = XskPorts.open(List.of(settings), 1, false, false, line -> { });
                            VethCable.Flood _ = cable.new Flood(comparison.scenario().packet())) {
                return PortMeasurement.measure(engine, comparison.program(), ports.ports().getFirst(), nanoseconds);
            }
        });
    }

    @Override
    public void close() {
        if (cable != null) {
            cable.close();
        }
    }
}
