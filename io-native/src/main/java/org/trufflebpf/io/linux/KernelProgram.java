package org.trufflebpf.io.linux;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.trufflebpf.io.libc.Libc;
import org.trufflebpf.io.memory.Memory;

/**
 * An XDP program in the kernel, verified and compiled by it, and run on packets by BPF_PROG_TEST_RUN: the reference for verdicts, packet bytes
 * and speed. Any thread may run a program; closing it meanwhile is the caller's mistake.
 */
public final class KernelProgram implements AutoCloseable {
    /** Code of a program that passes every packet. */
    static final byte[] RETURN_PASS = HexFormat.of().parseHex("b7000000020000009500000000000000");
    /** Code of a program that sends every packet back. */
    public static final byte[] RETURN_TX = HexFormat.of().parseHex("b7000000030000009500000000000000");

    private static final int PROG_TYPE_XDP = 6;
    private static final int XDP_HAS_FRAGS = 1 << 5;
    /** enum bpf_attach_type. */
    static final int ATTACH_XDP = 37;
    /** The kernel keeps the end of a longer log, which is where the reason is. */
    private static final int LOG_SIZE = 1 << 20;
    private static final int TEST_XDP_LIVE_FRAMES = 2;
    /** struct xdp_md. */
    private static final int CONTEXT_SIZE = 24;
    private static final int CONTEXT_DATA = 0;
    private static final int CONTEXT_DATA_END = 4;
    private static final int CONTEXT_INGRESS_IFINDEX = 12;
    private static final int CONTEXT_RX_QUEUE = 16;
    /** struct bpf_prog_info, of which these are jited_prog_len and jited_prog_insns. */
    private static final int INFO_SIZE = 232;
    private static final int INFO_CODE_LENGTH = 16;
    private static final int INFO_CODE = 24;
    /** More than a packet can get longer, in bytes. */
    private static final int PAGE = 4096;
    /** Most bytes of a packet in the first buffer: a page less headroom and reserve. */
    private static final int LINEAR = 3520;

    private final int fd;
    private boolean closed;

    /**
     * What a run gave.
     *
     * @param result the program's whole return value; of repeated runs the last one's
     * @param data the bytes [data_meta, data_end) afterwards
     * @param metaLength how many of them are metadata
     * @param duration nanoseconds per run on average, as the kernel measured it; 28 to 35 for a program that only returns, to be subtracted
     */
    public record Run(int result, byte[] data, int metaLength, long duration) {
    }

    private KernelProgram(int fd) {
        this.fd = fd;
    }

    /**
     * Loads a program.
     *
     * @param code instructions of 8 bytes, little-endian, in which the caller has put the file descriptors of maps
     * @param license as the program's object says; some helpers are only for "GPL" and the like
     * @param name for display in the kernel's listings
     * @throws BpfException if the kernel rejects it; {@link BpfException#log} then says why
     */
    public static KernelProgram load(byte[] code, String license, String name) throws BpfException {
        return load(code, license, name, null, false);
    }

    /**
     * The functions of a program: without them the kernel takes none as a callback.
     *
     * @param slots where each begins, ascending, the main function first
     * @param types ids of their types in {@code btf}, of the kind FUNC
     */
    public record Functions(KernelBtf btf, int[] slots, int[] types) {
        /** struct bpf_func_info. */
        private static final int RECORD_SIZE = 8;

        private void put(Attributes attributes) {
            long records = attributes.buffer((long) RECORD_SIZE * slots.length);
            for (int i = 0; i < slots.length; i++) {
                Memory.putInt(records + (long) RECORD_SIZE * i, slots[i]);
                Memory.putInt(records + (long) RECORD_SIZE * i + 4, types[i]);
            }
            attributes.u32(72, btf.fd()).u32(76, RECORD_SIZE).u64(80, records).u32(88, slots.length);
        }
    }

    /**
     * As the other method.
     *
     * @param functions null for a program without callbacks
     * @param fragments whether it is made for packets of several buffers, since Linux 5.18
     */
    public static KernelProgram load(byte[] code, String license, String name, Functions functions, boolean fragments) throws BpfException {
        int error = -load(code, license, name, functions, fragments, 0, null);
        if (error <= 0) {
            return new KernelProgram(-error);
        }
        StringBuilder log = new StringBuilder();
        int again = load(code, license, name, functions, fragments, LOG_SIZE, log);
        if (again >= 0) {
            return new KernelProgram(again); // the first attempt can fail for lack of something that is there now
        }
        throw new BpfException("load an XDP program of " + code.length / 8 + " instructions", error, log.toString());
    }

    private static int load(byte[] code, String license, String name, Functions functions, boolean fragments, int logSize, StringBuilder log) {
        try (Attributes attributes = new Attributes()) {
            attributes.u32(0, PROG_TYPE_XDP).u32(4, code.length / 8).u64(8, attributes.buffer(code))
                    .u64(16, attributes.buffer((license + '\0').getBytes(StandardCharsets.UTF_8))).u32(44, fragments ? XDP_HAS_FRAGS : 0)
                    .name(48, name)
                    .u32(68, ATTACH_XDP);
            if (functions != null) {
                functions.put(attributes);
            }
            if (log == null) {
                return attributes.call(Attributes.PROG_LOAD);
            }
            long buffer = attributes.buffer(logSize);
            int result = attributes.u32(24, 1).u32(28, logSize).u64(32, buffer).call(Attributes.PROG_LOAD);
            log.append(Attributes.text(buffer, logSize));
            return result;
        }
    }

