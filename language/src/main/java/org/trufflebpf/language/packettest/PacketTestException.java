package org.trufflebpf.language.packettest;

/** Something in a packet test file that cannot be used. The message is one line and does not name the file. */
public final class PacketTestException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Position position;

    public PacketTestException(Position position, String message) {
        super(message);
        this.position = position;
    }

    /** Where in the test file. */
    public Position position() {
        return position;
    }
}
