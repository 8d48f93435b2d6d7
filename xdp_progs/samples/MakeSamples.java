import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Writes the captures that the examples and tests run on: {@code java xdp_progs/samples/MakeSamples.java [FOLDER]}. The same bytes on every
 * machine. Every frame has at least the 14 bytes of an Ethernet header, because the kernel's test run takes no less.
 *
 * <p>mixed.pcap has something of everything. inside.pcap and outside.pcap are what the two ports of a firewall get: connections from inside, their
 * answers, and packets from outside that nobody asked for.
 */
final class MakeSamples {
    private static final int ICMP = 1;
    private static final int IGMP = 2;
    private static final int IPIP = 4;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int IPV6_IN_IPV4 = 41;
    private static final int GRE = 47;
    private static final int ESP = 50;
    private static final int ICMPV6 = 58;
    private static final int NO_NEXT_HEADER = 59;
    private static final int HOP_BY_HOP = 0;
    private static final int FRAGMENT = 44;
    private static final int DESTINATION_OPTIONS = 60;
    private static final int VRRP = 112;
    private static final int SCTP = 132;

    private static final int ETHER_IPV4 = 0x0800;
    private static final int ETHER_ARP = 0x0806;
    private static final int ETHER_VLAN = 0x8100;
    private static final int ETHER_IPV6 = 0x86dd;
    private static final int ETHER_QINQ = 0x88a8;

    private static final int FIN = 1;
    private static final int SYN = 2;
    private static final int RST = 4;
    private static final int PSH = 8;
    private static final int ACK = 16;

    private static final byte[] CLIENT_MAC = hex("02 00 00 00 00 01");
    private static final byte[] SERVER_MAC = hex("02 00 00 00 00 02");
    private static final byte[] BROADCAST = hex("ff ff ff ff ff ff");
    private static final byte[] CLIENT = {10, 0, 0, 1};
    private static final byte[] SERVER = {10, 0, 0, 2};
    private static final byte[] CLIENT6 = hex("20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01");
    private static final byte[] SERVER6 = hex("20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02");

    /** Maximum segment size, selective acknowledgements, time stamps, window scale: what Linux sends in a SYN. */
    private static final byte[] SYN_OPTIONS = hex("02 04 05 b4 04 02 08 0a 00 00 03 e8 00 00 00 00 01 03 03 07");
    private static final byte[] TIMESTAMP_OPTION = hex("01 01 08 0a 00 00 03 e9 00 00 07 d0");

    /** java.util.Random, because its documentation fixes the numbers that a seed gives. */
    private final Random random = new Random(2);
    private final List<byte[]> frames = new ArrayList<>();
    /** Length on the wire of each frame; more than its bytes where the capture cut it. */
    private final List<Integer> lengths = new ArrayList<>();
    /** When each came, in milliseconds from the start of 2024 on. */
    private final List<Integer> times = new ArrayList<>();
    private int milliseconds;
    private int identification = 0x1000;

    public static void main(String[] arguments) throws IOException {
        Path folder = arguments.length > 0 ? Path.of(arguments[0]) : Path.of("xdp_progs", "samples");
        MakeSamples mixed = new MakeSamples();
        mixed.http();
        mixed.tcp();
        mixed.udp();
        mixed.icmp();
        mixed.arp();
        mixed.ipv6();
        mixed.vlan();
        mixed.ipv4Options();
        mixed.fragments();
        mixed.otherProtocols();
        mixed.malformed();
        mixed.cut();
        mixed.sizes();
        mixed.write(folder.resolve("mixed.pcap"));
        MakeSamples inside = new MakeSamples();
        MakeSamples outside = new MakeSamples();
        firewall(inside, outside);
        inside.write(folder.resolve("inside.pcap"));
        outside.write(folder.resolve("outside.pcap"));
    }

    private void write(Path file) throws IOException {
        Files.write(file, capture());
        System.out.println(file + ": " + frames.size() + " frames");
    }

