package org.trufflebpf.io.xsk;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.trufflebpf.io.libc.Libc;
import org.trufflebpf.io.linux.Device;
import org.trufflebpf.io.linux.KernelVersion;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/**
 * An AF_XDP socket with its four rings, bound to one queue of an interface (net/xdp/xsk.c). It gets packets once an XSKMAP has it. Opened and closed by
 * any thread, otherwise used by one.
 */
final class XskSocket implements AutoCloseable {
    private static final int AF_UNIX = 1;
    private static final int AF_XDP = 44;
    private static final int SOCK_RAW = 3;
    private static final int SOCK_SEQPACKET = 5;
    private static final int SOCK_CLOEXEC = 0x80000;

    private static final int SOL_XDP = 283;
    private static final int XDP_MMAP_OFFSETS = 1;
    private static final int XDP_RX_RING = 2;
    private static final int XDP_TX_RING = 3;
    private static final int XDP_UMEM_REG = 4;
    private static final int XDP_UMEM_FILL_RING = 5;
    private static final int XDP_UMEM_COMPLETION_RING = 6;
    private static final int XDP_STATISTICS = 7;
    private static final int XDP_OPTIONS = 8;
    private static final int XDP_MAX_TX_SKB_BUDGET = 9;
    private static final int SO_ERROR = 4;
    private static final int SO_BUSY_POLL = 46;
    private static final int SO_PREFER_BUSY_POLL = 69;
    private static final int SO_BUSY_POLL_BUDGET = 70;

    private static final int XDP_COPY = 2;
    private static final int XDP_ZEROCOPY = 4;
    private static final int XDP_USE_NEED_WAKEUP = 8;
    private static final int XDP_USE_SG = 16;
    private static final int OPTION_ZEROCOPY = 1;

    private static final long PAGE_OFFSET_RX = 0;
    private static final long PAGE_OFFSET_TX = 0x80000000L;
    private static final long PAGE_OFFSET_FILL = 0x100000000L;
    private static final long PAGE_OFFSET_COMPLETION = 0x180000000L;

    /** struct xdp_umem_reg. */
    private static final int UMEM_REG = 32;
    /** struct xdp_mmap_offsets: of each ring producer, consumer, entries and flags, u64 each. */
    private static final int OFFSETS = 128;
    private static final int OFFSETS_OF_RING = 32;
    /** struct sockaddr_xdp. */
    private static final int ADDRESS = 16;
    /** struct xdp_statistics: six u64. */
    static final int STATISTICS = 48;
    /** More than any structure here needs. */
    private static final int SCRATCH = 256;

    /** A queue that was in use a moment ago can still be: the kernel frees it late. */
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(1);
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(10);
    /** Microseconds that a busy-polling call looks for packets. */
    private static final int BUSY_MICROSECONDS = 20;

    private final String name;
    private final int fd;
    private final NativeBlock scratch = new NativeBlock(SCRATCH);
    private final long[][] mappings = new long[4][];
    private boolean busyPolling;
    private boolean fragments;
    private Ring fill;
    private Ring completion;
    private Ring rx;
    private Ring tx;
    private boolean closed;

    private XskSocket(String name, int fd) {
        this.name = name;
        this.fd = fd;
    }

