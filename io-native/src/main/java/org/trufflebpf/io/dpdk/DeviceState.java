package org.trufflebpf.io.dpdk;

import java.util.LinkedHashMap;
import java.util.Map;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/**
 * What a device says of itself at a moment: its link and its own counters, which are in packets and started when it was added.
 *
 * @param missed had no room in the device's ring
 * @param withoutFrame came when no frame was free to receive into
 * @param megabits per second, 0 if that is not known
 * @param promiscuous whether it receives what is for other machines, too
 */
record DeviceState(long received, long sent, long missed, long withoutFrame, long receiveErrors, long sendErrors, boolean linkUp, long megabits,
        boolean promiscuous) {
    /** Of a device that nothing was heard of yet, or any more. */
    static final DeviceState UNKNOWN = new DeviceState(0, 0, 0, 0, 0, 0, true, 0, false);

    private static final long UNKNOWN_SPEED = 0xffff_ffffL;

    static DeviceState read(Library library, int port) {
        try (NativeBlock statistics = new NativeBlock(Abi.ETH_STATS); NativeBlock link = new NativeBlock(Abi.ETH_LINK)) {
            Memory.fill(statistics.address(), Abi.ETH_STATS, (byte) 0);
            Memory.putLong(link.address(), Abi.ETH_LINK_UP);
            library.call("rte_eth_stats_get", port, statistics.address());
            library.call("rte_eth_link_get_nowait", port, link.address());
            long state = Memory.getLong(link.address());
            long speed = state & UNKNOWN_SPEED;
            return new DeviceState(Memory.getLong(statistics.address() + Abi.ETH_STATS_IPACKETS), Memory.getLong(statistics.address() + Abi.ETH_STATS_OPACKETS),
                    Memory.getLong(statistics.address() + Abi.ETH_STATS_IMISSED), Memory.getLong(statistics.address() + Abi.ETH_STATS_RX_NOMBUF),
                    Memory.getLong(statistics.address() + Abi.ETH_STATS_IERRORS), Memory.getLong(statistics.address() + Abi.ETH_STATS_OERRORS),
                    (state & Abi.ETH_LINK_UP) != 0, speed == UNKNOWN_SPEED ? 0 : speed, library.call("rte_eth_promiscuous_get", port) == 1);
        }
    }

    /** Words for people. */
    Map<String, Long> details() {
        Map<String, Long> details = new LinkedHashMap<>();
        details.put("received by the device", received);
        details.put("sent by the device", sent);
        details.put("missed as the device's ring was full", missed);
        details.put("missed as no frame was free", withoutFrame);
        details.put("missed for receive errors", receiveErrors);
        details.put("send errors", sendErrors);
        details.put("link up", linkUp ? 1L : 0);
        details.put("link megabits per second", megabits);
        details.put("promiscuous", promiscuous ? 1L : 0);
        return details;
    }
}