    private void http() {
        byte[] request = text("GET /index.html HTTP/1.1\r\nHost: server.example\r\nAccept: */*\r\n\r\n");
        byte[] response = concat(text("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2896\r\n\r\n"), pattern(2896));
        for (int port = 40000; port < 40003; port++) {
            add(toServer(tcpHeader(port, 80, 1000, 0, SYN, SYN_OPTIONS, none())));
            add(toClient(tcpHeader(80, port, 5000, 1001, SYN | ACK, SYN_OPTIONS, none())));
            add(toServer(tcpHeader(port, 80, 1001, 5001, ACK, TIMESTAMP_OPTION, none())));
            add(toServer(tcpHeader(port, 80, 1001, 5001, PSH | ACK, TIMESTAMP_OPTION, request)));
            int sequence = 5001;
            for (int from = 0; from < response.length; from += 1448) {
                byte[] part = Arrays.copyOfRange(response, from, Math.min(response.length, from + 1448));
                add(toClient(tcpHeader(80, port, sequence + from, 1001 + request.length, ACK, TIMESTAMP_OPTION, part)));
            }
            add(toServer(tcpHeader(port, 80, 1001 + request.length, sequence + response.length, FIN | ACK, TIMESTAMP_OPTION, none())));
            add(toClient(tcpHeader(80, port, sequence + response.length, 1002 + request.length, FIN | ACK, TIMESTAMP_OPTION, none())));
            add(toServer(tcpHeader(port, 80, 1002 + request.length, sequence + response.length + 1, RST, none(), none())));
        }
    }

    private void tcp() {
        for (int i = 0; i < 40; i++) {
            byte[] source = {10, 0, (byte) random.nextInt(4), (byte) (1 + random.nextInt(200))};
            byte[] destination = {(byte) 192, (byte) 168, 1, (byte) (1 + random.nextInt(4))};
            byte[] segment = tcpHeader(1024 + random.nextInt(60000), 443, random.nextInt(), random.nextInt(), ACK | (i % 2 == 0 ? PSH : 0),
                    i % 3 == 0 ? none() : TIMESTAMP_OPTION, randomBytes(random.nextInt(1449)));
            add(ethernet(SERVER_MAC, CLIENT_MAC, ETHER_IPV4, ipv4(source, destination, TCP, none(), 0, segment)));
        }
    }

    private void udp() {
        byte[] query = hex("12 34 01 00 00 01 00 00 00 00 00 00 06 73 65 72 76 65 72 07 65 78 61 6d 70 6c 65 00 00 01 00 01");
        byte[] answer = concat(hex("12 34 81 80 00 01 00 01 00 00 00 00"), Arrays.copyOfRange(query, 12, query.length),
                hex("c0 0c 00 01 00 01 00 00 00 3c 00 04 0a 00 00 02"));
        add(toServer(UDP, udpHeader(50000, 53, query)));
        add(toClient(UDP, udpHeader(53, 50000, answer)));
        add(toServer(UDP, udpHeader(123, 123, concat(hex("23 00 06 ec"), new byte[44]))));
        for (int length : new int[] {0, 1, 2, 17, 18, 19, 26, 100, 512, 1471, 1472}) {
            add(toServer(UDP, udpHeader(50001, 9, pattern(length))));
        }
        // A checksum of zero says that the sender made none.
        byte[] unchecked = udpHeader(50002, 9, pattern(32));
        byte[] packet = ipv4(CLIENT, SERVER, UDP, none(), 0, unchecked);
        packet[26] = 0;
        packet[27] = 0;
        add(ethernet(SERVER_MAC, CLIENT_MAC, ETHER_IPV4, packet));
        for (int i = 0; i < 30; i++) {
            byte[] source = {10, 0, (byte) random.nextInt(4), (byte) (1 + random.nextInt(200))};
            byte[] datagram = udpHeader(1024 + random.nextInt(60000), 4433, randomBytes(random.nextInt(1300)));
            add(ethernet(SERVER_MAC, CLIENT_MAC, ETHER_IPV4, ipv4(source, SERVER, UDP, none(), 0, datagram)));
        }
        byte[] group = {(byte) 224, 0, 0, (byte) 251};
        add(ethernet(hex("01 00 5e 00 00 fb"), CLIENT_MAC, ETHER_IPV4, ipv4(CLIENT, group, UDP, none(), 0, udpHeader(5353, 5353, query))));
    }

