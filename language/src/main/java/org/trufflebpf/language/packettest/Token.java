package org.trufflebpf.language.packettest;

/**
 * A word of a test file.
 *
 * @param text of a string what it means, each character one byte
 * @param first whether nothing but blanks comes before it in its line
 */
record Token(Kind kind, String text, Position position, boolean first) {
    enum Kind {
        WORD, STRING, /** One of {@code / ; = [ ] { } ,}. */ SYMBOL, END
    }

    boolean is(String expected) {
        return kind != Kind.STRING && kind != Kind.END && text.equals(expected);
    }

    boolean isWord() {
        return kind == Kind.WORD;
    }

    /** For 'expected ..., found ...'. */
    String found() {
        return switch (kind) {
            case END -> "the end";
            case STRING -> "the text \"" + shortened() + "\"";
            case WORD, SYMBOL -> "'" + shortened() + "'";
        };
    }

    private String shortened() {
        String printable = text.replaceAll("[^ -~]", "?");
        return printable.length() > 40 ? printable.substring(0, 40) + "..." : printable;
    }
}
