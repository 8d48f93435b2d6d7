package org.trufflebpf.language.packettest;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Splits a test file into tokens. Bytes are taken one by one, as ISO 8859-1, so that what stands in a string means exactly these bytes.
 */
final class Lexer {
    private static final String SYMBOLS = ";=[]{},";

    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;
    private int lineStart;
    private boolean first = true;

    private Lexer(byte[] content) {
        this.text = new String(content, StandardCharsets.ISO_8859_1);
    }

    /** All tokens, the last of kind END. */
    static List<Token> split(byte[] content) throws PacketTestException {
        Lexer lexer = new Lexer(content);
        while (lexer.at < lexer.text.length()) {
            lexer.token();
        }
        lexer.add(Token.Kind.END, "", lexer.position());
        return lexer.tokens;
    }

    private void token() throws PacketTestException {
        char c = text.charAt(at);
        if (c == '\n') {
            at++;
            line++;
            lineStart = at;
            first = true;
        } else if (c == ' ' || c == '\t' || c == '\r') {
            at++;
        } else if (c == '#') {
            while (at < text.length() && text.charAt(at) != '\n') {
                at++;
            }
        } else if (c == '"') {
            string();
        } else if (SYMBOLS.indexOf(c) >= 0) {
            Position position = position();
            at++;
            add(Token.Kind.SYMBOL, String.valueOf(c), position);
        } else {
            word();
        }
    }

    private void word() throws PacketTestException {
        Position position = position();
        int start = at;
        while (at < text.length() && " \t\r\n\"".indexOf(text.charAt(at)) < 0 && SYMBOLS.indexOf(text.charAt(at)) < 0) {
            if (text.charAt(at) < ' ' || text.charAt(at) > '~') {
                throw new PacketTestException(position(), "a character that only comments and texts in quotes may have");
            }
            at++;
        }
        String word = text.substring(start, at);
        // A slash that stands alone separates headers; others belong to paths.
        add(word.equals("/") ? Token.Kind.SYMBOL : Token.Kind.WORD, word, position);
    }

    private void string() throws PacketTestException {
        Position position = position();
        StringBuilder value = new StringBuilder();
        at++;
        while (true) {
            if (at >= text.length() || text.charAt(at) == '\n') {
                throw new PacketTestException(position, "this text lacks its closing quote");
            }
            char c = text.charAt(at++);
            if (c == '"') {
                break;
            }
            value.append(c == '\\' ? escaped() : c);
        }
        add(Token.Kind.STRING, value.toString(), position);
    }

    private char escaped() throws PacketTestException {
        Position position = new Position(line, at - lineStart);
        char c = at < text.length() ? text.charAt(at++) : '\n';
        return switch (c) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case '"', '\\' -> c;
            case 'x' -> {
                byte[] value = at + 2 <= text.length() ? FieldFormat.parseHex(text.substring(at, at + 2)) : null;
                if (value == null) {
                    throw new PacketTestException(position, "expected two hexadecimal digits after \\x");
                }
                at += 2;
                yield (char) (value[0] & 0xff);
            }
            default -> throw new PacketTestException(position, "unknown escape: there are \\n, \\r, \\t, \\\", \\\\ and \\x00");
        };
    }

    private void add(Token.Kind kind, String value, Position position) {
        tokens.add(new Token(kind, value, position, first));
        first = false;
    }

    private Position position() {
        return new Position(line, at - lineStart + 1);
    }
}
