package org.trufflebpf.language.run;

import java.util.ArrayList;
import java.util.List;
import org.trufflebpf.io.tap.TapSettings;
import org.trufflebpf.io.tap.TapSettings.Address;

/** TAP interfaces as {@code --port} and {@code --pass} describe them. */
final class TapSyntax {
    static final String PARTS = "[,ip=ADDRESS/BITS...][,mac=ADDRESS][,mtu=N][,up]";

    private static final int SMALLEST_MTU = 68;
    /** The longest packet of a TAP interface in the kernel, 65535, less its Ethernet header. */
    private static final int LARGEST_MTU = 65521;

    private TapSyntax() {
    }

    /** @throws CommandException for wrong usage */
    static TapSettings parse(PortParts parts, int ifindex) {
        String device = parts.first();
        if (!TapSettings.isName(device)) {
            throw parts.wrong("'" + device + "' is no name for an interface (at most " + TapSettings.LONGEST_NAME
                    + " bytes without blanks, / : and %)");
        }
        List<Address> addresses = new ArrayList<>();
        for (String text : parts.values("ip")) {
            try {
                Address address = Address.parse(text);
                if (addresses.stream().anyMatch(other -> other.address().ipv6() == address.address().ipv6())) {
                    throw parts.wrong("one IPv4 and one IPv6 address at most");
                }
                addresses.add(address);
            } catch (IllegalArgumentException e) {
                throw parts.wrong("ip: " + e.getMessage());
            }
        }
        String mac = parts.value("mac", null);
        int mtu = parts.inRange("mtu", 0, SMALLEST_MTU, LARGEST_MTU);
        boolean up = parts.flag("up");
        return new TapSettings(device, ifindex, mac(parts, mac), mac == null || mac.contains(":") ? null : mac, addresses, mtu, up);
    }

    private static long mac(PortParts parts, String text) {
        if (text == null || !text.contains(":")) {
            return TapSettings.ANY_MAC;
        }
        try {
            return RouteSyntax.mac(text);
        } catch (IllegalArgumentException e) {
            throw parts.wrong("mac: " + e.getMessage());
        }
    }
}
