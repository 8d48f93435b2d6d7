package org.trufflebpf.language.expression;

/**
 * A word of an expression.
 *
 * @param text as it is written; of characters and texts what they mean
 * @param offset of its first character, from 0
 */
record Token(Kind kind, String text, int offset) {
    enum Kind {
        NAME, NUMBER, CHARACTER, TEXT, SYMBOL, END
    }

    boolean is(String symbol) {
        return kind == Kind.SYMBOL && text.equals(symbol);
    }

    /** As errors name it. */
    String description() {
        return switch (kind) {
            case END -> "the end";
            case TEXT -> "a text";
            case CHARACTER -> "a character";
            case NAME, NUMBER, SYMBOL -> "'" + text + "'";
        };
    }
}
