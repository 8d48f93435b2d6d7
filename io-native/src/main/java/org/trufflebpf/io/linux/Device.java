package org.trufflebpf.io.linux;

import java.nio.charset.StandardCharsets;
import org.trufflebpf.io.libc.Libc;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/**
 * A network interface as the kernel has it at the moment, in the network namespace of the calling thread.
 *
 * @param index its number
 * @param mtu most bytes of a packet without the Ethernet header
 * @param isUp whether it is switched on
 * @param isRunning whether it is switched on and has a carrier, too
 */
public record Device(String name, int index, int mtu, boolean isUp, boolean isRunning) {
    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final long SIOCGIFFLAGS = 0x8913;
    private static final long SIOCGIFMTU = 0x8921;
    private static final long SIOCGIFINDEX = 0x8933;
    private static final int IFF_UP = 1;
    private static final int IFF_RUNNING = 0x40;
    /** struct ifreq: 16 bytes of name, then the answer. */
    private static final int REQUEST = 40;
    private static final int ANSWER = 16;

    /** The interface of that name, null if there is none. */
    public static Device find(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length >= ANSWER) {
            return null;
        }
        int socket = Libc.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (socket < 0) {
            return null;
        }
        try (NativeBlock request = new NativeBlock(REQUEST)) {
            Memory.copyFrom(bytes, 0, request.address(), bytes.length);
            long answer = request.address() + ANSWER;
            if (Libc.ioctl(socket, SIOCGIFINDEX, request.address()) < 0) {
                return null;
            }
            int index = Memory.getInt(answer);
            int mtu = Libc.ioctl(socket, SIOCGIFMTU, request.address()) < 0 ? 0 : Memory.getInt(answer);
            int flags = Libc.ioctl(socket, SIOCGIFFLAGS, request.address()) < 0 ? 0 : Memory.getShort(answer);
            return new Device(name, index, mtu, (flags & IFF_UP) != 0, (flags & IFF_RUNNING) != 0);
        } finally {
            Libc.close(socket);
        }
    }
}
