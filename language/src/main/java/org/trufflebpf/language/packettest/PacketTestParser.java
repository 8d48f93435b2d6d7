package org.trufflebpf.language.packettest;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.trufflebpf.io.burst.Verdict;

/** Turns the text of a packet test file into tests. Pure: files that it names are not looked at. */
public final class PacketTestParser {
    /** Bytes of the longest file. Far more than anybody writes, and little enough that any file is parsed at once. */
    public static final int MAX_FILE = 1 << 20;

    private static final String VERDICTS = Arrays.stream(Verdict.values()).map(Verdict::name).collect(Collectors.joining(", "));
    private static final String STATEMENTS = "object, program, let, test, map, packet or expect";
    private static final int MAX_METADATA = 255;
    /** Packets that a file may give by statements with several values, so that a short file takes no long time. */
    private static final int MAX_PACKETS = 1 << 20;

    private final TokenReader tokens;
    private final PacketParser packets;
    private final List<PacketTest> tests = new ArrayList<>();
    private String object;
    private String program;
    private Token testName;
    private List<Step> steps;
    private long given;

    private PacketTestParser(TokenReader tokens) {
        this.tokens = tokens;
        this.packets = new PacketParser(tokens);
    }

    /**
     * The tests of a file.
     *
     * @throws PacketTestException at the first thing that is not as it must be
     */
    public static List<PacketTest> parse(byte[] content) throws PacketTestException {
        if (content.length > MAX_FILE) {
            throw new PacketTestException(new Position(1, 1), "a packet test file has at most " + MAX_FILE + " bytes, this one " + content.length);
        }
        PacketTestParser parser = new PacketTestParser(new TokenReader(Lexer.split(content)));
        parser.file();
        return parser.tests;
    }

    private void file() throws PacketTestException {
        while (tokens.peek().kind() != Token.Kind.END) {
            if (!tokens.atStatementEnd()) {
                throw tokens.expected("one of " + STATEMENTS);
            }
            statement(tokens.next());
        }
        endTest();
        if (tests.isEmpty()) {
            throw tokens.expected("a test");
        }
    }

    private void statement(Token keyword) throws PacketTestException {
        switch (keyword.text()) {
            case "object" -> {
                endTest();
                object = tokens.name("an object file");
                program = null;
                tokens.endStatement();
            }
            case "program" -> {
                endTest();
                program = tokens.name("the name of a program");
                tokens.endStatement();
            }
            case "let" -> {
                endTest();
                packets.define();
            }
            case "test" -> test(keyword);
            case "map" -> map(keyword.position());
            case "packet" -> packet(keyword.position());
            case "expect" -> expect(keyword);
            default -> throw new IllegalStateException(keyword.text());
        }
    }

    private void test(Token keyword) throws PacketTestException {
        endTest();
        if (object == null) {
            throw new PacketTestException(keyword.position(), "expected 'object FILE' before the first test");
        }
        if (tokens.peek().kind() != Token.Kind.STRING) {
            throw tokens.expected("the name of the test in quotes");
        }
        testName = tokens.next();
        tokens.endStatement();
        steps = new ArrayList<>();
    }

    private void endTest() {
        if (steps != null) {
            tests.add(new PacketTest(testName.position(), TokenReader.utf8(testName.text()), object, program, steps));
            steps = null;
        }
    }

    private void add(Step step) throws PacketTestException {
        if (steps == null) {
            throw new PacketTestException(step.position(), "expected 'test \"NAME\"' before this");
        }
        steps.add(step);
    }

    private void map(Position position) throws PacketTestException {
        String map = tokens.name("the name of a map");
        MapValue key = key();
        if (tokens.accept("delete")) {
            add(new Step.DeleteEntry(position, map, key));
        } else {
            tokens.expect("=", "'=' and a value, or 'delete'");
            MapValue value = mapValue(false);
            boolean everyCpu = tokens.accept("on");
            if (everyCpu) {
                tokens.expect("every", "'every CPU'");
                tokens.expect("CPU", "'CPU'");
            }
            add(new Step.SetEntry(position, map, key, value, everyCpu));
        }
        tokens.endStatement();
    }

    private void packet(Position position) throws PacketTestException {
        PacketTemplate packet = packets.packet();
        given += VaryingField.combinations(packet, MAX_PACKETS);
        if (given > MAX_PACKETS) {
            throw new PacketTestException(position, "the values of all fields make more than " + MAX_PACKETS + " packets in this file");
        }
        byte[] metadata = tokens.accept("meta") ? metadata() : new byte[0];
        tokens.endStatement();
        Expectation expectation = null;
        // Tests of maps read better without an 'expect' for each packet.
        if (tokens.peek().is("expect") && !tokens.peekSecond().is("map")) {
            expectation = expectation(tokens.next().position());
        }
        add(new Step.Send(position, packet, metadata, expectation));
    }

    private byte[] metadata() throws PacketTestException {
        Position position = tokens.peek().position();
        tokens.expect("hex", "hex and the metadata's bytes");
        byte[] bytes = tokens.hexBytes();
        if (bytes.length % 4 != 0 || bytes.length > MAX_METADATA) {
            throw new PacketTestException(position, "metadata has a multiple of 4 bytes, at most 252; these are " + bytes.length);
        }
        return bytes;
    }

