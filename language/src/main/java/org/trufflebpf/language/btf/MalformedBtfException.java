package org.trufflebpf.language.btf;

/** Type information that cannot be read. The message is one line without the name of the file. */
public final class MalformedBtfException extends Exception {
    private static final long serialVersionUID = 1;

    public MalformedBtfException(String message) {
        super(message);
    }
}
