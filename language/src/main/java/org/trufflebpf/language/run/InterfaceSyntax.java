package org.trufflebpf.language.run;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.trufflebpf.io.net.IpAddress;
import org.trufflebpf.io.net.NetworkInterface;
import org.trufflebpf.io.net.NetworkInterface.Address;
import org.trufflebpf.io.net.Prefix;

/**
 * Interfaces of an environment file: {@code "2": "eth0 02:00:00:00:00:02 10.0.0.1/24 mtu 1400"}, or several that are numbered on,
 * {@code "4-10": "eth4..eth10 02:00:00:00:00:04..0a"}.
 */
final class InterfaceSyntax {
    private static final Pattern NUMBERS = Pattern.compile("(\\d{1,9})(?:-(\\d{1,9}))?");
    private static final Pattern NAMES = Pattern.compile("(\\S*?)(\\d{1,9})\\.\\.\\S+");
    private static final Pattern MAC = Pattern.compile("((?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2})(?:\\.\\.[0-9a-fA-F]{2})?");
    private static final int MAX_RANGE = 1 << 16;
    private static final int LOOPBACK_MTU = 65536;
    private static final int MIN_MTU = 68;
    private static final int MIN_MTU_IPV6 = 1280;

    private final int mtu;
    private final boolean forwardsIpv4;
    private final boolean forwardsIpv6;

    /** @param fields of the file, of which mtu and forwarding hold for all interfaces */
    InterfaceSyntax(JsonObject fields) {
        JsonElement given = fields.get("mtu");
        mtu = given == null ? NetworkInterface.ETHERNET_MTU : mtu(given.isJsonPrimitive() ? given.getAsString() : "");
        JsonObject forwarding = EnvironmentFile.object(fields, "forwarding");
        forwardsIpv4 = flag(forwarding, "ipv4");
        forwardsIpv6 = flag(forwarding, "ipv6");
    }

    private static boolean flag(JsonObject fields, String name) {
        JsonElement flag = fields.get(name);
        if (flag != null && !(flag.isJsonPrimitive() && flag.getAsJsonPrimitive().isBoolean())) {
            throw new IllegalArgumentException("forwarding: " + name + " is neither true nor false");
        }
        return flag != null && flag.getAsBoolean();
    }

    static int mtu(String text) {
        int number = RouteSyntax.number(text);
        if (number < MIN_MTU || number > LOOPBACK_MTU) {
            throw new IllegalArgumentException("an MTU is a number from " + MIN_MTU + " to " + LOOPBACK_MTU + ", not " + text);
        }
        return number;
    }

    /** @throws IllegalArgumentException with what is wrong */
    List<NetworkInterface> parse(String numbers, String description) {
        Matcher range = NUMBERS.matcher(numbers);
        if (!range.matches()) {
            throw new IllegalArgumentException("not a number or two with - between them");
        }
        int first = Integer.parseInt(range.group(1));
        int last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
        if (first < 1 || last < first || last - first >= MAX_RANGE) {
            throw new IllegalArgumentException("no range of interface numbers from 1 on");
        }
        List<NetworkInterface> interfaces = new ArrayList<>();
        for (int index = first; index <= last; index++) {
            interfaces.add(one(index, index - first, description));
        }
        return interfaces;
    }

    private NetworkInterface one(int index, int place, String description) {
        String[] words = description.strip().split("[\\s,]+");
        if (words[0].isEmpty()) {
            throw new IllegalArgumentException("an interface needs a name");
        }
        Matcher names = NAMES.matcher(words[0]);
        String name = names.matches() ? names.group(1) + (Integer.parseInt(names.group(2)) + place) : words[0];
        boolean loopback = words[0].equals("lo");
        long mac = 0;
        int size = loopback ? LOOPBACK_MTU : mtu;
        boolean up = true;
        List<Address> addresses = new ArrayList<>();
        if (loopback) {
            addresses.add(address("127.0.0.1/8", NetworkInterface.SCOPE_HOST));
            addresses.add(address("::1/128", NetworkInterface.SCOPE_HOST));
        }
        for (int i = 1; i < words.length; i++) {
            Matcher link = MAC.matcher(words[i]);
            if (link.matches()) {
                mac = RouteSyntax.mac(link.group(1)) + place;
            } else if (words[i].equals("mtu") && i + 1 < words.length) {
                size = mtu(words[++i]);
            } else if (words[i].equals("no") && i + 1 < words.length && words[i + 1].equals("address")) {
                i++;
            } else if (words[i].equals("up") || words[i].equals("down")) {
                up = words[i].equals("up");
            } else {
                addresses.add(address(words[i], NetworkInterface.SCOPE_UNIVERSE));
            }
        }
        boolean hasIpv6 = size >= MIN_MTU_IPV6;
        return new NetworkInterface(index, name, mac, size, hasIpv6 ? size : 0, NetworkInterface.ETHERNET_HEADER, up, loopback,
                forwardsIpv4, forwardsIpv6 && hasIpv6, addresses);
    }

    private static Address address(String text, int scope) {
        int slash = text.indexOf('/');
        IpAddress address = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
        return new Address(address, Prefix.parse(text), scope, false);
    }
}
