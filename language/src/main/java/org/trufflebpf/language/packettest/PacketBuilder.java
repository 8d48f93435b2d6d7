package org.trufflebpf.language.packettest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Turns packet templates into bytes. */
public final class PacketBuilder {
    /** Bytes of the longest packet, more than any frame that programs get. */
    static final int MAX_PACKET = 65535;

    /** The IPv6 protocol number that says that nothing follows. */
    private static final int NO_NEXT_HEADER = 59;

    private PacketBuilder() {
    }

    /** Where the packets of capture files come from. */
    @FunctionalInterface
    public interface Captures {
        /**
         * @param number from 1
         * @return the packet, null if the capture has fewer
         * @throws IOException if the capture cannot be read
         */
        byte[] frame(String capture, int number) throws IOException;
    }

    /**
     * The bytes that a template stands for.
     *
     * @throws PacketTestException if it cannot be built, at the place in the test file that is to blame
     * @throws IOException if a capture cannot be read
     */
    public static byte[] build(PacketTemplate template, Captures captures) throws PacketTestException, IOException {
        byte[] packet = switch (template.base()) {
            case PacketTemplate.Base.Headers headers -> build(headers.layers());
            case PacketTemplate.Base.Bytes bytes -> bytes.bytes().clone();
            case PacketTemplate.Base.Frame frame -> {
                byte[] found = captures.frame(frame.capture(), frame.number());
                if (found == null) {
                    throw new PacketTestException(template.position(), frame.capture() + " has no frame " + frame.number());
                }
                yield found;
            }
            case PacketTemplate.Base.Frames frames -> throw new IllegalArgumentException("several packets: " + frames.capture());
        };
        for (PacketTemplate.Edit edit : template.edits()) {
            packet = edit(packet, edit);
        }
        if (packet.length > MAX_PACKET) {
            throw new PacketTestException(template.position(), "a packet of " + packet.length + " bytes; at most " + MAX_PACKET + " are possible");
        }
        return packet;
    }

    private static byte[] edit(byte[] packet, PacketTemplate.Edit edit) throws PacketTestException {
        return switch (edit) {
            case PacketTemplate.Edit.Set(Change change) -> changed(packet, List.of(change), new BitSet());
            case PacketTemplate.Edit.Cut(Position position, int length) -> {
                if (length > packet.length) {
                    throw new PacketTestException(position, "cannot cut to " + length + " bytes: the packet has " + packet.length);
                }
                yield Arrays.copyOf(packet, length);
            }
            case PacketTemplate.Edit.Pad(Position position, int length) -> {
                if (length < packet.length) {
                    throw new PacketTestException(position, "cannot pad to " + length + " bytes: the packet has " + packet.length);
                }
                yield Arrays.copyOf(packet, length);
            }
        };
    }

    /**
     * A copy of {@code packet} with other fields.
     *
     * @param ignored gets the numbers of the bytes that are not to be compared
     * @throws PacketTestException if the packet has no such header
     */
    static byte[] changed(byte[] packet, List<Change> changes, BitSet ignored) throws PacketTestException {
        byte[] result = packet.clone();
        List<DecodedLayer> layers = PacketDecoder.decode(packet);
        List<Integer> checksums = new ArrayList<>();
        for (Change change : changes) {
            switch (change) {
                case Change.OfBytes bytes -> overwrite(result, bytes.offset(), packet.length, bytes.bytes(), change.position());
                case Change.OfField field -> {
                    DecodedLayer layer = PacketDecoder.find(layers, field);
                    if (layer == null) {
                        throw noSuchHeader(field);
                    }
                    int start = layer.offset() + field.field().bit() / 8;
                    int end = field.field().isVariable() ? layer.offset() + layer.length()
                            : layer.offset() + (field.field().bit() + field.field().bits() + 7) / 8;
                    switch (field.value()) {
                        case FieldValue.Any _ -> ignored.set(start, end);
                        case FieldValue.Computed _ -> checksums.add(layers.indexOf(layer));
                        case FieldValue.Varying several -> throw new IllegalArgumentException("several values: " + several);
                        case FieldValue.Exactly value when field.field().isVariable() ->
                            overwrite(result, start, end, value.bits(), change.position());
                        case FieldValue.Exactly value -> field.field().write(result, layer.offset(), value.bits());
                    }
                }
            }
        }
        // Innermost first: an outer ICMP checksum covers an inner TCP checksum.
        checksums.sort(Comparator.reverseOrder());
        checksums.forEach(index -> Checksums.fill(result, layers, index));
        return result;
    }

