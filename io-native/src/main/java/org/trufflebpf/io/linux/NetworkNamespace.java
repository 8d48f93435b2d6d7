package org.trufflebpf.io.linux;

import org.trufflebpf.io.libc.Libc;

/** Network namespaces: each thread is in one, and so are the threads and processes that it starts. */
public final class NetworkNamespace {
    private static final int CLONE_NEWNET = 0x40000000;

    private NetworkNamespace() {
    }

    /**
     * Puts the calling thread into a new namespace, which has nothing but a loopback interface that is down, and which goes with the last thread and
     * the last descriptor of it.
     *
     * @return whether the system allows it; root may
     */
    public static boolean enterNew() {
        return Libc.available() && Libc.unshare(CLONE_NEWNET) == 0;
    }
}