    private void icmp() {
        int sequence = 1;
        for (int length : new int[] {0, 1, 8, 18, 56, 57, 1000, 1472}) {
            add(toServer(ICMP, icmpHeader(8, 0, 0x00010000 | sequence, pattern(length))));
            add(toClient(ICMP, icmpHeader(0, 0, 0x00010000 | sequence, pattern(length))));
            sequence++;
        }
        byte[] undelivered = ipv4(CLIENT, SERVER, UDP, none(), 0, udpHeader(50003, 33434, pattern(12)));
        add(toClient(ICMP, icmpHeader(3, 3, 0, undelivered)));
        add(toClient(ICMP, icmpHeader(3, 4, 1400, Arrays.copyOf(undelivered, 28))));
        add(toClient(ICMP, icmpHeader(11, 0, 0, undelivered)));
    }

    private void arp() {
        add(ethernet(BROADCAST, CLIENT_MAC, ETHER_ARP, arpBody(1, CLIENT_MAC, CLIENT, new byte[6], SERVER)));
        add(ethernet(CLIENT_MAC, SERVER_MAC, ETHER_ARP, arpBody(2, SERVER_MAC, SERVER, CLIENT_MAC, CLIENT)));
        add(ethernet(BROADCAST, SERVER_MAC, ETHER_ARP, arpBody(1, SERVER_MAC, SERVER, new byte[6], SERVER)));
        add(padded(ethernet(BROADCAST, CLIENT_MAC, ETHER_ARP, arpBody(1, CLIENT_MAC, CLIENT, new byte[6], SERVER))));
    }

    private void ipv6() {
        add(toServer6(TCP, tcpHeader(41000, 80, 1000, 0, SYN, SYN_OPTIONS, none())));
        add(toClient6(TCP, tcpHeader(80, 41000, 5000, 1001, SYN | ACK, SYN_OPTIONS, none())));
        for (int length : new int[] {0, 1, 64, 500, 1428}) {
            add(toServer6(TCP, tcpHeader(41000, 80, 1001, 5001, PSH | ACK, TIMESTAMP_OPTION, pattern(length))));
            add(toServer6(UDP, udpHeader(51000, 9, pattern(length))));
            add(toServer6(ICMPV6, icmpHeader(128, 0, 0x00020000 | length, pattern(length))));
            add(toClient6(ICMPV6, icmpHeader(129, 0, 0x00020000 | length, pattern(length))));
        }
        // Neighbour solicitation to the solicited-node group, and its advertisement.
        byte[] group = hex("ff 02 00 00 00 00 00 00 00 00 00 01 ff 00 00 02");
        add(ethernet(hex("33 33 ff 00 00 02"), CLIENT_MAC, ETHER_IPV6,
                ipv6Header(CLIENT6, group, ICMPV6, 255, icmpHeader(135, 0, 0, concat(SERVER6, hex("01 01"), CLIENT_MAC)))));
        add(ethernet(CLIENT_MAC, SERVER_MAC, ETHER_IPV6,
                ipv6Header(SERVER6, CLIENT6, ICMPV6, 255, icmpHeader(136, 0, 0x60000000, concat(SERVER6, hex("02 01"), SERVER_MAC)))));
        byte[] segment = transport(CLIENT6, SERVER6, TCP, tcpHeader(41001, 80, 1, 1, ACK, none(), pattern(20)));
        byte[] datagram = transport(CLIENT6, SERVER6, UDP, udpHeader(51001, 9, pattern(40)));
        byte[] padding = hex("01 04 00 00 00 00");
        add(toServer6(HOP_BY_HOP, concat(new byte[] {TCP, 0}, padding, segment)));
        add(toServer6(DESTINATION_OPTIONS, concat(new byte[] {UDP, 0}, padding, datagram)));
        add(toServer6(HOP_BY_HOP, concat(new byte[] {DESTINATION_OPTIONS, 0}, padding, new byte[] {TCP, 0}, padding, segment)));
        add(toServer6(FRAGMENT, concat(new byte[] {UDP, 0}, hex("00 01 00 00 be ef"), Arrays.copyOf(datagram, 24))));
        add(toServer6(FRAGMENT, concat(new byte[] {UDP, 0}, hex("00 18 00 00 be ef"), Arrays.copyOfRange(datagram, 24, 48))));
        add(toServer6(NO_NEXT_HEADER, none()));
    }

