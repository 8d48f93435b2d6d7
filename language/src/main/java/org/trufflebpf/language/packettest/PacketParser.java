package org.trufflebpf.language.packettest;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The part of a test file's grammar that describes packets and differences between packets. */
final class PacketParser {
    private static final String HEADERS = Arrays.stream(Header.values()).map(Header::text).collect(Collectors.joining(", "));
    private static final int MAX_LAYERS = 64;
    private static final int MAX_EDITS = 64;
    /** Bytes of all payloads together that a file may ask for by number. */
    private static final int MAX_COUNTED = 16 << 20;
    /** Bytes that the length field of IPv4 and TCP leaves for options. */
    private static final int MAX_OPTIONS = 40;

    private final TokenReader tokens;
    private final Map<String, PacketTemplate> named = new HashMap<>();
    private final boolean generated;
    private int counted;

    /** For the packets of a test. */
    PacketParser(TokenReader tokens) {
        this(tokens, false);
    }

    /** @param generated whether the packets are generated, so that captures may stand for all their packets and checksums can be made right again */
    PacketParser(TokenReader tokens, boolean generated) {
        this.tokens = tokens;
        this.generated = generated;
    }

    /** {@code let NAME = packet}. */
    void define() throws PacketTestException {
        Token name = tokens.word("a name for the packet");
        if (Header.named(name.text()) != null || name.text().equals("hex") || name.text().equals("frame")) {
            throw new PacketTestException(name.position(), "'" + name.text() + "' has a meaning of its own: take another name");
        }
        tokens.expect("=", "'='");
        named.put(name.text(), packet());
        tokens.endStatement();
    }

    PacketTemplate packet() throws PacketTestException {
        PacketTemplate packet = base();
        while (true) {
            Position position = tokens.peek().position();
            if (tokens.accept("with")) {
                for (Change change : changes(false)) {
                    packet = edited(packet, new PacketTemplate.Edit.Set(change));
                }
            } else if (tokens.accept("cut")) {
                tokens.expect("to", "'to' and a number of bytes");
                packet = edited(packet, new PacketTemplate.Edit.Cut(position, length()));
            } else if (tokens.accept("pad")) {
                tokens.expect("to", "'to' and a number of bytes");
                packet = edited(packet, new PacketTemplate.Edit.Pad(position, length()));
            } else {
                return packet;
            }
        }
    }

    private static PacketTemplate edited(PacketTemplate packet, PacketTemplate.Edit edit) throws PacketTestException {
        if (packet.edits().size() == MAX_EDITS) {
            throw new PacketTestException(packet.position(), "more than " + MAX_EDITS + " changes to one packet");
        }
        return packet.with(edit);
    }

    private int length() throws PacketTestException {
        return tokens.number(0, PacketBuilder.MAX_PACKET, "a number of bytes");
    }

    private PacketTemplate base() throws PacketTestException {
        Position position = tokens.peek().position();
        if (tokens.accept("hex")) {
            return template(position, new PacketTemplate.Base.Bytes(tokens.hexBytes()));
        }
        if (generated && tokens.accept("frames")) {
            tokens.expect("of", "'of' and a capture file");
            return template(position, new PacketTemplate.Base.Frames(tokens.name("a capture file")));
        }
        if (tokens.accept("frame")) {
            int number = tokens.number(1, Integer.MAX_VALUE, "the number of a frame");
            tokens.expect("of", "'of' and a capture file");
            return template(position, new PacketTemplate.Base.Frame(number, tokens.name("a capture file")));
        }
        if (!tokens.atStatementEnd() && named.containsKey(tokens.peek().text())) {
            PacketTemplate packet = named.get(tokens.next().text());
            return new PacketTemplate(position, packet.base(), packet.edits());
        }
        return template(position, headers());
    }

    private static PacketTemplate template(Position position, PacketTemplate.Base base) {
        return new PacketTemplate(position, base, List.of());
    }

    private PacketTemplate.Base.Headers headers() throws PacketTestException {
        List<Layer> layers = new ArrayList<>();
        do {
            if (layers.size() == MAX_LAYERS) {
                throw tokens.expected("no more than " + MAX_LAYERS + " headers");
            }
            layers.add(layer());
        } while (tokens.accept("/"));
        return new PacketTemplate.Base.Headers(layers);
    }

    private Layer layer() throws PacketTestException {
        String others = generated ? "hex, frame, frames" : "hex, frame, a packet named by let";
        String expected = others + ", or a header (" + HEADERS + ")";
        Header header = tokens.atStatementEnd() || !tokens.peek().isWord() ? null : Header.named(tokens.peek().text());
        if (header == null) {
            throw tokens.expected(expected);
        }
        tokens.next();
        Map<Field, FieldValue> values = new HashMap<>();
        if (header == Header.PAYLOAD) {
            values.put(header.fields().getFirst(), payload(true));
        } else {
            while (atAssignment()) {
                Token name = tokens.next();
                Field field = field(header, name);
                if (values.put(field, value(header, field, false)) != null) {
                    throw new PacketTestException(name.position(), header.text() + " " + name.text() + " is given twice");
                }
            }
        }
        return new Layer(header, values);
    }

