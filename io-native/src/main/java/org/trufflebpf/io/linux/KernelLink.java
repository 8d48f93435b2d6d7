package org.trufflebpf.io.linux;

import org.trufflebpf.io.libc.Libc;

/** A program attached to an interface by a bpf_link: when this is closed, or the process ends in whatever way, the kernel detaches it. */
public final class KernelLink implements AutoCloseable {
    /** Where in the kernel a program sees packets; values of IFLA_XDP_FLAGS. */
    public enum Mode {
        /** In the driver, before there is a socket buffer. */
        NATIVE(4),
        /** In the network stack: any interface can do that, slower. */
        GENERIC(2);

        private final int flag;

        Mode(int flag) {
            this.flag = flag;
        }
    }

    private final int fd;
    private boolean closed;

    private KernelLink(int fd) {
        this.fd = fd;
    }

    /**
     * @param program may be closed before the link
     * @param ifindex of the interface, in the network namespace of the calling thread
     * @throws BpfException among others with EBUSY if another program is attached, EOPNOTSUPP if the driver cannot
     */
    public static KernelLink attach(KernelProgram program, int ifindex, Mode mode) throws BpfException {
        try (Attributes attributes = new Attributes()) {
            int fd = attributes.u32(0, program.fd()).u32(4, ifindex).u32(8, KernelProgram.ATTACH_XDP).u32(12, mode.flag).call(Attributes.LINK_CREATE);
            if (fd < 0) {
                throw new BpfException("attach a program to interface " + ifindex, -fd, "");
            }
            return new KernelLink(fd);
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Libc.close(fd);
        }
    }
}
