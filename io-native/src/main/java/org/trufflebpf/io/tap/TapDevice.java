package org.trufflebpf.io.tap;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.trufflebpf.io.libc.Libc;
import org.trufflebpf.io.linux.Device;
import org.trufflebpf.io.linux.DeviceSettings;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/**
 * The descriptors of a TAP interface's queues (Documentation/networking/tuntap.rst). The kernel removes the interface with the last of them unless it
 * is persistent.
 */
final class TapDevice {
    private static final int O_RDWR_NONBLOCK_CLOEXEC = 2 | 0x800 | 0x80000;
    private static final long TUNSETIFF = 0x400454ca;
    private static final int IFF_TAP = 2;
    private static final int IFF_MULTI_QUEUE = 0x100;
    /** No header of the driver's own before each frame. */
    private static final int IFF_NO_PI = 0x1000;
    /** struct ifreq: 16 bytes of name, then the flags. */
    private static final int REQUEST = 40;
    private static final int FLAGS = 16;

    private TapDevice() {
    }

    /**
     * Opens all queues of an interface, which is made if it is not there, and gives it what the settings say.
     *
     * @return the descriptors, the caller's own; reads do not block
     * @throws IOException if that is not possible: nothing is left then
     */
    static int[] open(TapSettings settings, int queues) throws IOException {
        if (!Libc.available()) {
            throw new IOException(settings.name() + ": TAP ports need Linux on x86-64 and a Java that allows native access");
        }
        boolean found = Device.find(settings.device()) != null;
        int[] descriptors = new int[queues];
        Arrays.fill(descriptors, -1);
        boolean whole = false;
        try {
            for (int queue = 0; queue < queues; queue++) {
                descriptors[queue] = openDriver(settings);
                attach(settings, descriptors[queue], queues);
            }
            configure(settings, !found);
            whole = true;
            return descriptors;
        } finally {
            if (!whole) {
                Arrays.stream(descriptors).filter(descriptor -> descriptor >= 0).forEach(Libc::close);
            }
        }
    }

    private static int openDriver(TapSettings settings) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            int descriptor = Libc.open(arena.allocateFrom("/dev/net/tun").address(), O_RDWR_NONBLOCK_CLOEXEC);
            return switch (descriptor) {
                case -Libc.ENOENT, -Libc.ENODEV, -Libc.ENXIO ->
                        throw new IOException(settings.name() + ": this system has no /dev/net/tun: modprobe tun may make it");
                case -Libc.EPERM, -Libc.EACCES -> throw new IOException(settings.name() + ": /dev/net/tun may not be opened: run as root");
                default -> {
                    if (descriptor < 0) {
                        throw new IOException(settings.name() + ": /dev/net/tun cannot be opened: error " + -descriptor);
                    }
                    yield descriptor;
                }
            };
        }
    }

    private static void attach(TapSettings settings, int descriptor, int queues) throws IOException {
        int result = attach(settings, descriptor, queues > 1);
        if (result == -Libc.EINVAL && queues == 1) {
            // One that was there before may have been made for several.
            result = attach(settings, descriptor, true);
        }
        String problem = switch (result) {
            case -Libc.EPERM -> "making an interface, or using another user's, needs root or the capability CAP_NET_ADMIN";
            case -Libc.EBUSY -> "another process has it open";
            case -Libc.EINVAL -> "there is an interface of that name that is no TAP interface"
                    + (queues > 1 ? ", or one without several queues" : "");
            case -Libc.E2BIG -> "it has no more queues";
            default -> result < 0 ? "it cannot be opened: error " + -result : null;
        };
        if (problem != null) {
            throw new IOException(settings.name() + ": " + problem);
        }
    }

    private static int attach(TapSettings settings, int descriptor, boolean several) {
        try (NativeBlock request = new NativeBlock(REQUEST)) {
            byte[] name = settings.device().getBytes(StandardCharsets.UTF_8);
            Memory.copyFrom(name, 0, request.address(), name.length);
            Memory.putShort(request.address() + FLAGS, (short) (IFF_TAP | IFF_NO_PI | (several ? IFF_MULTI_QUEUE : 0)));
            return Libc.ioctl(descriptor, TUNSETIFF, request.address());
        }
    }

    private static void configure(TapSettings settings, boolean made) throws IOException {
        try (DeviceSettings device = new DeviceSettings(settings.device())) {
            if (settings.macOf() != null) {
                try (DeviceSettings other = new DeviceSettings(settings.macOf())) {
                    device.setMac(other.mac());
                }
            } else if (settings.mac() != TapSettings.ANY_MAC) {
                device.setMac(settings.mac());
            }
            if (settings.mtu() > 0) {
                device.setMtu(settings.mtu());
            }
            for (TapSettings.Address address : settings.addresses()) {
                device.setAddress(address.address(), address.length());
            }
            if (made || settings.up()) {
                device.setUp();
            }
        } catch (IOException e) {
            throw new IOException("tap:" + e.getMessage(), e);
        }
    }
}
