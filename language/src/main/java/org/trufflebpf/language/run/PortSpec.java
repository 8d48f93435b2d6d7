package org.trufflebpf.language.run;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.trufflebpf.io.generator.FlowChoice;
import org.trufflebpf.io.tap.TapSettings;
import org.trufflebpf.io.xsk.XskSettings;
import org.trufflebpf.language.packettest.GeneratorTemplate;
import org.trufflebpf.language.packettest.PacketTestException;
import org.trufflebpf.language.runtime.Instance;

/** A port as {@code --port} describes it. */
public sealed interface PortSpec {
    /** What ports there are, for people. */
    String KINDS = "pcap:FILE, gen:PACKET, xsk:INTERFACE, dpdk:DEVICE or tap:NAME";

    /** Where its packets come from, for people. */
    String input();

    /** The capture that gets what the program sends there, or null if that is not kept. */
    String output();

    /** Interface number, 1 or more. */
    int ifindex();

    /** A network interface of the machine, or a device: its packets are lost if nobody takes them. What is sent there leaves. */
    sealed interface Live extends PortSpec {
        @Override
        default String output() {
            return null;
        }
    }

    /**
     * The packets of a capture.
     *
     * @param speed 1 for that at which it was made, 2 for twice as fast; 0 for as fast as possible
     */
    record Capture(String input, String output, int ifindex, double speed) implements PortSpec {
        private static final String SYNTAX = "pcap:in.pcap[,pace[=SPEEDx]][,out=out.pcap][,ifindex=N]";
        private static final double MOST_SPEED = 1e6;
        private static final double LEAST_SPEED = 1e-6;

        /** As fast as possible. */
        Capture(String input, String output, int ifindex) {
            this(input, output, ifindex, 0);
        }
    }

    /**
     * Packets that are made up.
     *
     * @param rate packets per second, 0 for as fast as possible
     * @param count packets
     */
    record Generator(String input, GeneratorTemplate template, FlowChoice choice, long rate, long count, String output, int ifindex)
            implements PortSpec {
        private static final String SYNTAX = "gen:PACKET[,rate=N][,count=N][,flows=N[,zipf=SKEW]][,order=turn][,out=out.pcap][,ifindex=N]";
        private static final double MOST_SKEW = 100;
    }

    /**
     * A network interface by AF_XDP.
     *
     * @param queues how many of its queues, one for each worker; 0 if the workers decide that
     */
    record Sockets(String input, XskSettings settings, int queues) implements Live {
        private static final String SYNTAX = "xsk:INTERFACE[,queue=N][,queues=N][,mode=copy|zerocopy][,attach=native|generic][,ring=N][,pages=huge]"
                + "[,checksums=keep][,ifindex=N]";
        private static final int MOST_QUEUES = 1 << 12;

        @Override
        public int ifindex() {
            return settings.ifindex();
        }
    }

    /** A TAP interface, with a queue for each worker. */
    record Tap(TapSettings settings) implements Live {
        private static final String SYNTAX = "tap:NAME" + TapSyntax.PARTS + "[,ifindex=N]";

        @Override
        public String input() {
            return settings.name();
        }

        @Override
        public int ifindex() {
            return settings.ifindex();
        }
    }

    /**
     * A device of DPDK.
     *
     * @param arguments its name and what its driver takes, as EAL spells it
     * @param mtu most bytes of a packet without the Ethernet header, 0 for the device's own
     */
    record DpdkDevice(String input, String arguments, int ifindex, int mtu) implements Live {
        private static final Pattern OWN = Pattern.compile("(ifindex|mtu)=([^,]*),?(.*)", Pattern.DOTALL);
        private static final int SMALLEST_MTU = 68;
        private static final int LARGEST_MTU = 65535;
        private static final String SYNTAX = "dpdk:[ifindex=N,][mtu=N,]DEVICE[,ARGUMENT...], such as dpdk:0000:01:00.0 or dpdk:net_ring0";
    }

    /**
     * @param position interface number unless the text gives one
     * @throws CommandException for wrong usage
     */
    static PortSpec parse(String text, int position) {
        int colon = text.indexOf(':');
        String kind = colon < 0 ? text : text.substring(0, colon);
        String rest = colon < 0 ? "" : text.substring(colon + 1);
        return switch (kind) {
            case "pcap" -> capture(new PortParts(text, rest, Capture.SYNTAX, "file"), position);
            case "gen" -> generator(new PortParts(text, rest, Generator.SYNTAX, "packet"), position);
            case "xsk" -> sockets(new PortParts(text, rest, Sockets.SYNTAX, "interface"), position);
            case "tap" -> tap(new PortParts(text, rest, Tap.SYNTAX, "name"), position);
            case "dpdk" -> device(text, rest, position);
            default -> throw CommandException.usage("--port " + text + ": unknown kind of port: use " + KINDS);
        };
    }

    private static PortSpec capture(PortParts parts, int position) {
        String output = parts.value("out", null);
        double speed = speed(parts);
        int ifindex = parts.ifindex(position);
        parts.end();
        return new Capture(parts.first(), output, ifindex, speed);
    }

