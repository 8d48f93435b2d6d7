package org.trufflebpf.io.dpdk;

import java.io.IOException;

/** DPDK is not there or refused something. The message is one line: what, and what to do. */
public final class DpdkException extends IOException {
    private static final long serialVersionUID = 1L;

    DpdkException(String message) {
        super(message);
    }
}
