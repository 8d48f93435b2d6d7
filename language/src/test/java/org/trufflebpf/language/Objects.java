package org.trufflebpf.language;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.io.ByteSequence;

/** The project's own programs as sources, and contexts for them. */
final class Objects {
    /** Contexts of one engine must have the same. */
    private static final HostAccess ACCESS = HostAccess.newBuilder(HostAccess.EXPLICIT).allowArrayAccess(true).allowBufferAccess(true).build();

    private Objects() {
    }

    /** With what programs need: Java's arrays and buffers can be read and written. */
    static Context.Builder context() {
        return Context.newBuilder(EbpfLanguage.ID).allowHostAccess(ACCESS);
    }

    /** The object of that name, the same source each time as far as an engine is concerned. */
    static Source source(String name) {
        try {
            ByteSequence bytes = ByteSequence.create(Files.readAllBytes(Path.of("../xdp_progs", name, name + ".o")));
            return Source.newBuilder(EbpfLanguage.ID, bytes, name + ".o").mimeType(EbpfLanguage.OBJECT_MIME_TYPE).build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