    private static void overwrite(byte[] packet, int start, int end, byte[] bytes, Position position) throws PacketTestException {
        if (bytes.length > end - start) {
            throw new PacketTestException(position, bytes.length + " bytes do not fit here: there are " + Math.max(0, end - start));
        }
        System.arraycopy(bytes, 0, packet, start, bytes.length);
    }

    static PacketTestException noSuchHeader(Change.OfField change) {
        String which = change.occurrence() == 1 ? "no " : "no " + change.occurrence() + (change.occurrence() == 2 ? "nd " : "th ");
        return new PacketTestException(change.position(), "the packet has " + which + change.header().text() + " header");
    }

    /** Where headers lie in the packet that they are built into. */
    static List<DecodedLayer> places(List<Layer> given) {
        List<DecodedLayer> layers = new ArrayList<>();
        Map<Header, Integer> seen = new EnumMap<>(Header.class);
        int offset = 0;
        for (Layer layer : given) {
            int length = bytes(layer).length;
            layers.add(new DecodedLayer(layer.header(), seen.merge(layer.header(), 1, Integer::sum), offset, length));
            offset += length;
        }
        return layers;
    }

    private static byte[] build(List<Layer> given) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        given.forEach(layer -> all.writeBytes(bytes(layer)));
        byte[] packet = all.toByteArray();
        List<DecodedLayer> layers = places(given);
        for (int i = 0; i < given.size(); i++) {
            fillAnnouncements(packet, given, layers, i);
        }
        // Lengths of all layers before any checksum, and inner checksums before outer ones.
        for (int i = given.size() - 1; i >= 0; i--) {
            Field checksum = given.get(i).header().field("checksum");
            if (checksum != null && given.get(i).given(checksum) == null) {
                Checksums.fill(packet, layers, i);
            }
        }
        return packet;
    }

    /** A header with its default and given values. */
    private static byte[] bytes(Layer layer) {
        byte[] fixed = layer.header().initial();
        byte[] rest = new byte[0];
        for (Field field : layer.header().fields()) {
            byte[] value = layer.given(field);
            if (value != null && field.isVariable()) {
                rest = value;
            } else if (value != null) {
                field.write(fixed, 0, value);
            }
        }
        byte[] bytes = Arrays.copyOf(fixed, fixed.length + rest.length);
        System.arraycopy(rest, 0, bytes, fixed.length, rest.length);
        return bytes;
    }

    /** The fields of a layer that say how long it and the rest are, and what follows. */
    private static void fillAnnouncements(byte[] packet, List<Layer> given, List<DecodedLayer> layers, int index) {
        Layer layer = given.get(index);
        DecodedLayer at = layers.get(index);
        boolean last = index + 1 == given.size();
        Header next = last ? Header.PAYLOAD : given.get(index + 1).header();
        int remaining = packet.length - at.offset();
        switch (layer.header()) {
            case ETH, VLAN, QINQ -> fillIn(packet, layer, at, "type", next.etherType());
            case IPV4 -> {
                fillIn(packet, layer, at, "ihl", at.length() / 4);
                fillIn(packet, layer, at, "length", remaining);
                fillIn(packet, layer, at, "proto", next.protocol());
            }
            case IPV6 -> {
                fillIn(packet, layer, at, "length", remaining - at.length());
                fillIn(packet, layer, at, "next", last ? NO_NEXT_HEADER : next.protocol());
            }
            case TCP -> fillIn(packet, layer, at, "offset", at.length() / 4);
            case UDP -> fillIn(packet, layer, at, "length", remaining);
            case ARP, ICMP, ICMPV6, PAYLOAD -> {
            }
        }
    }

    private static void fillIn(byte[] packet, Layer layer, DecodedLayer at, String name, int value) {
        Field field = layer.header().field(name);
        if (layer.given(field) == null) {
            field.writeInt(packet, at.offset(), value);
        }
    }
}
