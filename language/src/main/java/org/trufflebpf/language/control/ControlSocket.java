package org.trufflebpf.language.control;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Where running instances listen: NAME.sock in a folder that only its owner may enter, so that nobody else can connect or put a socket of his own
 * there. It is ebpf in $XDG_RUNTIME_DIR, or /tmp/ebpf-UID where that is not set.
 */
final class ControlSocket {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}");

    private ControlSocket() {
    }

    /** A name that can be listened under. */
    static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    /** Where NAME listens, or the path itself that {@code nameOrPath} is. */
    static UnixDomainSocketAddress address(String nameOrPath) throws IOException {
        return UnixDomainSocketAddress.of(nameOrPath.contains("/") ? Path.of(nameOrPath) : folder().resolve(nameOrPath + ".sock"));
    }

    private static int user() throws IOException {
        return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }

    private static Path folder() throws IOException {
        String runtime = System.getenv("XDG_RUNTIME_DIR");
        return runtime == null || runtime.isEmpty() ? Path.of("/tmp/ebpf-" + user()) : Path.of(runtime, "ebpf");
    }

    /**
     * The folder, made if it is not there.
     *
     * @throws IOException if it belongs to somebody else or others may enter it
     */
    static Path ownFolder() throws IOException {
        Path folder = folder();
        try {
            Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        } catch (FileAlreadyExistsException e) {
            boolean ours = Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                            && Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS).equals(user())
                            && Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS).equals(OWNER_ONLY);
            if (!ours) {
                throw new IOException(folder + ": must be a folder of yours that nobody else may enter (chmod 700), or not be there", e);
            }
        }
        return folder;
    }
}
