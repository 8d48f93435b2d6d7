package org.trufflebpf.io.linux;

import org.trufflebpf.io.libc.Libc;

/** Type information in the kernel, for maps and programs that need it. Those that were made with it keep it; any thread may close it. */
public final class KernelBtf implements AutoCloseable {
    private static final int LOG_SIZE = 1 << 16;

    private final int fd;
    private boolean closed;

    private KernelBtf(int fd) {
        this.fd = fd;
    }

    /**
     * @param btf as in an object file's .BTF section, but of what only the kernel can check there: sizes and offsets in DATASECs must be right
     * @throws BpfException if the kernel rejects it; {@link BpfException#log} then says why
     */
    public static KernelBtf load(byte[] btf) throws BpfException {
        try (Attributes attributes = new Attributes()) {
            long log = attributes.buffer(LOG_SIZE);
            int fd = attributes.u64(0, attributes.buffer(btf)).u64(8, log).u32(16, btf.length).u32(20, LOG_SIZE).u32(24, 1).call(Attributes.BTF_LOAD);
            if (fd < 0) {
                throw new BpfException("load " + btf.length + " bytes of type information", -fd, Attributes.text(log, LOG_SIZE));
            }
            return new KernelBtf(fd);
        }
    }

    int fd() {
        return fd;
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Libc.close(fd);
        }
    }
}