    private void vlan() {
        byte[][] packets = {
            ipv4(CLIENT, SERVER, TCP, none(), 0, tcpHeader(42000, 80, 1, 1, PSH | ACK, TIMESTAMP_OPTION, pattern(32))),
            ipv4(CLIENT, SERVER, UDP, none(), 0, udpHeader(52000, 9, pattern(32))),
            ipv4(CLIENT, SERVER, ICMP, none(), 0, icmpHeader(8, 0, 0x00030001, pattern(56))),
        };
        for (byte[] packet : packets) {
            add(ethernet(SERVER_MAC, CLIENT_MAC, ETHER_VLAN, tagged(100, ETHER_IPV4, packet)));
            add(ethernet(SERVER_MAC, CLIENT_MAC, ETHER_VLAN, tagged(0x6000, ETHER_IPV4, packet)));
            add(ethernet(SERVER_MAC, CLIENT_MAC, ETHER_QINQ, tagged(10, ETHER_VLAN, tagged(100, ETHER_IPV4, packet))));
        }
        byte[] packet6 = ipv6Header(CLIENT6, SERVER6, TCP, 64, tcpHeader(42001, 80, 1, 1, ACK, none(), pattern(16)));
        add(ethernet(SERVER_MAC, CLIENT_MAC, ETHER_VLAN, tagged(100, ETHER_IPV6, packet6)));
        add(ethernet(SERVER_MAC, CLIENT_MAC, ETHER_QINQ, tagged(10, ETHER_VLAN, tagged(100, ETHER_IPV6, packet6))));
        add(ethernet(BROADCAST, CLIENT_MAC, ETHER_VLAN, tagged(100, ETHER_ARP, arpBody(1, CLIENT_MAC, CLIENT, new byte[6], SERVER))));
        // Three tags, and two of the customer's kind.
        add(ethernet(SERVER_MAC, CLIENT_MAC, ETHER_QINQ, tagged(10, ETHER_QINQ, tagged(20, ETHER_VLAN, tagged(30, ETHER_IPV4, packets[0])))));
        add(ethernet(SERVER_MAC, CLIENT_MAC, ETHER_VLAN, tagged(10, ETHER_VLAN, tagged(20, ETHER_IPV4, packets[1]))));
        byte[] full = ipv4(CLIENT, SERVER, UDP, none(), 0, udpHeader(52001, 9, pattern(1472)));
        add(ethernet(SERVER_MAC, CLIENT_MAC, ETHER_VLAN, tagged(100, ETHER_IPV4, full)));
    }

    private void ipv4Options() {
        for (int words = 1; words <= 10; words++) {
            byte[] options = new byte[words * 4];
            Arrays.fill(options, (byte) 1);
            if (words > 2) {
                // Record route with room for as many addresses as fit.
                options[1] = 7;
                options[2] = (byte) (options.length - 1);
                options[3] = 4;
                Arrays.fill(options, 4, options.length, (byte) 0);
            }
            add(ethernet(SERVER_MAC, CLIENT_MAC, ETHER_IPV4,
                    ipv4(CLIENT, SERVER, TCP, options, 0, tcpHeader(43000, 80, 1, 1, ACK, none(), pattern(words)))));
            if (words % 3 == 1) {
                add(ethernet(SERVER_MAC, CLIENT_MAC, ETHER_IPV4, ipv4(CLIENT, SERVER, UDP, options, 0, udpHeader(53000, 9, pattern(words)))));
                add(ethernet(SERVER_MAC, CLIENT_MAC, ETHER_IPV4, ipv4(CLIENT, SERVER, ICMP, options, 0, icmpHeader(8, 0, 0x00040001, pattern(8)))));
            }
        }
        // TCP headers of every length.
        for (int words = 1; words <= 10; words++) {
            byte[] options = new byte[words * 4];
            Arrays.fill(options, (byte) 1);
            add(toServer(tcpHeader(43001, 80, 1, 1, ACK, options, none())));
        }
    }

