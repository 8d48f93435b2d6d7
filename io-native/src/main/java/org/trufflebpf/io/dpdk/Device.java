package org.trufflebpf.io.dpdk;

import java.util.function.Consumer;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/**
 * An Ethernet device of DPDK with its queues: a physical one by its PCI address, or a virtual one by its driver's name, as net_ring0. It is added to
 * the environment when it is opened and removed when it is closed.
 */
public final class Device implements AutoCloseable {
    /** Descriptors of each ring, where the device does not want others. */
    static final int DESCRIPTORS = 1024;
    /** What {@link #mac} says of a device without an address. */
    public static final long NO_MAC = -1;

    private final FrameStore frames;
    private final Eal eal;
    private final String name;
    private final String bus;
    /** Whether it is a driver over one of the kernel's interfaces. */
    private final boolean overInterface;
    private final Consumer<String> messages;
    private int port;
    private int rxQueues;
    private final boolean fragments;
    private boolean sendsSegments;
    private boolean started;
    private boolean closed;
    private volatile DeviceState state = DeviceState.UNKNOWN;
    /** What it is asked into, made once: freeing memory has all threads of the virtual machine stop for a moment. Null until it is asked. */
    private NativeBlock answers;

    /**
     * Not started yet.
     *
     * @param arguments the device's name, then what its driver takes, as EAL spells it: {@code net_pcap0,rx_pcap=in.pcap}
     * @param workers each has a queue to send on, and as far as the device has them one to receive from
     * @param messages gets a line about each queue when it starts, and when something happens to the device; from any worker's thread
     * @throws DpdkException if it cannot be had
     */
    public Device(FrameStore frames, String arguments, int workers, Consumer<String> messages) throws DpdkException {
        this(frames, arguments, workers, 0, false, messages);
    }

    /**
     * The same.
     *
     * @param mtu most bytes of a packet without the Ethernet header, 0 for the device's own
     * @param fragments whether packets of several buffers are wanted
     */
    public Device(FrameStore frames, String arguments, int workers, int mtu, boolean fragments, Consumer<String> messages) throws DpdkException {
        this.frames = frames;
        this.fragments = fragments;
        this.messages = messages;
        this.eal = frames.eal();
        int comma = arguments.indexOf(',');
        this.name = comma < 0 ? arguments : arguments.substring(0, comma);
        this.bus = name.startsWith("net_") ? "vdev" : "pci";
        String own = comma < 0 ? "" : arguments.substring(comma + 1);
        this.overInterface = name.matches("net_(tap|af_).*") || own.contains("iface=");
        Eal.onMain(() -> {
            add(own);
            try {
                configure(workers, mtu);
            } catch (DpdkException e) {
                remove();
                throw e;
            }
            return null;
        });
    }

    private void add(String own) throws DpdkException {
        eal.log().clear();
        int result = eal.library().call("rte_eal_hotplug_add", bus, name, own);
        if (result < 0) {
            throw new DpdkException("DPDK cannot add device '" + name + "'" + (own.isEmpty() ? "" : " with '" + own + "'") + ": " + reason(result));
        }
        try (NativeBlock number = new NativeBlock(Long.BYTES)) {
            if (eal.library().call("rte_eth_dev_get_port_by_name", name, number.address()) != 0) {
                eal.library().call("rte_eal_hotplug_remove", bus, name);
                throw new DpdkException("device '" + name + "' is not an Ethernet device");
            }
            port = Memory.getShort(number.address()) & 0xffff;
        }
    }

    private void configure(int workers, int mtu) throws DpdkException {
        try (NativeBlock information = new NativeBlock(2 * Abi.DEV_INFO); NativeBlock configuration = new NativeBlock(2 * Abi.ETH_CONF);
                NativeBlock counts = new NativeBlock(2 * Short.BYTES)) {
            check(eal.library().call("rte_eth_dev_info_get", port, information.address()), "says nothing of itself");
            int mostReceiving = Memory.getShort(information.address() + Abi.DEV_INFO_MAX_RX_QUEUES) & 0xffff;
            int mostSending = Memory.getShort(information.address() + Abi.DEV_INFO_MAX_TX_QUEUES) & 0xffff;
            if (mostSending < workers) {
                throw new DpdkException("device '" + name + "' has " + mostSending + " queues to send on, and each worker needs one: use --workers "
                        + mostSending);
            }
            rxQueues = Math.min(workers, mostReceiving);
            long spread = Memory.getLong(information.address() + Abi.DEV_INFO_RSS_OFFLOADS);
            Memory.fill(configuration.address(), 2 * Abi.ETH_CONF, (byte) 0);
            if (rxQueues > 1 && spread != 0) {
                Memory.putInt(configuration.address() + Abi.ETH_CONF_RX_MQ_MODE, Abi.MQ_RX_RSS);
                Memory.putLong(configuration.address() + Abi.ETH_CONF_RSS_HF, spread);
            }
            long receives = fragments ? Memory.getLong(information.address() + Abi.DEV_INFO_RX_OFFLOADS) & Abi.RX_SCATTER : 0;
            long sends = fragments ? Memory.getLong(information.address() + Abi.DEV_INFO_TX_OFFLOADS) & Abi.TX_SEGMENTS : 0;
            Memory.putInt(configuration.address() + Abi.ETH_CONF_RX_MTU, mtu);
            Memory.putLong(configuration.address() + Abi.ETH_CONF_RX_OFFLOADS, receives);
            Memory.putLong(configuration.address() + Abi.ETH_CONF_TX_OFFLOADS, sends);
            sendsSegments = sends != 0;
            check(eal.library().call("rte_eth_dev_configure", port, rxQueues, workers, configuration.address()), "cannot be configured");
            Memory.putShort(counts.address(), (short) DESCRIPTORS);
            Memory.putShort(counts.address() + Short.BYTES, (short) DESCRIPTORS);
            check(eal.library().call("rte_eth_dev_adjust_nb_rx_tx_desc", port, counts.address(), counts.address() + Short.BYTES),
                    "wants no descriptors");
            int receiving = Memory.getShort(counts.address()) & 0xffff;
            int sending = Memory.getShort(counts.address() + Short.BYTES) & 0xffff;
            // As the driver wants them, but without what it would do to packets.
            Memory.putLong(information.address() + Abi.DEV_INFO_RX_CONF_OFFLOADS, 0);
            Memory.putLong(information.address() + Abi.DEV_INFO_TX_CONF_OFFLOADS, 0);
            for (int queue = 0; queue < rxQueues; queue++) {
                check(eal.library().call("rte_eth_rx_queue_setup", port, queue, receiving, Abi.ANY_SOCKET,
                        information.address() + Abi.DEV_INFO_RX_CONF, frames.pool()), "has no receive queue " + queue);
            }
            for (int queue = 0; queue < workers; queue++) {
                check(eal.library().call("rte_eth_tx_queue_setup", port, queue, sending, Abi.ANY_SOCKET,
                        information.address() + Abi.DEV_INFO_TX_CONF),
                        "has no queue " + queue + " to send on");
            }
        }
    }