    /**
     * {@code "text"}, {@code hex 00 01}, or {@code 64 bytes}, which count up from zero.
     *
     * @param varying whether it may be {@code 6-1400 bytes} or {@code 6|536|1460 bytes}, too
     */
    private FieldValue payload(boolean varying) throws PacketTestException {
        if (!tokens.atStatementEnd() && tokens.peek().kind() == Token.Kind.STRING) {
            return new FieldValue.Exactly(TokenReader.bytes(tokens.next().text()));
        }
        if (tokens.accept("hex")) {
            return new FieldValue.Exactly(tokens.hexBytes());
        }
        Position position = tokens.peek().position();
        List<byte[]> payloads = new ArrayList<>();
        for (int count : byteCounts(varying)) {
            counted += count;
            if (counted > MAX_COUNTED) {
                throw new PacketTestException(position, "the payloads of one file take more than " + MAX_COUNTED + " bytes");
            }
            byte[] bytes = new byte[count];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) i;
            }
            payloads.add(bytes);
        }
        tokens.expect("bytes", "'bytes'");
        return payloads.size() == 1 ? new FieldValue.Exactly(payloads.getFirst()) : new FieldValue.Varying(new Variation.OneOf(payloads));
    }

    /** One number of bytes, or those of {@link Variation#parse}. */
    private List<Integer> byteCounts(boolean varying) throws PacketTestException {
        Variation several = varying && !tokens.atStatementEnd() ? Variation.parse(FieldFormat.NUMBER, tokens.peek().text(), Short.SIZE) : null;
        if (several == null) {
            return List.of(tokens.number(0, PacketBuilder.MAX_PACKET, "a text in quotes, hex, or a number of bytes"));
        }
        tokens.next();
        List<Integer> counts = new ArrayList<>();
        for (long i = 0; i < several.size(); i++) {
            counts.add(new BigInteger(1, several.value(i)).intValue());
        }
        return counts;
    }

    /**
     * {@code header field=value field=value ; header field=value}.
     *
     * @param wanted whether they describe what is wanted, so that a value may be {@code ok} or {@code any}
     */
    List<Change> changes(boolean wanted) throws PacketTestException {
        List<Change> changes = new ArrayList<>();
        do {
            changesOfOne(changes, wanted);
        } while (tokens.accept(";"));
        return changes;
    }

    private void changesOfOne(List<Change> changes, boolean wanted) throws PacketTestException {
        Token name = tokens.word("bytes, or a header (" + HEADERS + ")");
        if (name.text().equals("bytes")) {
            changesOfBytes(changes);
            return;
        }
        int dot = name.text().indexOf('.');
        Header header = Header.named(dot < 0 ? name.text() : name.text().substring(0, dot));
        String number = dot < 0 ? "1" : name.text().substring(dot + 1);
        if (header == null || !number.matches("[1-9][0-9]?")) {
            throw new PacketTestException(name.position(), "expected bytes, or a header (" + HEADERS + "; the second one of a kind is ipv4.2), found "
                    + name.found());
        }
        int occurrence = Integer.parseInt(number);
        if (header == Header.PAYLOAD) {
            Field data = header.fields().getFirst();
            changes.add(new Change.OfField(name.position(), header, occurrence, data, payload(!wanted)));
            return;
        }
        if (!atAssignment()) {
            throw tokens.expected("a field of " + header.text() + " and '='");
        }
        while (atAssignment()) {
            Token field = tokens.next();
            Field known = field(header, field);
            changes.add(new Change.OfField(field.position(), header, occurrence, known, value(header, known, wanted)));
        }
    }

    private void changesOfBytes(List<Change> changes) throws PacketTestException {
        do {
            Position position = tokens.peek().position();
            int offset = tokens.number(0, PacketBuilder.MAX_PACKET, "an offset");
            tokens.expect("=", "'='");
            Token digits = tokens.word("hexadecimal bytes");
            byte[] bytes = FieldFormat.parseHex(digits.text());
            if (bytes == null) {
                throw new PacketTestException(digits.position(), "expected pairs of hexadecimal digits, found " + digits.found());
            }
            changes.add(new Change.OfBytes(position, offset, bytes));
        } while (atAssignment());
    }

    private boolean atAssignment() {
        return !tokens.atStatementEnd() && tokens.peek().isWord() && tokens.peekSecond().is("=");
    }

    private static Field field(Header header, Token name) throws PacketTestException {
        Field field = header.field(name.text());
        if (field == null) {
            String known = header.fields().stream().map(Field::name).collect(Collectors.joining(", "));
            throw new PacketTestException(name.position(), header.text() + " has no field " + name.found() + "; it has " + known);
        }
        return field;
    }

    /** Reads {@code =value}. */
    private FieldValue value(Header header, Field field, boolean wanted) throws PacketTestException {
        tokens.expect("=", "'='");
        Token value = tokens.word("a value");
        if (wanted && value.text().equals("any")) {
            return new FieldValue.Any();
        }
        if ((wanted || generated) && value.text().equals("ok") && field.name().equals("checksum")) {
            return new FieldValue.Computed();
        }
        Variation several = !wanted && !field.isVariable() ? Variation.parse(field.format(), value.text(), field.bits()) : null;
        if (several != null) {
            return new FieldValue.Varying(several);
        }
        byte[] bits = field.format().parse(value.text(), field.bits());
        if (bits == null) {
            String limit = field.format() == FieldFormat.NUMBER || field.format() == FieldFormat.HEX ? " of at most " + field.bits() + " bits" : "";
            throw new PacketTestException(value.position(), "expected " + field.format().description() + limit + ", found " + value.found());
        }
        if (field.isVariable() && (bits.length % 4 != 0 || bits.length > MAX_OPTIONS)) {
            throw new PacketTestException(value.position(),
                    header.text() + " options take a multiple of 4 bytes, at most " + MAX_OPTIONS + "; these are " + bits.length);
        }
        return new FieldValue.Exactly(bits);
    }
}
