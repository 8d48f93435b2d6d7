package org.trufflebpf.language.expression;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.trufflebpf.language.expression.Token.Kind;

/** Splits an expression into words. */
final class Lexer {
    /** More than anybody writes into a watch window, few enough that the deepest nesting of so many needs little stack. */
    static final int MAX_TOKENS = 256;
    /** In characters. */
    static final int MAX_LENGTH = 4096;

    /** Longer ones before those that they begin with; assignments are there for the sake of the error message. */
    private static final List<String> SYMBOLS = List.of("<<=", ">>=", "->", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "++", "--", "+=", "-=",
            "*=", "/=", "%=", "&=", "|=", "^=", "+", "-", "*", "/", "%", "&", "|", "^", "!", "~", "<", ">", "=", "?", ":", "(", ")", "[", "]", "{",
            "}", ".", ",");
    private static final Map<Character, Character> ESCAPES = Map.of('n', '\n', 't', '\t', 'r', '\r', '0', '\0', '\\', '\\', '\'', '\'', '"', '"');

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;

    private Lexer(String source) {
        this.source = source;
    }

    /** The last one is the only one of the kind END. */
    static List<Token> split(String source) throws ExpressionException {
        if (source.length() > MAX_LENGTH) {
            throw new ExpressionException(MAX_LENGTH, "an expression has at most " + MAX_LENGTH + " characters, this one " + source.length());
        }
        Lexer lexer = new Lexer(source);
        lexer.all();
        return lexer.tokens;
    }

    private void all() throws ExpressionException {
        while (true) {
            while (at < source.length() && Character.isWhitespace(source.charAt(at))) {
                at++;
            }
            if (tokens.size() == MAX_TOKENS) {
                throw new ExpressionException(at, "an expression has at most " + MAX_TOKENS + " words; ask for parts of it one by one");
            }
            if (at == source.length()) {
                tokens.add(new Token(Kind.END, "", at));
                return;
            }
            tokens.add(next());
        }
    }

    private Token next() throws ExpressionException {
        int start = at;
        char first = source.charAt(at);
        if (isWordCharacter(first)) {
            while (at < source.length() && isWordCharacter(source.charAt(at))) {
                at++;
            }
            return new Token(isDigit(first) ? Kind.NUMBER : Kind.NAME, source.substring(start, at), start);
        }
        if (first == '\'' || first == '"') {
            return quoted(first);
        }
        for (String symbol : SYMBOLS) {
            if (source.startsWith(symbol, at)) {
                at += symbol.length();
                return new Token(Kind.SYMBOL, symbol, start);
            }
        }
        String shown = Character.isISOControl(first) ? String.format("the character 0x%02x", (int) first) : "'" + first + "'";
        throw new ExpressionException(start, shown + " means nothing in an expression");
    }

    private Token quoted(char quote) throws ExpressionException {
        int start = at++;
        StringBuilder text = new StringBuilder();
        while (at < source.length() && source.charAt(at) != quote) {
            char next = source.charAt(at++);
            if (next == '\\') {
                Character meant = at < source.length() ? ESCAPES.get(source.charAt(at++)) : null;
                if (meant == null) {
                    throw new ExpressionException(at - 1, "after a backslash comes one of n t r 0 \\ ' \"");
                }
                next = meant;
            }
            text.append(next);
        }
        if (at == source.length()) {
            throw new ExpressionException(start, "a " + quote + " is missing that ends what begins here");
        }
        at++;
        if (quote == '\'' && (text.length() != 1 || text.charAt(0) > 0x7f)) {
            throw new ExpressionException(start, "between ' and ' is one character of ASCII; texts are between \" and \"");
        }
        return new Token(quote == '"' ? Kind.TEXT : Kind.CHARACTER, text.toString(), start);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isWordCharacter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || isDigit(c);
    }
}
