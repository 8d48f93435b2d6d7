package org.trufflebpf.io.xsk;

/**
 * What an AF_XDP port is to be.
 *
 * @param device name of the interface
 * @param ifindex the port's interface number in the run, which need not be the kernel's
 * @param queue the interface's receive queue that is the first worker's; the next worker has the next one
 * @param copying whether packets are copied between driver and memory
 * @param attaching where in the kernel the packets are taken
 * @param ring entries of each ring, a power of two
 * @param huge whether the memory lies in pages of 2 MiB if there are any
 * @param keepsChecksums whether packets stay as they come even if the sender left their checksum to a network card that there is not
 */
public record XskSettings(String device, int ifindex, int queue, Copying copying, Attaching attaching, int ring, boolean huge,
        boolean keepsChecksums) {
    /** 1.1 ms of packets at 1.9 million per second. */
    public static final int USUAL_RING = 2048;
    public static final int SMALLEST_RING = 64;
    public static final int LARGEST_RING = 1 << 16;

    /** Whether packets are copied. */
    public enum Copying {
        /** Only where the driver cannot do without. */
        AUTOMATIC, COPY, ZERO_COPY
    }

    /** Where packets are taken. */
    public enum Attaching {
        /** In the driver if it can do that. */
        AUTOMATIC, NATIVE, GENERIC
    }

    /** Checksums are finished. */
    public XskSettings(String device, int ifindex, int queue, Copying copying, Attaching attaching, int ring, boolean huge) {
        this(device, ifindex, queue, copying, attaching, ring, huge, false);
    }

    XskSettings keepingChecksums() {
        return new XskSettings(device, ifindex, queue, copying, attaching, ring, huge, true);
    }

    /** What messages call the port. */
    String name() {
        return "xsk:" + device;
    }
}