    private void fragments() {
        byte[] datagram = transport(CLIENT, SERVER, UDP, udpHeader(54000, 9, pattern(3000)));
        addFragments(UDP, datagram, 1480);
        byte[] segment = transport(CLIENT, SERVER, TCP, tcpHeader(44000, 80, 1, 1, PSH | ACK, none(), pattern(100)));
        addFragments(TCP, segment, 40);
        // The first fragment holds eight bytes, less than a TCP header.
        addFragments(TCP, segment, 8);
        byte[] echo = transport(CLIENT, SERVER, ICMP, icmpHeader(8, 0, 0x00050001, pattern(2000)));
        addFragments(ICMP, echo, 1480);
        // Not a fragment, but must not become one.
        byte[] packet = ipv4(CLIENT, SERVER, UDP, none(), 0x4000, udpHeader(54001, 9, pattern(64)));
        add(ethernet(SERVER_MAC, CLIENT_MAC, ETHER_IPV4, packet));
    }

    private void otherProtocols() {
        byte[] inner = ipv4(CLIENT, SERVER, TCP, none(), 0, tcpHeader(45000, 80, 1, 1, ACK, none(), pattern(8)));
        add(toServer(IPIP, inner));
        add(toServer(IPV6_IN_IPV4, ipv6Header(CLIENT6, SERVER6, UDP, 64, udpHeader(55000, 9, pattern(8)))));
        add(toServer(GRE, concat(hex("00 00 08 00"), inner)));
        add(toServer(ESP, concat(hex("00 00 00 01 00 00 00 01"), pattern(48))));
        add(toServer(SCTP, concat(hex("c3 50 00 50 00 00 00 00 00 00 00 00"), pattern(20))));
        byte[] everyone = {(byte) 224, 0, 0, 1};
        add(ethernet(hex("01 00 5e 00 00 01"), CLIENT_MAC, ETHER_IPV4, ipv4(CLIENT, everyone, IGMP, none(), 0, icmpHeader(0x11, 100, 0, none()))));
        byte[] routers = {(byte) 224, 0, 0, 18};
        byte[] advertisement = icmpHeader(0x31, 7, 0, none());
        add(ethernet(hex("01 00 5e 00 00 12"), hex("00 00 5e 00 01 07"), ETHER_IPV4, ipv4(SERVER, routers, VRRP, none(), 0, advertisement)));
        add(ethernet(hex("01 80 c2 00 00 0e"), CLIENT_MAC, 0x88cc, hex("02 07 04 02 00 00 00 00 01 04 03 05 30 31 06 02 00 78 00 00")));
        // A spanning tree frame: the type field holds a length.
        add(padded(ethernet(hex("01 80 c2 00 00 00"), CLIENT_MAC, 38, concat(hex("42 42 03"), new byte[35]))));
        add(ethernet(SERVER_MAC, CLIENT_MAC, 0x8847, concat(hex("00 01 01 40"), inner)));
        add(ethernet(SERVER_MAC, CLIENT_MAC, 0x8864, concat(hex("11 00 00 01"), hex("00 32 00 21"), inner)));
        add(ethernet(SERVER_MAC, CLIENT_MAC, 0xffff, pattern(46)));
        add(ethernet(BROADCAST, CLIENT_MAC, 0x9000, new byte[46]));
    }

    /** Each of these lies about something; all other frames are true to their headers. */
    private void malformed() {
        byte[] frame = toServer(tcpHeader(46000, 80, 1, 1, ACK, TIMESTAMP_OPTION, pattern(16)));
        for (int headerWords : new int[] {0, 4, 15}) {
            add(with(frame, 14, 0x40 | headerWords));
        }
        for (int version : new int[] {0, 5, 6}) {
            add(with(frame, 14, version << 4 | 5));
        }
        for (int totalLength : new int[] {0, 19, 20, 0xff}) {
            add(with(with(frame, 16, 0), 17, totalLength));
        }
        for (int headerWords : new int[] {0, 4, 13, 15}) {
            add(with(frame, 46, headerWords << 4));
        }
        add(with(frame, 24, frame[24] ^ 0xff));
        add(with(frame, 50, frame[50] ^ 0xff));
        add(with(toServer(UDP, udpHeader(56000, 9, pattern(20))), 39, 7));
        add(with(toServer6(TCP, tcpHeader(46001, 80, 1, 1, ACK, none(), pattern(16))), 18, 0xff));
        add(with(toServer6(TCP, tcpHeader(46001, 80, 1, 1, ACK, none(), pattern(16))), 14, 0x45));
    }

