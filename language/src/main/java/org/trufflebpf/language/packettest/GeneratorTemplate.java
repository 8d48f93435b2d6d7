package org.trufflebpf.language.packettest;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.generator.Checksum;
import org.trufflebpf.io.generator.FlowTemplate;
import org.trufflebpf.io.generator.Patch;

/**
 * What a generator port sends, as people write it: a packet in the language of packet tests, whose fields may have several values each, or all
 * packets of a capture. Here it becomes bytes and the places in them that vary; how checksums follow is found by trying.
 */
public final class GeneratorTemplate {
    private static final int MOST_TEMPLATES = 1 << 16;
    private static final int MOST_BYTES = 64 << 20;
    /** Fields that say what follows and how long it is: they can have any value, but in generated packets only one. */
    private static final Set<String> STRUCTURE = Set.of("version", "ihl", "length", "fragment", "proto", "next", "type", "offset");

    private final PacketTemplate packet;

    private GeneratorTemplate(PacketTemplate packet) {
        this.packet = packet;
    }

    /**
     * What a port's traffic is made of.
     *
     * @param inOrder whether the templates follow each other
     * @param sizes how many values each variable has
     */
    public record Packets(List<FlowTemplate> templates, boolean inOrder, List<Long> sizes) {
    }

    /** @throws PacketTestException at the place in the text that is to blame */
    public static GeneratorTemplate parse(String text) throws PacketTestException {
        TokenReader tokens = new TokenReader(Lexer.split(text.getBytes(StandardCharsets.UTF_8)));
        PacketTemplate packet = new PacketParser(tokens, true).packet();
        tokens.endStatement();
        GeneratorTemplate template = new GeneratorTemplate(packet);
        template.check();
        return template;
    }

    private void check() throws PacketTestException {
        for (VaryingField each : VaryingField.of(packet)) {
            boolean inHeaders = each.edit() < 0;
            boolean structure = STRUCTURE.contains(each.field().name()) && each.header() != Header.ICMP && each.header() != Header.ICMPV6;
            boolean ipLength = each.field().name().equals("length") && (each.header() == Header.IPV4 || each.header() == Header.IPV6);
            if (ipLength || structure && !inHeaders) {
                throw new PacketTestException(packet.position(), each.header().text() + " " + each.field().name()
                        + " cannot vary: it says what the rest is; 'payload 6-1400 bytes' varies the length");
            }
        }
    }

    /**
     * Builds the packets.
     *
     * @param files where captures are, by paths as the text writes them
     * @throws PacketTestException if one cannot be built, at the place in the text that is to blame
     * @throws IOException if a capture cannot be read
     */
    public Packets build(TestFiles files) throws PacketTestException, IOException {
        return build(new FileCache(files, ""));
    }

    Packets build(PacketBuilder.Captures captures) throws PacketTestException, IOException {
        List<FlowTemplate> templates = new ArrayList<>();
        List<VaryingField> fields = VaryingField.of(packet);
        if (packet.base() instanceof PacketTemplate.Base.Frames(String capture)) {
            for (int number = 1; captures.frame(capture, number) != null; number++) {
                PacketTemplate frame = new PacketTemplate(packet.position(), new PacketTemplate.Base.Frame(number, capture), packet.edits());
                addShapes(templates, frame, captures);
            }
            if (templates.isEmpty()) {
                throw new PacketTestException(packet.position(), capture + " has no packets");
            }
            return new Packets(templates, true, sizes(fields));
        }
        addShapes(templates, packet, captures);
        return new Packets(templates, false, sizes(fields));
    }

    private static List<Long> sizes(List<VaryingField> fields) {
        return fields.stream().filter(field -> !field.field().isVariable()).map(field -> field.values().size()).toList();
    }

    /** Each combination of values of what changes a packet's length is a template of its own. */
    private void addShapes(List<FlowTemplate> templates, PacketTemplate shape, PacketBuilder.Captures captures)
            throws PacketTestException, IOException {
        List<VaryingField> fields = VaryingField.of(shape);
        int index = 0;
        while (index < fields.size() && !fields.get(index).field().isVariable()) {
            index++;
        }
        if (index < fields.size()) {
            VaryingField field = fields.get(index);
            for (long number = 0; number < field.values().size(); number++) {
                addShapes(templates, field.in(shape, field.values().value(number)), captures);
            }
            return;
        }
        FlowTemplate template = template(shape, fields, captures);
        long bytes = (long) templates.size() * template.packet().length;
        if (templates.size() == MOST_TEMPLATES || bytes > MOST_BYTES) {
            throw new PacketTestException(packet.position(), "more than " + MOST_TEMPLATES + " packets or " + (MOST_BYTES >> 20)
                    + " MiB of different lengths: give fewer lengths");
        }
        templates.add(template);
    }

