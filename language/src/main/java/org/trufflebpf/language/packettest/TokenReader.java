package org.trufflebpf.language.packettest;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/** Walks over the tokens of a test file; what is not as expected becomes an error at its place. */
final class TokenReader {
    /** A word that starts a line with one of these starts a statement; any other line goes on with the statement before. */
    static final Set<String> STATEMENTS = Set.of("object", "program", "let", "test", "map", "packet", "expect");

    private final List<Token> tokens;
    private int at;

    TokenReader(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token peek() {
        return tokens.get(at);
    }

    /** The token after {@link #peek}. */
    Token peekSecond() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    Token next() {
        Token token = tokens.get(at);
        if (token.kind() != Token.Kind.END) {
            at++;
        }
        return token;
    }

    /** Whether the statement is over. */
    boolean atStatementEnd() {
        Token token = peek();
        return token.kind() == Token.Kind.END || token.first() && token.isWord() && STATEMENTS.contains(token.text());
    }

    /** Whether the statement goes on with {@code text}, which is then read. */
    boolean accept(String text) {
        if (atStatementEnd() || !peek().is(text)) {
            return false;
        }
        at++;
        return true;
    }

    void expect(String text, String expected) throws PacketTestException {
        if (!accept(text)) {
            throw expected(expected);
        }
    }

    /** A word of this statement. */
    Token word(String expected) throws PacketTestException {
        if (atStatementEnd() || !peek().isWord()) {
            throw expected(expected);
        }
        return next();
    }

    /** A word, or a text for one with blanks. */
    String name(String expected) throws PacketTestException {
        if (!atStatementEnd() && peek().kind() == Token.Kind.STRING) {
            return utf8(next().text());
        }
        return word(expected).text();
    }

    /** A whole number of {@code least} to {@code most}. */
    int number(int least, int most, String expected) throws PacketTestException {
        if (!atStatementEnd() && peek().isWord()) {
            BigInteger number = FieldFormat.parseNumber(peek().text());
            if (number != null && number.compareTo(BigInteger.valueOf(least)) >= 0 && number.compareTo(BigInteger.valueOf(most)) <= 0) {
                next();
                return number.intValue();
            }
        }
        throw expected(expected + " from " + least + " to " + most);
    }

    /** The bytes after the word {@code hex}: pairs of digits, with or without blanks between them, over any number of lines. */
    byte[] hexBytes() throws PacketTestException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        while (!atStatementEnd() && peek().isWord()) {
            byte[] some = FieldFormat.parseHex(peek().text());
            if (some == null) {
                break;
            }
            bytes.writeBytes(some);
            next();
        }
        if (bytes.size() == 0) {
            throw expected("pairs of hexadecimal digits");
        }
        return bytes.toByteArray();
    }

    void endStatement() throws PacketTestException {
        if (!atStatementEnd()) {
            throw expected("the end of the statement");
        }
    }

    PacketTestException expected(String what) {
        return new PacketTestException(peek().position(), "expected " + what + ", found " + peek().found());
    }

    static byte[] bytes(String string) {
        return string.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The text of bytes that were read one by one. */
    static String utf8(String string) {
        return new String(bytes(string), StandardCharsets.UTF_8);
    }
}