    private void cut() {
        byte[] tcp = toServer(tcpHeader(47000, 80, 1, 1, ACK, TIMESTAMP_OPTION, pattern(64)));
        addCut(tcp, 14, 15, 18, 20, 24, 33, 34, 35, 40, 46, 53, 54, 55, 65, 66, 67, 80);
        addCut(toServer(UDP, udpHeader(57000, 9, pattern(64))), 34, 38, 41, 42, 43, 60);
        addCut(toServer(ICMP, icmpHeader(8, 0, 0x00060001, pattern(64))), 34, 35, 41, 42, 43, 64);
        byte[] options = {1, 1, 1, 1, 1, 1, 1, 0};
        byte[] optioned = ipv4(CLIENT, SERVER, TCP, options, 0, tcpHeader(47001, 80, 1, 1, ACK, none(), pattern(16)));
        addCut(ethernet(SERVER_MAC, CLIENT_MAC, ETHER_IPV4, optioned), 34, 38, 41, 42, 61, 62, 63);
        byte[] tcp6 = toServer6(TCP, tcpHeader(47002, 80, 1, 1, ACK, none(), pattern(16)));
        addCut(tcp6, 14, 20, 34, 53, 54, 55, 73, 74, 75);
        byte[] packet = ipv4(CLIENT, SERVER, TCP, none(), 0, tcpHeader(47003, 80, 1, 1, ACK, none(), pattern(16)));
        addCut(ethernet(SERVER_MAC, CLIENT_MAC, ETHER_VLAN, tagged(100, ETHER_IPV4, packet)), 14, 16, 18, 37, 38, 57, 58);
        addCut(ethernet(SERVER_MAC, CLIENT_MAC, ETHER_QINQ, tagged(10, ETHER_VLAN, tagged(100, ETHER_IPV4, packet))), 18, 20, 22, 41, 42, 61, 62);
        addCut(ethernet(BROADCAST, CLIENT_MAC, ETHER_ARP, arpBody(1, CLIENT_MAC, CLIENT, new byte[6], SERVER)), 14, 21, 22, 41);
    }

    private void sizes() {
        for (int length : new int[] {60, 61, 62, 63, 64, 65, 127, 128, 129, 255, 256, 257, 511, 512, 600, 601, 1023, 1024, 1200, 1201, 1513, 1514}) {
            add(toServer(UDP, udpHeader(58000, 9, randomBytes(length - 42))));
        }
        for (int length : new int[] {60, 64, 65, 128, 256, 512, 1024, 1513, 1514}) {
            add(toServer(tcpHeader(48000, 80, 1, 1, ACK, none(), randomBytes(length - 54))));
        }
    }

    /** What the two ports of a firewall get, each frame after those that it answers. */
    private static void firewall(MakeSamples inside, MakeSamples outside) {
        for (int port = 40000; port < 40003; port++) {
            inside.add(inside.toServer(tcpHeader(port, 80, 1000, 0, SYN, SYN_OPTIONS, none())));
            outside.addAfter(inside, outside.toClient(tcpHeader(80, port, 5000, 1001, SYN | ACK, SYN_OPTIONS, none())));
            inside.addAfter(outside, inside.toServer(tcpHeader(port, 80, 1001, 5001, ACK, none(), none())));
            inside.add(inside.toServer(tcpHeader(port, 80, 1001, 5001, PSH | ACK, none(), text("GET / HTTP/1.1\r\n\r\n"))));
            outside.addAfter(inside, outside.toClient(tcpHeader(80, port, 5001, 1019, PSH | ACK, none(), text("HTTP/1.1 204 No Content\r\n\r\n"))));
        }
        inside.addAfter(outside, inside.toServer(UDP, udpHeader(50000, 53, pattern(32))));
        outside.addAfter(inside, outside.toClient(UDP, udpHeader(53, 50000, pattern(48))));
        inside.addAfter(outside, inside.toServer(ICMP, icmpHeader(8, 0, 0x00070001, pattern(56))));
        // Nobody asked for these.
        outside.addAfter(inside, outside.toClient(tcpHeader(55555, 22, 9000, 0, SYN, none(), none())));
        outside.add(outside.toClient(tcpHeader(80, 40003, 9000, 1, SYN | ACK, none(), none())));
        outside.add(outside.toClient(UDP, udpHeader(53, 50001, pattern(48))));
        outside.add(outside.toClient(UDP, udpHeader(55555, 161, pattern(16))));
    }

