package org.trufflebpf.io.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.trufflebpf.io.libc.Libc;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.io.net.IpAddress;

/**
 * Changes a network interface, in the network namespace of the thread that opens this (netdevice(7)). One thread uses it. All methods throw
 * IOException with a line that names the interface if the kernel refuses.
 */
public final class DeviceSettings implements AutoCloseable {
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int ARPHRD_ETHER = 1;
    private static final long SIOCGIFFLAGS = 0x8913;
    private static final long SIOCSIFFLAGS = 0x8914;
    private static final long SIOCSIFADDR = 0x8916;
    private static final long SIOCSIFNETMASK = 0x891c;
    private static final long SIOCSIFMTU = 0x8922;
    private static final long SIOCSIFHWADDR = 0x8924;
    private static final long SIOCGIFHWADDR = 0x8927;
    private static final long SIOCGIFINDEX = 0x8933;
    private static final short IFF_UP = 1;
    /** struct ifreq: 16 bytes of name, then the value. */
    private static final int REQUEST = 40;
    private static final int VALUE = 16;
    private static final int MAC = 6;

    private final String device;
    private final NativeBlock block = new NativeBlock(REQUEST);
    private final long request = block.address();
    private final long value = request + VALUE;
    private final int socket;

    /** @param device a name of at most 15 bytes */
    public DeviceSettings(String device) throws IOException {
        this.device = device;
        this.socket = Libc.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (socket < 0) {
            block.close();
            check(socket, "no socket to change it with");
        }
    }

    private void call(long command, String what) throws IOException {
        byte[] name = device.getBytes(StandardCharsets.UTF_8);
        Memory.fill(request, VALUE, (byte) 0);
        Memory.copyFrom(name, 0, request, Math.min(name.length, VALUE - 1));
        check(Libc.ioctl(socket, command, request), what);
    }

    private void check(int result, String what) throws IOException {
        if (result < 0) {
            throw new IOException(device + ": " + what + ": "
                    + (result == -Libc.EPERM ? "that needs root or the capability CAP_NET_ADMIN" : "error " + -result));
        }
    }

    private void clearValue() {
        Memory.fill(value, REQUEST - VALUE, (byte) 0);
    }

    /** Its Ethernet address in the low 48 bits, the first byte the most significant one. */
    public long mac() throws IOException {
        call(SIOCGIFHWADDR, "its Ethernet address cannot be read");
        byte[] bytes = new byte[Long.BYTES];
        Memory.copyTo(value + Short.BYTES, bytes, Long.BYTES - MAC, MAC);
        return ByteBuffer.wrap(bytes).getLong();
    }

    /** @param mac as {@link #mac()} gives it */
    public void setMac(long mac) throws IOException {
        clearValue();
        Memory.putShort(value, (short) ARPHRD_ETHER);
        Memory.copyFrom(ByteBuffer.allocate(Long.BYTES).putLong(mac).array(), Long.BYTES - MAC, value + Short.BYTES, MAC);
        call(SIOCSIFHWADDR, "its Ethernet address cannot be set");
    }

    /** @param mtu most bytes of a packet without the Ethernet header */
    public void setMtu(int mtu) throws IOException {
        clearValue();
        Memory.putInt(value, mtu);
        call(SIOCSIFMTU, "an MTU of " + mtu + " cannot be set");
    }

    /** Gives it an address, instead of the first IPv4 address if it has one. @param length bits of the network */
    public void setAddress(IpAddress address, int length) throws IOException {
        String problem = "the address cannot be set";
        if (address.ipv6()) {
            call(SIOCGIFINDEX, problem);
            int index = Memory.getInt(value);
            // struct in6_ifreq
            Memory.copyFrom(address.bytes(), 0, request, 16);
            Memory.putInt(request + 16, length);
            Memory.putInt(request + 20, index);
            int ipv6 = Libc.socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
            check(ipv6, problem);
            int result = Libc.ioctl(ipv6, SIOCSIFADDR, request);
            Libc.close(ipv6);
            check(result == -Libc.EEXIST ? 0 : result, problem);
        } else {
            putSocketAddress(address.bytes());
            call(SIOCSIFADDR, problem);
            putSocketAddress(ByteBuffer.allocate(Integer.BYTES).putInt(length == 0 ? 0 : -1 << Integer.SIZE - length).array());
            call(SIOCSIFNETMASK, problem);
        }
    }

    /** struct sockaddr_in. */
    private void putSocketAddress(byte[] address) {
        clearValue();
        Memory.putShort(value, (short) AF_INET);
        Memory.copyFrom(address, 0, value + 4, address.length);
    }

    /** Switches it on. */
    public void setUp() throws IOException {
        call(SIOCGIFFLAGS, "it cannot be switched on");
        Memory.putShort(value, (short) (Memory.getShort(value) | IFF_UP));
        call(SIOCSIFFLAGS, "it cannot be switched on");
    }

    @Override
    public void close() {
        Libc.close(socket);
        block.close();
    }
}
