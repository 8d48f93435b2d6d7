package org.trufflebpf.language.run;

/** The numbers of sockets in maps of sockets: each receive queue of a run has one, that of all its ports. 0 is none. */
public final class SocketNumber {
    private SocketNumber() {
    }

    /** Of a queue, from 0 on. */
    public static int of(int queue) {
        return queue + 1;
    }

    /** The queue of a socket, or -1 when the number is no socket's. */
    public static int queue(int number) {
        return number > 0 ? number - 1 : -1;
    }
}
