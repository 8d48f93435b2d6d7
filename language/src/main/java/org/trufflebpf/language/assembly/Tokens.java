package org.trufflebpf.language.assembly;

import java.util.ArrayList;
import java.util.List;

/** The tokens of one line of assembly text, read one after the other. Comments run from #, ; or // to the end of the line. */
final class Tokens {

    enum Kind {
        WORD, /** In quotes; never a word of the language. */ QUOTED, NUMBER, SIGN, END
    }

    /** @param value of a number: 64 bits, unsigned */
    record Token(Kind kind, String text, long value, int column) {

        boolean isName() {
            return kind == Kind.QUOTED || kind == Kind.WORD && !Syntax.isRegister(text);
        }

        /** Whether this is the word or the sign {@code what}. */
        boolean is(String what) {
            return (kind == Kind.WORD || kind == Kind.SIGN) && text.equals(what);
        }
    }

    /** Longer ones before those that they start with. */
    private static final List<String> SIGNS = List.of("s>>=", "<<=", ">>=", "s>=", "s<=", "s/=", "s%=", "s>", "s<", "==", "!=", ">=", "<=", "+=",
            "-=", "*=", "/=", "%=", "|=", "&=", "^=", ">", "<", "=", "&", "+", "-", "*", "(", ")", ",", ":");

    private final String file;
    private final int line;
    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private int next;

    Tokens(String file, int line, String text) throws AssemblyException {
        this.file = file;
        this.line = line;
        this.text = text;
        int at = skipBlanks(0);
        while (at < text.length()) {
            at = skipBlanks(scan(at));
        }
        tokens.add(new Token(Kind.END, "", 0, at + 1));
    }

    int line() {
        return line;
    }

    /** The line, without blanks around it. */
    String text() {
        return text.strip();
    }

    private int skipBlanks(int from) {
        int at = from;
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        boolean comment = at < text.length() && (text.charAt(at) == '#' || text.charAt(at) == ';' || text.startsWith("//", at));
        return comment ? text.length() : at;
    }

    /** Adds the token at {@code start}; returns where it ends. */
    private int scan(int start) throws AssemblyException {
        char first = text.charAt(start);
        if (first == '"') {
            return scanQuoted(start);
        }
        for (String sign : SIGNS) {
            if (text.startsWith(sign, start)) {
                tokens.add(new Token(Kind.SIGN, sign, 0, start + 1));
                return start + sign.length();
            }
        }
        int end = start;
        while (end < text.length() && isWordPart(text.charAt(end))) {
            end++;
        }
        if (end == start) {
            throw error(start + 1, "unexpected character '" + printable(first) + "'");
        }
        String word = text.substring(start, end);
        if (Character.isDigit(first)) {
            tokens.add(new Token(Kind.NUMBER, word, number(word, start), start + 1));
        } else {
            tokens.add(new Token(Kind.WORD, word, 0, start + 1));
        }
        return end;
    }

    private static boolean isWordPart(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '$';
    }

    private static String printable(char c) {
        return c < 0x20 || c >= 0x7f ? "\\u%04x".formatted((int) c) : Character.toString(c);
    }

    private long number(String word, int start) throws AssemblyException {
        try {
            boolean hexadecimal = word.startsWith("0x") || word.startsWith("0X");
            return hexadecimal ? Long.parseUnsignedLong(word, 2, word.length(), 16) : Long.parseUnsignedLong(word);
        } catch (NumberFormatException e) {
            throw error(start + 1, "expected a number of at most 64 bits, found '" + word + "'");
        }
    }

    private int scanQuoted(int start) throws AssemblyException {
        StringBuilder name = new StringBuilder();
        int at = start + 1;
        while (at < text.length() && text.charAt(at) != '"') {
            char c = text.charAt(at++);
            if (c != '\\') {
                name.append(c);
            } else if (at < text.length() && (text.charAt(at) == '"' || text.charAt(at) == '\\')) {
                name.append(text.charAt(at++));
            } else {
                name.append(unicode(at));
                at += 5;
            }
        }
        if (at >= text.length()) {
            throw error(start + 1, "the name in quotes does not end on this line");
        }
        tokens.add(new Token(Kind.QUOTED, name.toString(), 0, start + 1));
        return at + 1;
    }

    private char unicode(int at) throws AssemblyException {
        try {
            if (text.startsWith("u", at) && at + 5 <= text.length()) {
                return (char) Integer.parseUnsignedInt(text, at + 1, at + 5, 16);
            }
        } catch (NumberFormatException e) {
            // Reported below, as every other escape that there is not.
        }
        throw error(at, "expected \\\", \\\\ or \\uXXXX");
    }

    Token peek() {
        return tokens.get(next);
    }

    Token peekSecond() {
        return tokens.get(Math.min(next + 1, tokens.size() - 1));
    }

    /** The last one before the end; the end itself if the line is empty. */
    Token last() {
        return tokens.get(Math.max(tokens.size() - 2, 0));
    }

    Token next() {
        Token token = peek();
        if (token.kind() != Kind.END) {
            next++;
        }
        return token;
    }

    boolean isAtEnd() {
        return peek().kind() == Kind.END;
    }

    /** Reads the word or sign {@code what} if it comes next. */
    boolean accept(String what) {
        if (!peek().is(what)) {
            return false;
        }
        next++;
        return true;
    }

    void expect(String what) throws AssemblyException {
        if (!accept(what)) {
            throw expected("'" + what + "'");
        }
    }

    void expectEnd() throws AssemblyException {
        if (!isAtEnd()) {
            throw expected("the end of the line");
        }
    }

    /** A name of a map, a function, a label. */
    String name(String what) throws AssemblyException {
        if (!peek().isName()) {
            throw expected(what);
        }
        return next().text();
    }

    /** A number with or without a sign, from {@code min} to {@code max}. */
    long number(String what, long min, long max) throws AssemblyException {
        Token start = peek();
        boolean negative = accept("-");
        if (peek().kind() != Kind.NUMBER) {
            throw expected(what);
        }
        long magnitude = next().value();
        boolean inLong = negative ? Long.compareUnsigned(magnitude, Long.MIN_VALUE) <= 0 : magnitude >= 0;
        long value = negative ? -magnitude : magnitude;
        if (!inLong || value < min || value > max) {
            throw error(start.column(), "expected " + what + " from " + min + " to " + max);
        }
        return value;
    }

    AssemblyException expected(String what) {
        Token token = peek();
        String found = token.kind() == Kind.END ? "the end of the line" : "'" + token.text() + "'";
        return error(token.column(), "expected " + what + ", found " + found);
    }

    AssemblyException error(int column, String message) {
        return new AssemblyException(file, line, column, message);
    }
}