    private Expectation expectation(Position position) throws PacketTestException {
        Token word = tokens.word("a verdict (" + VERDICTS + ") or map");
        Verdict verdict = Arrays.stream(Verdict.values()).filter(known -> known.name().equals(word.text())).findFirst().orElseThrow(
                () -> new PacketTestException(word.position(), "expected a verdict (" + VERDICTS + ") or map, found " + word.found()));
        Expectation.Bytes bytes;
        if (tokens.atStatementEnd() || tokens.peek().is("meta")) {
            bytes = new Expectation.Bytes.Whatever();
        } else if (tokens.accept("unchanged")) {
            bytes = new Expectation.Bytes.Differs(List.of());
        } else if (tokens.accept("packet")) {
            PacketTemplate whole = packets.packet();
            if (!VaryingField.of(whole).isEmpty()) {
                throw new PacketTestException(whole.position(), "expected one packet, found one whose fields have several values");
            }
            bytes = new Expectation.Bytes.Whole(whole);
        } else {
            bytes = new Expectation.Bytes.Differs(packets.changes(true));
        }
        byte[] metadata = tokens.accept("meta") ? tokens.accept("none") ? new byte[0] : metadata() : null;
        tokens.endStatement();
        return new Expectation(position, verdict, bytes, metadata);
    }

    private void expect(Token keyword) throws PacketTestException {
        Position position = keyword.position();
        if (!tokens.accept("map")) {
            throw new PacketTestException(position, "expected a packet right before the verdict that it must get");
        }
        String map = tokens.name("the name of a map");
        if (tokens.accept("entries")) {
            tokens.expect("=", "'=' and how many entries the map must have");
            add(new Step.ExpectEntries(position, map, tokens.number(0, Integer.MAX_VALUE, "a number of entries")));
        } else if (tokens.accept("record")) {
            MapValue record = expectedValue();
            add(record == null ? new Step.ExpectNoRecord(position, map) : new Step.ExpectRecord(position, map, record));
        } else {
            MapValue key = key();
            MapValue value = expectedValue();
            add(value == null ? new Step.ExpectNoEntry(position, map, key) : new Step.ExpectEntry(position, map, key, value));
        }
        tokens.endStatement();
    }

    /** Null for {@code absent}. */
    private MapValue expectedValue() throws PacketTestException {
        if (tokens.accept("absent")) {
            return null;
        }
        tokens.expect("=", "'=' and a value, or 'absent'");
        return mapValue(true);
    }

    private MapValue key() throws PacketTestException {
        tokens.expect("[", "'[' and a key");
        MapValue key = mapValue(false);
        tokens.expect("]", "']'");
        return key;
    }

    /** @param compared whether it is one that a program must have made, of which a part may be left open */
    private MapValue mapValue(boolean compared) throws PacketTestException {
        Position position = tokens.peek().position();
        List<MapValue.Part> parts = new ArrayList<>();
        if (tokens.accept("{")) {
            do {
                parts.add(compared && tokens.accept("any") ? new MapValue.Part.Any(size()) : part(true));
            } while (tokens.accept(","));
            tokens.expect("}", "',' or '}'");
        } else {
            parts.add(part(false));
        }
        return new MapValue(position, parts);
    }

    private int size() throws PacketTestException {
        return tokens.number(1, PacketBuilder.MAX_PACKET, "a number of bytes");
    }

    private MapValue.Part part(boolean inside) throws PacketTestException {
        String expected = inside ? "a typed number such as u32 1 or be16 80, an address, a text, hex, or zero and a number of bytes"
                : "a number, an address, a text, hex, or {";
        if (!tokens.atStatementEnd() && tokens.peek().kind() == Token.Kind.STRING) {
            return new MapValue.Part.Text(TokenReader.bytes(tokens.next().text()));
        }
        if (tokens.accept("hex")) {
            return new MapValue.Part.Bytes(tokens.hexBytes());
        }
        if (inside && tokens.accept("zero")) {
            return new MapValue.Part.Zeros(size());
        }
        if (tokens.atStatementEnd() || !tokens.peek().isWord()) {
            throw tokens.expected(expected);
        }
        String text = tokens.peek().text();
        for (FieldFormat address : List.of(FieldFormat.IPV4, FieldFormat.MAC, FieldFormat.IPV6)) {
            byte[] bytes = address.parse(text, 0);
            if (bytes != null) {
                tokens.next();
                return new MapValue.Part.Bytes(bytes);
            }
        }
        int width = width(text);
        if (inside && width == 0 || !inside && FieldFormat.parseNumber(text) == null) {
            throw tokens.expected(expected);
        }
        if (inside) {
            tokens.next();
        }
        Token number = tokens.word("a number");
        BigInteger value = FieldFormat.parseNumber(number.text());
        if (value == null) {
            throw new PacketTestException(number.position(), "expected a number, found " + number.found());
        }
        return new MapValue.Part.Number(value, width, text.startsWith("be"));
    }

    /** Bytes of a type's name, 0 for others. */
    private static int width(String type) {
        return switch (type) {
            case "u8" -> 1;
            case "u16", "be16" -> 2;
            case "u32", "be32" -> 4;
            case "u64", "be64" -> 8;
            default -> 0;
        };
    }
}