    private static double speed(PortParts parts) {
        String text = parts.value("pace", null);
        if (parts.flag("pace")) {
            text = text == null ? "1x" : text + " and pace";
        }
        if (text == null) {
            return 0;
        }
        double speed = text.matches("[0-9]{1,9}(\\.[0-9]{1,9})?x") ? Double.parseDouble(text.substring(0, text.length() - 1)) : 0;
        if (speed < Capture.LEAST_SPEED || speed > Capture.MOST_SPEED) {
            throw parts.wrong("pace must be how many times as fast the packets come, such as 2x or 0.5x, not '" + text + "'");
        }
        return speed;
    }

    private static PortSpec tap(PortParts parts, int position) {
        TapSettings settings = TapSyntax.parse(parts, parts.ifindex(position));
        parts.end();
        return new Tap(settings);
    }

    private static PortSpec generator(PortParts parts, int position) {
        GeneratorTemplate template;
        try {
            template = GeneratorTemplate.parse(parts.first());
        } catch (PacketTestException e) {
            throw wrongTemplate("gen:" + parts.first(), e);
        }
        long rate = parts.number("rate", 0);
        long count = parts.number("count", Long.MAX_VALUE);
        long flows = parts.number("flows", 0);
        String skew = parts.value("zipf", null);
        String order = parts.value("order", "random");
        String output = parts.value("out", null);
        int ifindex = parts.ifindex(position);
        parts.end();
        return new Generator("gen:" + parts.first(), template, choice(parts, flows, skew, order), rate, count, output, ifindex);
    }

    private static PortSpec sockets(PortParts parts, int position) {
        XskSettings.Copying copying = parts.choice("mode", Map.of("copy", XskSettings.Copying.COPY, "zerocopy", XskSettings.Copying.ZERO_COPY),
                XskSettings.Copying.AUTOMATIC);
        XskSettings.Attaching attaching = parts.choice("attach", Map.of("native", XskSettings.Attaching.NATIVE, "generic", XskSettings.Attaching.GENERIC),
                XskSettings.Attaching.AUTOMATIC);
        boolean huge = parts.choice("pages", Map.of("huge", true), false);
        boolean keepsChecksums = parts.choice("checksums", Map.of("keep", true), false);
        int queue = parts.inRange("queue", 0, 0, Sockets.MOST_QUEUES);
        int queues = parts.inRange("queues", 0, 1, Instance.CPUS);
        int ring = parts.inRange("ring", XskSettings.USUAL_RING, XskSettings.SMALLEST_RING, XskSettings.LARGEST_RING);
        if (Integer.bitCount(ring) != 1) {
            throw parts.wrong("ring must be a power of two, such as 4096, not " + ring);
        }
        int ifindex = parts.ifindex(position);
        parts.end();
        return new Sockets("xsk:" + parts.first(), new XskSettings(parts.first(), ifindex, queue, copying, attaching, ring, huge,
                keepsChecksums), queues);
    }

    /** What follows the device's name is its driver's, so what is ours comes before it. */
    private static PortSpec device(String text, String rest, int position) {
        Map<String, String> own = new HashMap<>();
        String arguments = rest;
        Matcher matcher = DpdkDevice.OWN.matcher(arguments);
        while (matcher.matches() && own.putIfAbsent(matcher.group(1), matcher.group(2)) == null) {
            arguments = matcher.group(3);
            matcher = DpdkDevice.OWN.matcher(arguments);
        }
        if (arguments.isBlank() || matcher.matches() || arguments.startsWith(",")) {
            throw CommandException.usage("--port " + text + ": no device: use " + DpdkDevice.SYNTAX);
        }
        String ifindex = own.getOrDefault("ifindex", Integer.toString(position));
        String mtu = own.get("mtu");
        return new DpdkDevice(text, arguments, (int) Numbers.inRange("--port " + text + ": ifindex", ifindex, 1, Integer.MAX_VALUE),
                mtu == null ? 0 : (int) Numbers.inRange("--port " + text + ": mtu", mtu, DpdkDevice.SMALLEST_MTU, DpdkDevice.LARGEST_MTU));
    }

    /** For what {@link GeneratorTemplate} says of its text, which comes after the four characters {@code gen:}. */
    static CommandException wrongTemplate(String port, PacketTestException e) {
        return CommandException.usage("--port " + port + ": character " + (e.position().column() + 4) + ": " + e.getMessage());
    }

    private static FlowChoice choice(PortParts parts, long flows, String skew, String order) {
        switch (order) {
            case "random" -> {
            }
            case "turn" -> {
                if (flows > 0 || skew != null) {
                    throw parts.wrong("order=turn goes through all values, so it takes neither flows nor zipf");
                }
                return new FlowChoice.InTurn();
            }
            default -> throw parts.wrong("order must be random or turn, not '" + order + "'");
        }
        if (skew == null) {
            return flows == 0 ? new FlowChoice.Fresh() : new FlowChoice.Uniform(flows);
        }
        if (flows == 0 || flows > FlowChoice.Zipf.MOST_FLOWS) {
            throw parts.wrong("zipf needs flows=N, at most " + FlowChoice.Zipf.MOST_FLOWS);
        }
        double exponent = skew.matches("[0-9]{1,9}(\\.[0-9]{1,9})?") ? Double.parseDouble(skew) : 0;
        if (exponent <= 0 || exponent > Generator.MOST_SKEW) {
            throw parts.wrong("zipf must be a number above 0, such as 1.1, not '" + skew + "'");
        }
        return new FlowChoice.Zipf((int) flows, exponent);
    }
}