    /** The file descriptor, as map values of programs want it. */
    public int fd() {
        return fd;
    }

    /** One run on a packet of at least 14 bytes that comes from the first queue of interface 1, the loopback. */
    public Run run(byte[] packet) throws BpfException {
        return run(packet, 0, 1, 0, 1);
    }

    /**
     * Runs the program on new packets that go where its verdicts say: those with the verdict TX leave from {@code ifindex}, as if they had come
     * there. So packets are sent at more than two million per second (BPF_F_TEST_XDP_LIVE_FRAMES). Whether they arrive is not told; at a veth they do
     * if its other end has an XDP program in the driver.
     *
     * @param packet 14 to some 3500 bytes
     * @param ifindex an interface that is up
     */
    public void sendLive(byte[] packet, int ifindex, int count) throws BpfException {
        try (Attributes attributes = new Attributes()) {
            long context = attributes.buffer(CONTEXT_SIZE);
            Memory.putInt(context + CONTEXT_DATA_END, packet.length);
            Memory.putInt(context + CONTEXT_INGRESS_IFINDEX, ifindex);
            int error = -attributes.u32(0, fd).u32(8, packet.length).u64(16, attributes.buffer(packet)).u32(32, count).u32(40, CONTEXT_SIZE)
                    .u64(48, context).u32(64, TEST_XDP_LIVE_FRAMES).call(Attributes.PROG_TEST_RUN);
            if (error > 0) {
                throw new BpfException("send " + count + " packets from interface " + ifindex, error, "");
            }
        }
    }

    /**
     * Runs the program. Changes that a run makes to packet, metadata and maps stay for the next repetition.
     *
     * @param data metadata, then the packet: 14 bytes to 3520 with the metadata, more only for a program made for fragments
     * @param metaLength bytes of metadata, a multiple of 4
     * @param ingressIfindex an interface that exists
     * @param rxQueue a receive queue that the interface has
     * @param repeat number of runs, at least 1
     */
    public Run run(byte[] data, int metaLength, int ingressIfindex, int rxQueue, int repeat) throws BpfException {
        try (Attributes attributes = new Attributes()) {
            int room = PAGE + data.length;
            long out = attributes.buffer(room);
            long context = attributes.buffer(CONTEXT_SIZE);
            long contextOut = attributes.buffer(CONTEXT_SIZE);
            Memory.putInt(context + CONTEXT_DATA, metaLength);
            Memory.putInt(context + CONTEXT_DATA_END, Math.min(metaLength + LINEAR, data.length));
            Memory.putInt(context + CONTEXT_INGRESS_IFINDEX, ingressIfindex);
            Memory.putInt(context + CONTEXT_RX_QUEUE, rxQueue);
            int error = -attributes.u32(0, fd).u32(8, data.length).u32(12, room).u64(16, attributes.buffer(data)).u64(24, out).u32(32, repeat)
                    .u32(40, CONTEXT_SIZE).u32(44, CONTEXT_SIZE).u64(48, context).u64(56, contextOut).call(Attributes.PROG_TEST_RUN);
            if (error > 0) {
                throw new BpfException("run a program on " + data.length + " bytes from interface " + ingressIfindex, error, "");
            }
            return new Run(attributes.u32(4), Memory.bytes(out, attributes.u32(12)), Memory.getInt(contextOut + CONTEXT_DATA),
                    Integer.toUnsignedLong(attributes.u32(36)));
        }
    }

    /**
     * What the kernel compiled the program to: a function of the C calling convention that takes a struct xdp_buff. Calls and the jump that
     * may stand for its return are relative to where the kernel has it.
     *
     * @return the bytes, none if the kernel interprets or does not show them
     */
    public byte[] machineCode() throws BpfException {
        int length = machineCode(0, 0);
        try (Attributes buffers = new Attributes()) {
            long code = buffers.buffer(length);
            return Memory.bytes(code, Math.min(length, machineCode(code, length)));
        }
    }

    /** Writes at most {@code room} bytes; returns how many there are. */
    private int machineCode(long code, int room) throws BpfException {
        try (Attributes attributes = new Attributes()) {
            long info = attributes.buffer(INFO_SIZE);
            Memory.putInt(info + INFO_CODE_LENGTH, room);
            Memory.putLong(info + INFO_CODE, code);
            int error = -attributes.u32(0, fd).u32(4, INFO_SIZE).u64(8, info).call(Attributes.OBJ_GET_INFO_BY_FD);
            if (error > 0) {
                throw new BpfException("read a program's machine code", error, "");
            }
            return Memory.getInt(info + INFO_CODE_LENGTH);
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
