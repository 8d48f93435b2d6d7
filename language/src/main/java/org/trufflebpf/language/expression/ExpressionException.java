package org.trufflebpf.language.expression;

/** An expression that means nothing, or nothing here. The message is one line: where in the expression, what, what to do. */
public final class ExpressionException extends Exception {
    private static final long serialVersionUID = 1;

    private final int offset;

    /** @param offset in the expression, in characters from 0 */
    public ExpressionException(int offset, String message) {
        super("character " + (offset + 1) + " of the expression: " + message);
        this.offset = offset;
    }

    /** Where in the expression, in characters from 0. */
    public int offset() {
        return offset;
    }
}
