package org.trufflebpf.io.linux;

import org.trufflebpf.io.libc.Libc;

/** A bpf(2) command failed. The message is one line. */
public final class BpfException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int errno;
    private final String log;

    BpfException(String command, int errno, String log) {
        super(command + ": " + describe(errno));
        this.errno = errno;
        this.log = log;
    }

    /** The kernel's error number, such as {@code ENOENT} = 2. */
    public int errno() {
        return errno;
    }

    /** What the kernel's verifier wrote about a rejected program, empty for other commands. Many lines. */
    public String log() {
        return log;
    }

    static String describe(int errno) {
        return switch (errno) {
            case Libc.EPERM -> "EPERM (needs root or the capabilities CAP_BPF and CAP_NET_ADMIN)";
            case Libc.ENOENT -> "ENOENT (no such entry)";
            case Libc.E2BIG -> "E2BIG (too large or full)";
            case Libc.ENOMEM -> "ENOMEM (no memory)";
            case Libc.EACCES -> "EACCES (not allowed, or rejected as unsafe)";
            case Libc.EBUSY -> "EBUSY (in use)";
            case Libc.EEXIST -> "EEXIST (exists already)";
            case Libc.EINVAL -> "EINVAL (invalid argument or instruction)";
            case Libc.ENOSPC -> "ENOSPC (no space)";
            case Libc.EOPNOTSUPP -> "EOPNOTSUPP (not supported)";
            case Libc.ENOSYS -> "ENOSYS (the kernel has no bpf)";
            default -> "errno " + errno;
        };
    }
}
