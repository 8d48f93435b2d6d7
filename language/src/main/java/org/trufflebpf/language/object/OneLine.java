package org.trufflebpf.language.object;

/** Text of hostile objects on one line of a terminal. */
public final class OneLine {
    private OneLine() {
    }

    /** {@code drop.c:12 `if (data + 14 > data_end)`}. */
    public static String of(ProgramSpec.Line line) {
        String text = line.text().strip();
        return of(line.file() + ":" + line.line() + (text.isEmpty() ? "" : " `" + text + "`"));
    }

    /** Blanks instead of what would end the line or steer the terminal. */
    public static String of(String text) {
        return text.codePoints().map(c -> Character.isISOControl(c) || c == 0x2028 || c == 0x2029 ? ' ' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
    }
}