    private void addAfter(MakeSamples other, byte[] frame) {
        milliseconds = other.milliseconds;
        add(frame);
    }

    private void add(byte[] frame) {
        frames.add(frame);
        lengths.add(frame.length);
        times.add(milliseconds++);
    }

    private void addCut(byte[] frame, int... to) {
        for (int length : to) {
            frames.add(Arrays.copyOf(frame, length));
            lengths.add(frame.length);
            times.add(milliseconds++);
        }
    }

    /** @param size payload bytes of each fragment but the last, a multiple of eight */
    private void addFragments(int protocol, byte[] payload, int size) {
        int fragmentOf = identification++;
        for (int from = 0; from < payload.length; from += size) {
            int more = from + size < payload.length ? 0x2000 : 0;
            byte[] part = Arrays.copyOfRange(payload, from, Math.min(payload.length, from + size));
            add(ethernet(SERVER_MAC, CLIENT_MAC, ETHER_IPV4, ipv4Header(CLIENT, SERVER, protocol, none(), fragmentOf, more | from / 8, part)));
        }
    }

    private byte[] toServer(byte[] segment) {
        return toServer(TCP, segment);
    }

    private byte[] toServer(int protocol, byte[] payload) {
        return ethernet(SERVER_MAC, CLIENT_MAC, ETHER_IPV4, ipv4(CLIENT, SERVER, protocol, none(), 0, payload));
    }

    private byte[] toClient(byte[] segment) {
        return toClient(TCP, segment);
    }

    private byte[] toClient(int protocol, byte[] payload) {
        return ethernet(CLIENT_MAC, SERVER_MAC, ETHER_IPV4, ipv4(SERVER, CLIENT, protocol, none(), 0, payload));
    }

    private byte[] toServer6(int nextHeader, byte[] payload) {
        return ethernet(SERVER_MAC, CLIENT_MAC, ETHER_IPV6, ipv6Header(CLIENT6, SERVER6, nextHeader, 64, payload));
    }

    private byte[] toClient6(int nextHeader, byte[] payload) {
        return ethernet(CLIENT_MAC, SERVER_MAC, ETHER_IPV6, ipv6Header(SERVER6, CLIENT6, nextHeader, 64, payload));
    }

    private static byte[] ethernet(byte[] destination, byte[] source, int type, byte[] payload) {
        return concat(destination, source, new byte[] {(byte) (type >> 8), (byte) type}, payload);
    }

    private static byte[] padded(byte[] frame) {
        return Arrays.copyOf(frame, Math.max(60, frame.length));
    }

    private static byte[] tagged(int control, int type, byte[] payload) {
        return concat(new byte[] {(byte) (control >> 8), (byte) control, (byte) (type >> 8), (byte) type}, payload);
    }

    private static byte[] arpBody(int operation, byte[] senderMac, byte[] sender, byte[] targetMac, byte[] target) {
        return concat(hex("00 01 08 00 06 04 00"), new byte[] {(byte) operation}, senderMac, sender, targetMac, target);
    }

    private byte[] ipv4(byte[] source, byte[] destination, int protocol, byte[] options, int fragment, byte[] payload) {
        return ipv4Header(source, destination, protocol, options, identification++, fragment, transport(source, destination, protocol, payload));
    }

    private static byte[] ipv4Header(byte[] source, byte[] destination, int protocol, byte[] options, int identification, int fragment,
            byte[] payload) {
        int headerLength = 20 + options.length;
        ByteBuffer header = ByteBuffer.allocate(headerLength);
        header.put((byte) (0x40 | headerLength / 4)).put((byte) 0).putShort((short) (headerLength + payload.length));
        header.putShort((short) identification).putShort((short) fragment);
        header.put((byte) 64).put((byte) protocol).putShort((short) 0).put(source).put(destination).put(options);
        header.putShort(10, (short) checksum(header.array()));
        return concat(header.array(), payload);
    }

