package org.trufflebpf.maps;

import com.oracle.truffle.api.exception.AbstractTruffleException;

/**
 * A map that cannot be made, or an operation of the control plane that failed: one line that names the map and the field or bound. It is a
 * guest exception, so embedders and other languages see the same line.
 */
@SuppressWarnings("serial")
public final class MapException extends AbstractTruffleException {
    private final int errno;

    MapException(String map, int errno, String message) {
        super("map " + map + ": " + message + " (" + Errno.name(errno) + ")");
        this.errno = errno;
    }

    /**
     * For codecs, which do not know the map.
     *
     * @param message one line that names the field and what it takes
     */
    public MapException(int errno, String message) {
        super(message + " (" + Errno.name(errno) + ")");
        this.errno = errno;
    }

    /** What the kernel would have given, one of {@link Errno}. */
    public int errno() {
        return errno;
    }
}
