package org.trufflebpf.language.dwarf;

/** Debug information that is broken, or of a form that is not read here; the message says which. */
public final class MalformedDwarfException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedDwarfException(String message) {
        super(message);
    }
}
