package org.trufflebpf.language.assembly;

/** Assembly text that the assembler does not understand. The message starts with file, line and column, as compilers print them. */
public final class AssemblyException extends Exception {
    private static final long serialVersionUID = 1;

    private final int line;
    private final int column;

    AssemblyException(String file, int line, int column, String message) {
        super(file + ":" + line + ":" + column + ": " + message);
        this.line = line;
        this.column = column;
    }

    /** From 1. */
    public int line() {
        return line;
    }

    /** From 1, in characters. */
    public int column() {
        return column;
    }
}
