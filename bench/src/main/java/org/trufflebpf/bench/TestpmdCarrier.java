package org.trufflebpf.bench;

import java.util.Map;

/** DPDK's own forwarder in the place of ours, for programs that do what one of its forward modes does. */
final class TestpmdCarrier implements Carrier {
    private static final Map<String, String> MODES = Map.of("xdp_tx", "macswap");

    private final DpdkCarrier ours;

    /** @param ours takes its turn before */
    TestpmdCarrier(DpdkCarrier ours) {
        this.ours = ours;
    }

    @Override
    public String name() {
        return "testpmd, " + ours.device().label();
    }

    @Override
    public Throughput carry(Comparison comparison, long nanoseconds) throws MissingException {
        String mode = MODES.get(comparison.scenario().label());
        if (mode == null) {
            throw new MissingException("only of programs that do what a forward mode of it does: " + String.join(", ", MODES.keySet()));
        }
        double each = Testpmd.nanoseconds(ours.device(), comparison.scenario().packet().length, mode, ours.hugePages());
        return new Throughput(1e9 / each, Double.NaN, Double.NaN);
    }
}
