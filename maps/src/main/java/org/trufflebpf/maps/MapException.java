package org.trufflebpf.maps;

import com.oracle.truffle.api.exception.AbstractTruffleException;

/**
 * A map that cannot be made, or an operation of the control plane that failed: one line that names the map and the field or bound. It is a
 * guest exception, so embedders and other languages see the same line.
 */
@SuppressWarnings("serial")
public final class MapException extends AbstractTruffleException {
    private final int errno;
    private final String detail;

    MapException(String map, int errno, String detail) {
        super("map " + map + ": " + detail + " (" + Errno.name(errno) + ")");
        this.errno = errno;
        this.detail = detail;
    }

    /**
     * For codecs, which do not know the map; the map's own message then names it too.
     *
     * @param detail names the field and what it takes
     */
    public MapException(int errno, String detail) {
        super(detail + " (" + Errno.name(errno) + ")");
        this.errno = errno;
        this.detail = detail;
    }

    /** What the kernel would have given, one of {@link Errno}. */
    public int errno() {
        return errno;
    }

    /** The message without map and errno. */
    public String detail() {
        return detail;
    }
}
