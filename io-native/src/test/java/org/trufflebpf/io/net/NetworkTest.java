package org.trufflebpf.io.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.io.net.Route.NextHop;

class NetworkTest {
    private static NetworkInterface port(int index) {
        return new NetworkInterface(index, "d" + index, index, 1500, 1500, 14, true, false, true, true, List.of());
    }

    private static Route route(int table, Prefix prefix, long metric, NextHop... hops) {
        return new Route(table, prefix, 0, Route.Type.UNICAST, metric, 0, 0, null, List.of(hops));
    }

    private static NextHop hop(int ifindex, int weight) {
        return new NextHop(ifindex, null, weight, false);
    }

    private static IpAddress random(Random random, boolean ipv6) {
        // Few different bits, so that prefixes nest.
        long high = random.nextLong() & random.nextLong() & random.nextLong();
        return ipv6 ? new IpAddress(true, high, random.nextLong() & random.nextLong()) : IpAddress.ofIpv4((int) (high >>> 32));
    }

    /** Random prefixes against a search through all of them, at their ends and anywhere. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void longestPrefix(boolean ipv6) {
        Random random = new Random(1);
        for (int size : new int[]{0, 1, 2, 10, 300}) {
            RouteTable.Builder builder = new RouteTable.Builder();
            List<Prefix> prefixes = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                Prefix prefix = new Prefix(random(random, ipv6), random.nextInt(ipv6 ? 129 : 33));
                prefixes.add(prefix);
                builder.add(prefix, new RouteTable.Path(route(254, prefix, 0), new Hop[0]));
            }
            RouteTable table = builder.build();
            for (int i = 0; i < 2000; i++) {
                IpAddress address = random(random, ipv6);
                if (size > 0 && random.nextBoolean()) {
                    Prefix near = prefixes.get(random.nextInt(size));
                    address = random.nextBoolean() ? near.address() : new IpAddress(ipv6, near.lastHigh(), ipv6 ? near.lastLow() : 0);
                }
                IpAddress sought = address;
                Prefix expected = prefixes.stream().filter(prefix -> prefix.contains(sought))
                        .max(Comparator.comparingInt(Prefix::length)).orElse(null);
                RouteTable.Entry found = table.find(sought.high(), sought.low());
                assertEquals(expected, found == null ? null : found.prefix);
                for (RouteTable.Entry entry = found; entry != null && entry.parent != null; entry = entry.parent) {
                    assertTrue(entry.parent.prefix.length() < entry.prefix.length() && entry.parent.prefix.contains(sought));
                }
            }
        }
    }

    @Test
    void severalWaysAreTakenByWeight() {
        Prefix all = Prefix.all(false);
        Route both = route(254, all, 0, hop(2, 3), hop(3, 1));
        Network network = new Network(new NetworkTables(List.of(port(1), port(2), port(3)), List.of(both), List.of(), List.of()));
        Random random = new Random(2);
        Map<Integer, Integer> taken = new HashMap<>();
        for (int i = 0; i < 40_000; i++) {
            long source = (long) random.nextInt() << 32;
            long target = (long) random.nextInt() << 32;
            int chosen = network.route(1, 0, source, target, 0, 0, 0, 0, 0).port.index();
            assertEquals(chosen, network.route(1, 0, source, target, 0, 0, 6, 1, 2).port.index());
            taken.merge(chosen, 1, Integer::sum);
        }
        assertEquals(30_000, taken.get(2), 1000);
        assertEquals(10_000, taken.get(3), 1000);
    }

    @Test
    void neighboursOfManyPorts() {
        List<NetworkInterface> ports = new ArrayList<>();
        List<Neighbour> neighbours = new ArrayList<>();
        for (int index = 1; index <= 20; index++) {
            ports.add(port(index));
            for (int host = 0; host < 20; host++) {
                neighbours.add(new Neighbour(index, IpAddress.ofIpv4(host * 0x11000001), 1000 * index + host));
                neighbours.add(new Neighbour(index, new IpAddress(true, host * 0x1100_0000_0000_0001L, 7), 2000 * index + host));
            }
        }
        Network network = new Network(new NetworkTables(ports, List.of(), neighbours, List.of()));
        for (Neighbour one : neighbours) {
            IpAddress address = one.address();
            assertEquals(one.mac(), network.neighbour(network.port(one.ifindex()), address.ipv6(), address.high(), address.low()));
            assertEquals(-1, network.neighbour(network.port(one.ifindex()), address.ipv6(), address.high() ^ 1L << 40, address.low()));
        }
        assertNull(network.port(0));
        assertNull(network.port(21));
        assertNull(network.port(-1));
        assertNotNull(network.port(20));
    }

    @Test
    void addressesAndPrefixes() {
        assertEquals(IpAddress.ofIpv4(0x0a000001), IpAddress.parse("10.0.0.1"));
        assertEquals(new IpAddress(true, 0x2001_0db8_0000_0000L, 1), IpAddress.parse("2001:db8::1"));
        assertEquals(new IpAddress(true, 0, 0xffff_0a00_0001L), IpAddress.parse("::ffff:10.0.0.1"));
        assertEquals(new Prefix(IpAddress.parse("10.1.0.0"), 16), Prefix.parse("10.1.2.3/16"));
        assertEquals(new Prefix(IpAddress.parse("2001:db8::"), 33), Prefix.parse("2001:db8:7fff::1/33"));
        for (String wrong : List.of("", "10", "10.0.0", "10.0.0.256", "10.0.0.1.2", "localhost", "1::2::3", "fe80::1%d2", "0xa.0.0.1", "::10.0.0")) {
            assertThrows(IllegalArgumentException.class, () -> IpAddress.parse(wrong), wrong);
        }
        for (String wrong : List.of("10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "::/129", "/8", "10.0.0.0/-1", "10.0.0.0/9999999999")) {
            assertThrows(IllegalArgumentException.class, () -> Prefix.parse(wrong), wrong);
        }
    }
}