    private void check(int result, String what) throws DpdkException {
        if (result < 0) {
            throw new DpdkException("device '" + name + "' " + what + ": " + reason(result));
        }
    }

    /** The driver's, and ours where it may be that. */
    private String reason(int result) throws DpdkException {
        return eal.log().first(eal.library().describe(result)) + (!overInterface || Eal.mayUseInterfaces() ? ""
                : " (interfaces need root or the capabilities CAP_NET_ADMIN and CAP_NET_RAW, which this process does not have)");
    }

    public String name() {
        return name;
    }

    /** Whether packets of several buffers are wanted. */
    boolean handlesFragments() {
        return fragments;
    }

    /** Whether they may leave in several buffers. */
    boolean sendsSegments() {
        return sendsSegments;
    }

    FrameStore frames() {
        return frames;
    }

    /** Queues that packets come from. */
    public int rxQueues() {
        return rxQueues;
    }

    /**
     * Its Ethernet address in the low 48 bits, the first byte the most significant one; {@link #NO_MAC} if it has none that an interface may have.
     */
    public long mac() {
        try (NativeBlock block = new NativeBlock(Abi.MAC)) {
            eal.library().call("rte_eth_macaddr_get", port, block.address());
            long mac = 0;
            for (int i = 0; i < Abi.MAC; i++) {
                mac = mac << Byte.SIZE | Memory.getByte(block.address() + i) & 0xff;
            }
            boolean group = (Memory.getByte(block.address()) & 1) != 0;
            return mac == 0 || group ? NO_MAC : mac;
        }
    }

    /** From now on packets come to a queue. The first of the queues that calls it starts the device. */
    synchronized void start(int queue) throws DpdkException {
        if (!started) {
            Eal.onMain(() -> {
                eal.log().clear();
                check(eal.library().call("rte_eth_dev_start", port), "does not start");
                // Not all can: those that are no network cards hand over everything anyway.
                eal.library().call("rte_eth_promiscuous_enable", port);
                return null;
            });
            started = true;
        }
        if (queue < rxQueues) {
            messages.accept("dpdk:" + name + ", queue " + queue + ": receives into " + (eal.hugePages() ? "huge" : "small") + " pages");
        }
    }

    /** Address of the device's struct rte_eth_fp_ops, which starting fills. */
    long fastPath() {
        return eal.library().data("rte_eth_fp_ops") + (long) port * Abi.FP_OPS;
    }

    /** What it said when it was last {@linkplain #look looked at}. */
    DeviceState state() {
        return state;
    }

    /** Asks it for its state, which takes microseconds, and says so if its link went up or down. */
    synchronized DeviceState look() {
        if (!closed) {
            boolean wasUp = state.linkUp();
            if (answers == null) {
                answers = new NativeBlock(DeviceState.ROOM);
            }
            state = DeviceState.read(eal.library(), port, answers.address());
            if (started && state.linkUp() != wasUp) {
                messages.accept("dpdk:" + name + ": the link is " + (wasUp ? "down" : "up"));
            }
        }
        return state;
    }

    private void remove() {
        eal.library().call("rte_eth_dev_close", port);
        eal.library().call("rte_eal_hotplug_remove", bus, name);
    }

    /** Stops and removes it; its frames go back. No queue of it may be used any more. Twice is harmless. */
    @Override
    public synchronized void close() throws DpdkException {
        if (!closed) {
            closed = true;
            if (answers != null) {
                answers.close();
            }
            Eal.onMain(() -> {
                if (started) {
                    eal.library().call("rte_eth_dev_stop", port);
                }
                remove();
                return null;
            });
        }
    }
}