    /**
     * A socket whose rings the caller has. It is connected with nobody, which poll(2) finds worth reporting at once: so waiting for packets, which
     * come by other ways than the kernel's, takes no time.
     */
    XskSocket(Ring fill, Ring completion, Ring rx, Ring tx) {
        this("memory", Libc.socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
        this.fill = fill;
        this.completion = completion;
        this.rx = rx;
        this.tx = tx;
        this.fragments = true;
    }

    /**
     * Opens a socket, fills its fill ring with frames and binds it.
     *
     * @throws IOException if that cannot be; one line
     */
    static XskSocket open(XskSettings settings, Device device, int queue, Umem umem) throws IOException {
        String name = settings.name() + ", queue " + queue;
        int fd = Libc.socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
        if (fd < 0) {
            throw new IOException(name + ": " + switch (-fd) {
                case Libc.EPERM, Libc.EACCES -> "no permission for AF_XDP sockets: run as root or with the capabilities CAP_NET_RAW, CAP_NET_ADMIN and CAP_BPF";
                case Libc.EAFNOSUPPORT -> "this kernel has no AF_XDP sockets";
                default -> "no AF_XDP socket: error " + -fd;
            });
        }
        XskSocket socket = new XskSocket(name, fd);
        boolean opened = false;
        try {
            socket.makeRings(umem, settings.ring());
            socket.fill(umem);
            // Without either flag the kernel copies where the driver has no zero copy.
            int flags = switch (settings.copying()) {
                case AUTOMATIC -> 0;
                case COPY -> XDP_COPY;
                case ZERO_COPY -> XDP_ZEROCOPY;
            };
            socket.fragments = umem.gathered() != null && KernelVersion.current().isAtLeast(6, 6);
            int error = socket.bind(device.index(), queue, flags | XDP_USE_NEED_WAKEUP | (socket.fragments ? XDP_USE_SG : 0));
            if (error == Libc.EOPNOTSUPP && socket.fragments) {
                // A driver's zero copy can be for one buffer only.
                socket.fragments = false;
                error = socket.bind(device.index(), queue, flags | XDP_USE_NEED_WAKEUP);
            }
            if (error > 0) {
                throw new IOException(name + ": " + reason(error, device));
            }
            opened = true;
            return socket;
        } finally {
            if (!opened) {
                socket.unfill(umem);
                socket.close();
            }
        }
    }

    private static String reason(int error, Device device) {
        return switch (error) {
            case Libc.EBUSY -> "the queue is in use by another AF_XDP socket: choose another with queue=, or end that program";
            case Libc.EINVAL -> "there is no such queue: ethtool -l " + device.name() + " lists how many there are";
            case Libc.ENETDOWN -> "the interface is down: ip link set " + device.name() + " up";
            case Libc.EOPNOTSUPP -> "the driver cannot do that: leave mode= out";
            case Libc.ENODEV -> "the interface is gone";
            default -> "the socket cannot be bound: error " + error;
        };
    }

    private void makeRings(Umem umem, int size) throws IOException {
        long place = scratch.address();
        Memory.putLong(place, umem.address());
        Memory.putLong(place + 8, umem.size());
        Memory.putInt(place + 16, Umem.CHUNK);
        int error = -Libc.setsockopt(fd, SOL_XDP, XDP_UMEM_REG, place, UMEM_REG);
        if (error > 0) {
            throw new IOException(name + ": " + (error == Libc.ENOBUFS || error == Libc.ENOMEM || error == Libc.EPERM
                    ? "the kernel may not lock " + (umem.size() >> 10) + " KiB of packet memory: raise ulimit -l, grant CAP_IPC_LOCK or use a smaller ring="
                    : "packet memory cannot be registered: error " + error));
        }
        for (int option : new int[] {XDP_UMEM_FILL_RING, XDP_UMEM_COMPLETION_RING, XDP_RX_RING, XDP_TX_RING}) {
            Memory.putInt(place, size);
            require(Libc.setsockopt(fd, SOL_XDP, option, place, Integer.BYTES), "ring " + option);
        }
        // Otherwise a call sends no more than 32 packets; kernels before 6.18 do not know it.
        Memory.putInt(place, size);
        Libc.setsockopt(fd, SOL_XDP, XDP_MAX_TX_SKB_BUDGET, place, Integer.BYTES);

        Memory.putInt(place + OFFSETS, OFFSETS);
        require(Libc.getsockopt(fd, SOL_XDP, XDP_MMAP_OFFSETS, place, place + OFFSETS), "ring offsets");
        rx = map(0, PAGE_OFFSET_RX, Ring.PACKET, size);
        tx = map(1, PAGE_OFFSET_TX, Ring.PACKET, size);
        fill = map(2, PAGE_OFFSET_FILL, Ring.FRAME, size);
        completion = map(3, PAGE_OFFSET_COMPLETION, Ring.FRAME, size);
    }

    /** @param number of the ring in struct xdp_mmap_offsets */
    private Ring map(int number, long offset, int entrySize, int size) throws IOException {
        long offsets = scratch.address() + (long) number * OFFSETS_OF_RING;
        long entries = Memory.getLong(offsets + 16);
        long length = entries + (long) size * entrySize;
        long address = Libc.mmap(0, length, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED | Libc.MAP_POPULATE, fd, offset);
        require(address < 0 ? (int) address : 0, "mapping of ring " + number);
        mappings[number] = new long[] {address, length};
        return new Ring(address + Memory.getLong(offsets), address + Memory.getLong(offsets + 8), address + Memory.getLong(offsets + 24),
                address + entries, entrySize, size);
    }

    private void require(int result, String what) throws IOException {
        if (result < 0) {
            throw new IOException(name + ": " + what + ": error " + -result);
        }
    }

    private void fill(Umem umem) {
        int count = Math.min(fill.room(fill.size()), umem.available());
        for (int i = 0; i < count; i++) {
            Memory.putLong(fill.entry(i), umem.take() - umem.address());
        }
        fill.advance(count);
        fill.publish();
    }

    /** Before the socket was bound nobody has taken anything. */
    private void unfill(Umem umem) {
        for (int i = fill == null ? 0 : fill.waiting(); i > 0; i--) {
            umem.give(umem.address() + Memory.getLong(fill.entry(-i)));
        }
    }

    /** @return 0 or an errno */
    private int bind(int ifindex, int queue, int flags) {
        long place = scratch.address();
        Memory.fill(place, ADDRESS, (byte) 0);
        Memory.putShort(place, (short) AF_XDP);
        Memory.putShort(place + 2, (short) flags);
        Memory.putInt(place + 4, ifindex);
        Memory.putInt(place + 8, queue);
        long start = System.nanoTime();
        while (true) {
            int error = -Libc.bind(fd, place, ADDRESS);
            if (error != Libc.EBUSY || System.nanoTime() - start > PATIENCE) {
                return error;
            }
            LockSupport.parkNanos(PAUSE);
        }
    }

    /** From now on {@link #look} has the driver look for packets at once, and the kernel leaves that to us as long as we do. */
    void pollBusily() throws IOException {
        int[][] options = {{SO_PREFER_BUSY_POLL, 1}, {SO_BUSY_POLL, BUSY_MICROSECONDS}, {SO_BUSY_POLL_BUDGET, 64}};
        for (int[] option : options) {
            Memory.putInt(scratch.address(), option[1]);
            require(Libc.setsockopt(fd, Libc.SOL_SOCKET, option[0], scratch.address(), Integer.BYTES), "busy polling");
        }
        busyPolling = true;
    }

    /** What poll(2) waits on. */
    int descriptor() {
        return fd;
    }

    /** Frames to receive into, on their way to the kernel. */
    Ring fill() {
        return fill;
    }

    /** Frames that were sent, on their way back. */
    Ring completion() {
        return completion;
    }

    /** Packets that came in. */
    Ring rx() {
        return rx;
    }

    /** Packets to send. */
    Ring tx() {
        return tx;
    }

    /** Whether packets may be of several descriptors, in both directions. */
    boolean handlesFragments() {
        return fragments;
    }

    boolean isZeroCopy() throws IOException {
        Memory.putInt(scratch.address() + 8, Integer.BYTES);
        require(Libc.getsockopt(fd, SOL_XDP, XDP_OPTIONS, scratch.address(), scratch.address() + 8), "options");
        return (Memory.getInt(scratch.address()) & OPTION_ZEROCOPY) != 0;
    }

    /** Has the kernel send what is in the tx ring, if it asks for that. @return 0 or an errno */
    int send() {
        return tx.needsWakeup() || busyPolling ? (int) -Math.min(0, Libc.send(fd, 0, 0, Libc.MSG_DONTWAIT)) : 0;
    }

    /** Has the driver look for packets, if it asks for that. */
    void look() {
        if (busyPolling || fill.needsWakeup()) {
            Libc.recv(fd, 0, 0, Libc.MSG_DONTWAIT);
        }
    }

    /** What happened to the socket since this was last asked: 0 or an errno. */
    int error() {
        Memory.putInt(scratch.address() + 8, Integer.BYTES);
        int result = Libc.getsockopt(fd, Libc.SOL_SOCKET, SO_ERROR, scratch.address(), scratch.address() + 8);
        return result < 0 ? -result : Memory.getInt(scratch.address());
    }

    /** Writes the kernel's struct xdp_statistics, {@link #STATISTICS} bytes; false if it does not give any. */
    boolean statistics(long place) {
        Memory.putInt(scratch.address(), STATISTICS);
        return Libc.getsockopt(fd, SOL_XDP, XDP_STATISTICS, place, scratch.address()) == 0;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Libc.close(fd);
            for (long[] mapping : mappings) {
                if (mapping != null) {
                    Libc.munmap(mapping[0], mapping[1]);
                }
            }
            scratch.close();
        }
    }
}