    private FlowTemplate template(PacketTemplate shape, List<VaryingField> fields, PacketBuilder.Captures captures)
            throws PacketTestException, IOException {
        PacketTemplate first = shape;
        PacketTemplate zero = shape;
        for (VaryingField field : fields) {
            first = field.in(first, field.values().value(0));
            zero = field.in(zero, field.small(0));
        }
        byte[] bytes = PacketBuilder.build(first, captures);
        if (bytes.length == 0 || bytes.length > Burst.LONGEST_JUMBO) {
            throw new PacketTestException(packet.position(), "a packet of " + bytes.length + " bytes; a port takes 1 to "
                    + Burst.LONGEST_JUMBO);
        }
        List<Patch> patches = new ArrayList<>();
        List<byte[]> ones = new ArrayList<>();
        for (int variable = 0; variable < fields.size(); variable++) {
            VaryingField field = fields.get(variable);
            int bit = field.place(zero, captures);
            if (bit + field.field().bits() > bytes.length * Byte.SIZE) {
                throw new PacketTestException(packet.position(), field.header().text() + " " + field.field().name() + " was cut away");
            }
            byte[] one = PacketBuilder.build(field.in(zero, field.small(1)), captures);
            for (Patch patch : patches(variable, bit, field)) {
                patches.add(patch);
                ones.add(one);
            }
        }
        return new FlowTemplate(bytes, patches, checksums(zero, ones, captures));
    }

    /** Fields of up to 64 bits are one patch, wider ones two. */
    private List<Patch> patches(int variable, int bit, VaryingField field) throws PacketTestException {
        int bits = field.field().bits();
        int low = Math.min(bits, Long.SIZE);
        List<Patch> patches = new ArrayList<>();
        switch (field.values()) {
            case Variation.Range range -> {
                long start = number(range.first(), 0);
                if (bits > Long.SIZE && Long.compareUnsigned(start + range.size() - 1, start) < 0) {
                    throw new PacketTestException(packet.position(), "a range of IPv6 addresses must lie within one /64 network");
                }
                patches.add(new Patch(variable, bit + bits - low, low, start, null));
            }
            case Variation.OneOf list -> {
                if (bits > Long.SIZE) {
                    patches.add(new Patch(variable, bit, bits - low, 0, numbers(list, 1)));
                }
                patches.add(new Patch(variable, bit + bits - low, low, 0, numbers(list, 0)));
            }
        }
        return patches;
    }

    private static long[] numbers(Variation.OneOf list, int word) {
        return list.values().stream().mapToLong(value -> number(value, word)).toArray();
    }

    /** The lowest 64 bits of a value, or the 64 above. */
    private static long number(byte[] value, int word) {
        return new BigInteger(1, value).shiftRight(word * Long.SIZE).longValue();
    }

    /** @param zero where all that varies is zero; {@code ones} are the same packets with a one in the field of each patch */
    private static List<Checksum> checksums(PacketTemplate zero, List<byte[]> ones, PacketBuilder.Captures captures)
            throws PacketTestException, IOException {
        byte[] packet = PacketBuilder.build(zero, captures);
        List<Checksum> checksums = new ArrayList<>();
        for (var place : checksumPlaces(zero, captures).entrySet()) {
            int offset = place.getKey();
            if (offset + Short.BYTES <= packet.length) {
                int start = sum(packet, offset, place.getValue());
                List<Integer> factors = ones.stream()
                        .map(one -> Math.floorMod(sum(one, offset, place.getValue()) - start, Checksum.MODULUS)).toList();
                if (factors.stream().anyMatch(factor -> factor != 0)) {
                    checksums.add(new Checksum(offset, start, factors, place.getValue() == Header.UDP));
                }
            }
        }
        return checksums;
    }

    /** The sum that a checksum is the complement of; in UDP 0xffff is written for 0 (RFC 768). */
    private static int sum(byte[] packet, int offset, Header header) {
        int checksum = (packet[offset] & 0xff) << 8 | packet[offset + 1] & 0xff;
        return header == Header.UDP && checksum == 0xffff ? 0xffff : ~checksum & 0xffff;
    }

    /** Where the checksums lie that follow from the rest of the packet, and whose they are. */
    private static TreeMap<Integer, Header> checksumPlaces(PacketTemplate packet, PacketBuilder.Captures captures)
            throws PacketTestException, IOException {
        TreeMap<Integer, Header> places = new TreeMap<>();
        if (packet.base() instanceof PacketTemplate.Base.Headers headers) {
            List<DecodedLayer> layers = PacketBuilder.places(headers.layers());
            for (int i = 0; i < layers.size(); i++) {
                Field checksum = layers.get(i).header().field("checksum");
                if (checksum != null && headers.layers().get(i).given(checksum) == null) {
                    places.put(layers.get(i).offset() + checksum.bit() / Byte.SIZE, layers.get(i).header());
                }
            }
        }
        for (int i = 0; i < packet.edits().size(); i++) {
            if (packet.edits().get(i) instanceof PacketTemplate.Edit.Set(Change.OfField change)) {
                int offset = VaryingField.bit(packet, i, change, captures) / Byte.SIZE;
                if (change.value() instanceof FieldValue.Computed) {
                    places.put(offset, change.header());
                } else {
                    places.remove(offset);
                }
            }
        }
        return places;
    }
}
