package org.trufflebpf.language.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.trufflebpf.io.net.IpAddress;
import org.trufflebpf.io.net.Neighbour;
import org.trufflebpf.io.net.Network;
import org.trufflebpf.io.net.NetworkInterface;
import org.trufflebpf.io.net.NetworkTables;

class EnvironmentFileTest {
    private static final String WHOLE = """
            {"note": "remarks", "ingress_ifindex": 1, "rx_queue_index": 0,
             "interfaces": {"1": "lo", "2": "d2 02:00:00:00:02:02 10.0.0.254/24 fd00::fe/64", "4-10": "d4..d10 02:00:00:00:02:04..0a up, no address",
                            "102-110": "peers", "11": "e1 mtu 9000 down"},
             "mtu": 1400, "forwarding": {"ipv4": true, "ipv6": false},
             "routes": ["10.10.0.0/16 via 10.0.0.77 dev d2 (no neighbour)", "blackhole 203.0.113.0/24", "default via 10.0.0.1",
                        "10.20.0.0/16 nexthop via 10.0.0.1 weight 2 nexthop dev d4"],
             "rules": ["pref 7 from 10.0.0.0/8 lookup 100"],
             "neigh": {"10.0.0.2": "02:00:00:00:22:02 d2", "fd00::2": "02:00:00:00:22:62 dev d2"}}
            """;

    private static NetworkTables parse(String json) {
        return EnvironmentFile.parse("env.json", json.getBytes(StandardCharsets.UTF_8));
    }

    private static NetworkInterface port(NetworkTables tables, int index) {
        return tables.interfaces().stream().filter(port -> port.index() == index).findFirst().orElseThrow();
    }

    @Test
    void interfaces() {
        NetworkTables tables = parse(WHOLE);
        assertEquals(1 + 1 + 7 + 9 + 1, tables.interfaces().size());
        NetworkInterface loopback = port(tables, 1);
        assertTrue(loopback.nameless() && loopback.mtu() == 65536 && loopback.addresses().size() == 2);
        NetworkInterface second = port(tables, 2);
        assertEquals("d2", second.name());
        assertEquals(0x0200_0000_0202L, second.mac());
        assertEquals(1400, second.mtu());
        assertTrue(second.forwardsIpv4() && !second.forwardsIpv6() && second.isUp());
        assertEquals(List.of(IpAddress.parse("10.0.0.254"), IpAddress.parse("fd00::fe")),
                second.addresses().stream().map(NetworkInterface.Address::address).toList());
        assertEquals("d10", port(tables, 10).name());
        assertEquals(0x0200_0000_020aL, port(tables, 10).mac());
        assertTrue(port(tables, 11).mtu() == 9000 && !port(tables, 11).isUp());
        Neighbour ipv4 = new Neighbour(2, IpAddress.parse("10.0.0.2"), 0x0200_0000_2202L);
        Neighbour ipv6 = new Neighbour(2, IpAddress.parse("fd00::2"), 0x0200_0000_2262L);
        assertEquals(List.of(ipv4, ipv6), tables.neighbours());
        // The one of the file and those that are there from the start.
        assertEquals(4, tables.rules().size());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            []                                              | env.json: no JSON object
            {                                               | env.json: End of input at line 1 column 2
            {"rotues": []}                                  | env.json: unknown field 'rotues': there are interfaces, mtu, forwarding, routes, neigh, rules, note
            {"mtu": 12}                                     | env.json: an MTU is a number from 68 to 65536, not 12
            {"mtu": []}                                     | env.json: '' is no number
            {"forwarding": {"ipv4": 1}}                     | env.json: forwarding: ipv4 is neither true nor false
            {"interfaces": []}                              | env.json: interfaces is no object
            {"interfaces": {"0": "a"}}                      | env.json: interfaces "0": no range of interface numbers from 1 on
            {"interfaces": {"a": "a"}}                      | env.json: interfaces "a": not a number or two with - between them
            {"interfaces": {"1-999999": "a"}}               | env.json: interfaces "1-999999": no range of interface numbers from 1 on
            {"interfaces": {"1": "a", "1-2": "b"}}          | env.json: interfaces "1-2": there is an interface with the number 1 already
            {"interfaces": {"1": "a 10.0.0.1/40"}}          | env.json: interfaces "1": a prefix has 0 to 32 bits, not 40
            {"interfaces": {"1": "a fast"}}                 | env.json: interfaces "1": 'fast' is no address
            {"interfaces": {"1": 7}}                        | env.json: interfaces "1": not a text
            {"routes": ["10.0.0.0/8 dev a"]}                | env.json: routes "10.0.0.0/8 dev a": there is no interface 'a'
            {"routes": ["10.0.0.0/8"]}                      | env.json: routes "10.0.0.0/8": needs via ADDRESS or dev NAME
            {"routes": ["10.0.0.0/8 via"]}                  | env.json: routes "10.0.0.0/8 via": something must follow 'via'
            {"routes": ["10.0.0.0/8 via 10.0.0.1"]}         | env.json: routes "10.0.0.0/8 via 10.0.0.1": no interface has the gateway's network: add dev NAME
            {"routes": ["blackhole"]}                       | env.json: routes "blackhole": something must follow 'blackhole'
            {"rules": ["from all lookup 7"]}                | env.json: rules "from all lookup 7": has no place: add pref NUMBER
            {"rules": ["pref 7 from all"]}                  | env.json: rules "pref 7 from all": says nothing to do: add lookup TABLE
            {"rules": ["pref 7 from ::/0 to 0.0.0.0/0 nop"]} | env.json: rules "pref 7 from ::/0 to 0.0.0.0/0 nop": IPv4 and IPv6 do not go together
            {"neigh": {"10.0.0.1": "02:00:00:00:00:01 a"}}  | env.json: neigh "10.0.0.1": there is no interface 'a'
            {"neigh": {"10.0.0.1": "here"}}                 | env.json: neigh "10.0.0.1": 'here' is no link address
            """)
    void refuses(String json, String message) {
        CommandException e = assertThrows(CommandException.class, () -> parse(json));
        assertEquals(message, e.getMessage());
    }

    /** Words of the file in any order: tables, or one line that says what is wrong. */
    @Test
    void hostileFiles() {
        Random random = new Random(5);
        List<String> words = List.of(WHOLE.split("(?<=[\\s,\":./])|(?=[\\s,\":./])"));
        for (int i = 0; i < 3000; i++) {
            StringBuilder file = new StringBuilder(WHOLE);
            for (int change = 1 + random.nextInt(4); change > 0; change--) {
                int at = random.nextInt(file.length());
                file.replace(at, Math.min(file.length(), at + random.nextInt(6)), words.get(random.nextInt(words.size())));
            }
            try {
                new Network(parse(file.toString()));
            } catch (CommandException e) {
                assertEquals(1, e.getMessage().lines().count(), e.getMessage());
            }
        }
    }
}
