package org.trufflebpf.io.xsk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.trufflebpf.io.libc.Libc;
import org.trufflebpf.io.linux.Bpf;
import org.trufflebpf.io.linux.BpfException;
import org.trufflebpf.io.linux.Device;
import org.trufflebpf.io.linux.KernelLink;
import org.trufflebpf.io.linux.KernelMap;
import org.trufflebpf.io.linux.KernelProgram;
import org.trufflebpf.io.linux.KernelVersion;

/**
 * The program in the kernel that hands the packets of an interface to AF_XDP sockets, by queue; those of queues without a socket go on to the network
 * stack. It is attached until this is closed or the process ends, however that comes about.
 */
final class RedirectProgram implements AutoCloseable {
    private static final int XDP_PASS = 2;

    private final KernelMap sockets;
    private final KernelLink link;
    private final boolean isNative;

    private RedirectProgram(KernelMap sockets, KernelLink link, boolean isNative) {
        this.sockets = sockets;
        this.link = link;
        this.isNative = isNative;
    }

    /** @param queues numbers below this can have a socket */
    static RedirectProgram attach(XskSettings settings, Device device, int queues) throws IOException {
        KernelMap sockets = null;
        try {
            sockets = KernelMap.create(Bpf.MAP_TYPE_XSKMAP, Integer.BYTES, Integer.BYTES, queues);
            try (KernelProgram program = load(sockets)) {
                RedirectProgram attached = attach(settings, device, sockets, program);
                sockets = null;
                return attached;
            }
        } catch (BpfException e) {
            throw new IOException(settings.name() + ": " + (e.errno() == Libc.EPERM || e.errno() == Libc.EACCES
                    ? "no permission for the kernel's program: run as root or with the capabilities CAP_NET_RAW, CAP_NET_ADMIN and CAP_BPF"
                    : e.getMessage()), e);
        } finally {
            if (sockets != null) {
                sockets.close();
            }
        }
    }

    /** It does not mind how many buffers a packet has, so it can be attached where the MTU is large. */
    private static KernelProgram load(KernelMap sockets) throws BpfException {
        return KernelProgram.load(code(sockets.fd()), "Apache-2.0", "ebpf_redirect", null, KernelVersion.current().isAtLeast(5, 18));
    }

    private static RedirectProgram attach(XskSettings settings, Device device, KernelMap sockets, KernelProgram program)
            throws BpfException, IOException {
        if (settings.attaching() != XskSettings.Attaching.GENERIC) {
            try {
                return new RedirectProgram(sockets, KernelLink.attach(program, device.index(), KernelLink.Mode.NATIVE), true);
            } catch (BpfException e) {
                refuse(settings, device, e);
                if (settings.attaching() == XskSettings.Attaching.NATIVE) {
                    throw new IOException(settings.name() + ": the driver takes no program (" + e.getMessage() + "): leave attach=native out"
                            + (e.errno() == Libc.EINVAL || e.errno() == Libc.ERANGE ? " or make the MTU smaller" : ""), e);
                }
            }
        }
        try {
            return new RedirectProgram(sockets, KernelLink.attach(program, device.index(), KernelLink.Mode.GENERIC), false);
        } catch (BpfException e) {
            refuse(settings, device, e);
            throw e;
        }
    }

    /** Where another mode would not help. */
    private static void refuse(XskSettings settings, Device device, BpfException e) throws IOException {
        if (e.errno() == Libc.EBUSY || e.errno() == Libc.EEXIST) {
            throw new IOException(settings.name() + ": another XDP program is attached to the interface: end what attached it, or ip link set dev "
                    + device.name() + " xdp off", e);
        }
        if (e.errno() == Libc.ENODEV) {
            throw new IOException(settings.name() + ": the interface is gone", e);
        }
    }

    /** return bpf_redirect_map(sockets, ctx->rx_queue_index, XDP_PASS). */
    private static byte[] code(int map) {
        ByteBuffer code = ByteBuffer.allocate(6 * 8).order(ByteOrder.LITTLE_ENDIAN);
        code.put((byte) 0x61).put((byte) 0x12).putShort((short) 16).putInt(0); // r2 = *(u32 *)(r1 + 16)
        code.put((byte) 0x18).put((byte) 0x11).putShort((short) 0).putInt(map).putLong(0); // r1 = map
        code.put((byte) 0xb7).put((byte) 0x03).putShort((short) 0).putInt(XDP_PASS); // r3 = XDP_PASS
        code.put((byte) 0x85).put((byte) 0x00).putShort((short) 0).putInt(51); // call bpf_redirect_map
        code.put((byte) 0x95).put((byte) 0x00).putShort((short) 0).putInt(0); // exit
        return code.array();
    }

    /** Whether the driver runs the program. */
    boolean isNative() {
        return isNative;
    }

    /** From now on the socket gets the queue's packets. */
    void add(int queue, XskSocket socket) throws IOException {
        try {
            sockets.update(bytes(queue), bytes(socket.descriptor()), KernelMap.ANY);
        } catch (BpfException e) {
            throw new IOException("queue " + queue + " cannot be taken over: " + e.getMessage(), e);
        }
    }

    private static byte[] bytes(int value) {
        return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
    }

    @Override
    public void close() {
        link.close();
        sockets.close();
    }
}
