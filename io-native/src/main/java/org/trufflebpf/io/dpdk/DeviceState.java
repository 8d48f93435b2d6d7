package org.trufflebpf.io.dpdk;

import java.util.LinkedHashMap;
import java.util.Map;
import org.trufflebpf.io.memory.Memory;

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

    /** Bytes of memory that {@link #read} works in. */
    static final int ROOM = Abi.ETH_STATS + Abi.ETH_LINK;

    /** @param room address of so many bytes */
    static DeviceState read(Library library, int port, long room) {
        long link = room + Abi.ETH_STATS;
        Memory.fill(room, Abi.ETH_STATS, (byte) 0);
        Memory.putLong(link, Abi.ETH_LINK_UP);
        library.call("rte_eth_stats_get", port, room);
        library.call("rte_eth_link_get_nowait", port, link);
        long state = Memory.getLong(link);
        long speed = state & UNKNOWN_SPEED;
        return new DeviceState(Memory.getLong(room + Abi.ETH_STATS_IPACKETS), Memory.getLong(room + Abi.ETH_STATS_OPACKETS),
                Memory.getLong(room + Abi.ETH_STATS_IMISSED), Memory.getLong(room + Abi.ETH_STATS_RX_NOMBUF),
                Memory.getLong(room + Abi.ETH_STATS_IERRORS),
                Memory.getLong(room + Abi.ETH_STATS_OERRORS), (state & Abi.ETH_LINK_UP) != 0, speed == UNKNOWN_SPEED ? 0 : speed,
                library.call("rte_eth_promiscuous_get", port) == 1);
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
