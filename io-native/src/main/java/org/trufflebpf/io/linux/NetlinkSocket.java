package org.trufflebpf.io.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.BiConsumer;
import org.trufflebpf.io.libc.Libc;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/**
 * A socket to the kernel's rtnetlink, in the network namespace of the thread that opens it. One thread at a time uses it.
 */
final class NetlinkSocket implements AutoCloseable {
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int NETLINK_ROUTE = 0;
    private static final int SO_RCVTIMEO = 20;
    private static final int MSG_TRUNC = 0x20;

    /** struct nlmsghdr, in bytes. */
    private static final int HEADER = 16;
    private static final int NLMSG_ERROR = 2;
    private static final int NLMSG_DONE = 3;
    private static final int NLM_F_REQUEST = 1;
    private static final int NLM_F_DUMP = 0x300;
    /** The tables changed during the dump. */
    private static final int NLM_F_DUMP_INTR = 0x10;
    /** Of one answer, in bytes; the kernel's are at most 32 KiB. */
    private static final int BUFFER = 1 << 16;
    private static final long ANSWER_SECONDS = 10;

    private final NativeBlock buffer = new NativeBlock(BUFFER);
    private final int descriptor;
    private int sequence;

    /**
     * Opens one.
     *
     * @param groups of events to hear of, a bit per RTNLGRP less 1
     * @param timeout of {@link #awaitEvent} in milliseconds, 0 for a socket that only asks
     */
    NetlinkSocket(int groups, long timeout) throws IOException {
        descriptor = Libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
        if (descriptor < 0) {
            buffer.close();
            throw new IOException("no netlink socket: error " + -descriptor);
        }
        Memory.fill(buffer.address(), HEADER, (byte) 0);
        Memory.putShort(buffer.address(), (short) AF_NETLINK);
        Memory.putInt(buffer.address() + 8, groups);
        int bound = Libc.bind(descriptor, buffer.address(), 12);
        long milliseconds = timeout == 0 ? ANSWER_SECONDS * 1000 : timeout;
        Memory.putLong(buffer.address(), milliseconds / 1000);
        Memory.putLong(buffer.address() + 8, milliseconds % 1000 * 1000);
        int timed = Libc.setsockopt(descriptor, Libc.SOL_SOCKET, SO_RCVTIMEO, buffer.address(), 16);
        if (bound < 0 || timed < 0) {
            close();
            throw new IOException("a netlink socket cannot be used: error " + -Math.min(bound, timed));
        }
    }

    /**
     * Asks for all entries of a kind.
     *
     * @param type RTM_GET*
     * @param family AF_*, 0 for all
     * @param entries gets the type and the contents of each message, little-endian, good during the call
     * @return false if the tables changed meanwhile, so that something may be missing or there twice
     */
    boolean dump(int type, int family, BiConsumer<Integer, ByteBuffer> entries) throws IOException {
        int request = HEADER + 16;
        Memory.fill(buffer.address(), request, (byte) 0);
        Memory.putInt(buffer.address(), request);
        Memory.putShort(buffer.address() + 4, (short) type);
        Memory.putShort(buffer.address() + 6, (short) (NLM_F_REQUEST | NLM_F_DUMP));
        Memory.putInt(buffer.address() + 8, ++sequence);
        Memory.putByte(buffer.address() + HEADER, (byte) family);
        long sent = Libc.send(descriptor, buffer.address(), request, 0);
        if (sent < 0) {
            throw new IOException("netlink request " + type + ": error " + -sent);
        }
        boolean whole = true;
        while (true) {
            ByteBuffer answer = receive();
            while (answer.remaining() >= HEADER) {
                int start = answer.position();
                int length = answer.getInt(start);
                if (length < HEADER || length > answer.remaining()) {
                    throw new IOException("netlink request " + type + ": a message of " + length + " bytes in an answer of " + answer.remaining());
                }
                int kind = Short.toUnsignedInt(answer.getShort(start + 4));
                whole &= (answer.getShort(start + 6) & NLM_F_DUMP_INTR) == 0;
                if (answer.getInt(start + 8) == sequence) {
                    if (kind == NLMSG_DONE) {
                        return whole;
                    }
                    if (kind == NLMSG_ERROR) {
                        int error = length >= HEADER + 4 ? -answer.getInt(start + HEADER) : 0;
                        throw new IOException("netlink request " + type + ": error " + error);
                    }
                    entries.accept(kind, answer.slice(start + HEADER, length - HEADER).order(ByteOrder.LITTLE_ENDIAN));
                }
                answer.position(start + Math.min(length + 3 & ~3, answer.remaining()));
            }
        }
    }

    private ByteBuffer receive() throws IOException {
        long length;
        do {
            length = Libc.recv(descriptor, buffer.address(), BUFFER, MSG_TRUNC);
        } while (length == -Libc.EINTR);
        if (length <= 0 || length > BUFFER) {
            throw new IOException(length > 0 ? "netlink: an answer of " + length + " bytes" : "netlink: no answer: error " + -length);
        }
        return ByteBuffer.wrap(Memory.bytes(buffer.address(), (int) length)).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Waits for something to happen in the groups, at most the timeout. What it was, or how much of it was lost, is not told. */
    boolean awaitEvent() throws IOException {
        long length = Libc.recv(descriptor, buffer.address(), BUFFER, MSG_TRUNC);
        if (length < 0 && length != -Libc.EAGAIN && length != -Libc.EINTR && length != -Libc.ENOBUFS) {
            throw new IOException("netlink events: error " + -length);
        }
        return length > 0 || length == -Libc.ENOBUFS;
    }

    /** Forgets the events that are there already. */
    void drainEvents() {
        long length;
        do {
            length = Libc.recv(descriptor, buffer.address(), BUFFER, MSG_TRUNC | Libc.MSG_DONTWAIT);
        } while (length > 0 || length == -Libc.ENOBUFS);
    }

    @Override
    public void close() {
        Libc.close(descriptor);
        buffer.close();
    }
}
