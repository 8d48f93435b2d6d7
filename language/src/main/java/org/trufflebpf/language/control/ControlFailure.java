package org.trufflebpf.language.control;

/** What a client asked for cannot be done: one line. */
final class ControlFailure extends Exception {
    private static final long serialVersionUID = 1;

    ControlFailure(String message) {
        super(message);
    }
}