    private static byte[] ipv6Header(byte[] source, byte[] destination, int nextHeader, int hopLimit, byte[] payload) {
        ByteBuffer header = ByteBuffer.allocate(40);
        header.putInt(0x60000000).putShort((short) payload.length).put((byte) nextHeader).put((byte) hopLimit).put(source).put(destination);
        return concat(header.array(), transport(source, destination, nextHeader, payload));
    }

    /** The checksum fields are zero until {@link #transport} knows the addresses. */
    private static byte[] tcpHeader(int sourcePort, int destinationPort, int sequence, int acknowledged, int flags, byte[] options, byte[] payload) {
        ByteBuffer header = ByteBuffer.allocate(20 + options.length);
        header.putShort((short) sourcePort).putShort((short) destinationPort).putInt(sequence).putInt(acknowledged);
        header.put((byte) (header.capacity() / 4 << 4)).put((byte) flags).putShort((short) 64240).putInt(0).put(options);
        return concat(header.array(), payload);
    }

    private static byte[] udpHeader(int sourcePort, int destinationPort, byte[] payload) {
        ByteBuffer header = ByteBuffer.allocate(8);
        header.putShort((short) sourcePort).putShort((short) destinationPort).putShort((short) (8 + payload.length));
        return concat(header.array(), payload);
    }

    private static byte[] icmpHeader(int type, int code, int rest, byte[] payload) {
        ByteBuffer header = ByteBuffer.allocate(8);
        header.put((byte) type).put((byte) code).putShort((short) 0).putInt(rest);
        return concat(header.array(), payload);
    }

    /** Fills in the checksum; gives the payload back as it is where the protocol has none or one is already there. */
    private static byte[] transport(byte[] source, byte[] destination, int protocol, byte[] payload) {
        int field = switch (protocol) {
            case TCP -> 16;
            case UDP -> 6;
            case ICMP, IGMP, ICMPV6, VRRP -> 2;
            default -> -1;
        };
        if (field < 0 || payload[field] != 0 || payload[field + 1] != 0) {
            return payload;
        }
        byte[] pseudoHeader = none();
        if (protocol == TCP || protocol == UDP || protocol == ICMPV6) {
            ByteBuffer numbers = ByteBuffer.allocate(8).putInt(payload.length).putInt(protocol);
            pseudoHeader = concat(source, destination, numbers.array());
        }
        byte[] filled = payload.clone();
        int sum = checksum(concat(pseudoHeader, payload));
        if (protocol == UDP && sum == 0) {
            sum = 0xffff;
        }
        filled[field] = (byte) (sum >> 8);
        filled[field + 1] = (byte) sum;
        return filled;
    }

    /** RFC 1071. */
    private static int checksum(byte[] bytes) {
        long sum = 0;
        for (int i = 0; i < bytes.length; i++) {
            sum += i % 2 == 0 ? (bytes[i] & 0xff) << 8 : bytes[i] & 0xff;
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        return (int) (~sum & 0xffff);
    }

    /** A classic little-endian capture with microseconds. */
    private byte[] capture() {
        int size = 24;
        for (byte[] frame : frames) {
            size += 16 + frame.length;
        }
        ByteBuffer file = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        file.putInt(0xa1b2c3d4).putShort((short) 2).putShort((short) 4).putInt(0).putInt(0).putInt(65535).putInt(1);
        for (int i = 0; i < frames.size(); i++) {
            int time = times.get(i);
            file.putInt(1704067200 + time / 1000).putInt(time % 1000 * 1000).putInt(frames.get(i).length).putInt(lengths.get(i)).put(frames.get(i));
        }
        return file.array();
    }

    private static byte[] with(byte[] frame, int offset, int value) {
        byte[] changed = frame.clone();
        changed[offset] = (byte) value;
        return changed;
    }

    private byte[] randomBytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** The bytes 0, 1, 2 and so on, which are easy to find again in a dump. */
    private static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }

    private static byte[] none() {
        return new byte[0];
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] hex(String digits) {
        String[] pairs = digits.split(" ");
        byte[] bytes = new byte[pairs.length];
        for (int i = 0; i < pairs.length; i++) {
            bytes[i] = (byte) Integer.parseInt(pairs[i], 16);
        }
        return bytes;
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
