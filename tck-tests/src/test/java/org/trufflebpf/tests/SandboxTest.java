package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.util.Map;
import java.util.Set;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.SandboxPolicy;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.FileSystem;
import org.graalvm.polyglot.io.IOAccess;
import org.junit.jupiter.api.Test;

/** The policy CONSTRAINED: no native access, no files of the host, no processes; packets and captures from the embedder. */
class SandboxTest {
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();

    private Context.Builder constrained() {
        HostAccess packets = HostAccess.newBuilder(HostAccess.CONSTRAINED).allowArrayAccess(true).allowListAccess(true).allowMapAccess(true).build();
        return Context.newBuilder("ebpf").sandbox(SandboxPolicy.CONSTRAINED).allowHostAccess(packets).in(InputStream.nullInputStream()).out(output)
                .err(output);
    }

    private static Value object(Context context, String name) throws IOException {
        return context.eval(Project.source(Project.program(name)));
    }

    @Test
    void packetsMapsAndGenerators() throws IOException {
        try (Context context = constrained().option("ebpf.MaxMapMemory", "64").option("ebpf.MaxLoopIterations", "1000").option("ebpf.Verify",
                "graduated").build()) {
            Value object = object(context, "xdp_map_access");
            Value program = object.getMember("programs").getMember("xdp_map_access");
            program.execute((Object) new byte[60]);
            Value run = program.invokeMember("run", "--port", "gen:eth / ipv4 / udp,count=1000");
            assertEquals(1000, run.getMember("received").getMember("packets").asLong());
            assertEquals(1001, object.getMember("maps").getMember("cntrs_array").getArrayElement(0).getArrayElement(0).asLong());
        }
    }

    /** Files that the embedder lends, which need not be on any disk. */
    @Test
    void captures() throws IOException {
        try (Context context = constrained().allowIO(IOAccess.newBuilder().fileSystem(new OneFile()).build()).build()) {
            Value program = object(context, "xdp_drop").getMember("programs").getMember("xdp_drop");
            Value run = program.invokeMember("run", "--port", "pcap:/lent.pcap");
            assertTrue(run.getMember("received").getMember("packets").asLong() > 100);
            assertEquals(74, status(() -> program.invokeMember("run", "--port", "pcap:missing.pcap")));
        }
    }

    /** Holds the sample capture as /lent.pcap, only to be read. */
    private static final class OneFile implements FileSystem {
        private static final Path NAME = Path.of("/lent.pcap");

        private static void check(Path path) throws NoSuchFileException {
            if (!path.equals(NAME)) {
                throw new NoSuchFileException(path.toString());
            }
        }

        @Override
        public Path parsePath(URI uri) {
            return Path.of(uri);
        }

        @Override
        public Path parsePath(String path) {
            return Path.of(path);
        }

        @Override
        public void checkAccess(Path path, Set<? extends AccessMode> modes, LinkOption... options) throws IOException {
            check(path);
        }

        @Override
        public void createDirectory(Path path, FileAttribute<?>... attributes) throws IOException {
            throw new AccessDeniedException(path.toString());
        }

        @Override
        public void delete(Path path) throws IOException {
            throw new AccessDeniedException(path.toString());
        }

        @Override
        public SeekableByteChannel newByteChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
            check(path);
            return Files.newByteChannel(Project.SAMPLE_CAPTURE);
        }

        @Override
        public DirectoryStream<Path> newDirectoryStream(Path path, DirectoryStream.Filter<? super Path> filter) throws IOException {
            throw new AccessDeniedException(path.toString());
        }

        @Override
        public Path toAbsolutePath(Path path) {
            return path.isAbsolute() ? path : Path.of("/").resolve(path);
        }

        @Override
        public Path toRealPath(Path path, LinkOption... options) {
            return path;
        }

        @Override
        public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) throws IOException {
            check(path);
            return Map.of("isDirectory", false, "isRegularFile", true, "size", Files.size(Project.SAMPLE_CAPTURE));
        }
    }

    private static int status(Runnable body) {
        PolyglotException e = assertThrows(PolyglotException.class, body::run);
        assertTrue(e.isGuestException(), e::toString);
        assertEquals(1, e.getMessage().lines().count());
        return e.getGuestObject().getMember("exitStatus").asInt();
    }

    @Test
    void whatNeedsMoreIsRefused() throws IOException {
        try (Context context = constrained().build()) {
            Value program = object(context, "xdp_drop").getMember("programs").getMember("xdp_drop");
            for (String port : new String[]{"xsk:lo", "tap:t0", "dpdk:net_null0"}) {
                assertEquals(1, status(() -> program.invokeMember("run", "--port", port)), port);
            }
            assertEquals(1, status(() -> program.invokeMember("run", "--port", "gen:eth / ipv4 / udp,count=1", "--env", "kernel")));
            assertEquals(74, status(() -> program.invokeMember("run", "--port", "pcap:" + Project.SAMPLE_CAPTURE)));
            assertEquals(1, status(() -> program.invokeMember("run", "--port", "gen:eth / ipv4 / udp,count=1,out=sent.pcap")));
            assertEquals(1, status(() -> program.invokeMember("run", "--port", "gen:eth / ipv4 / udp,count=1", "--workers", "2")));
        }
        assertEquals("", output.toString());
    }

    /** What is asked for against the policy is the engine's to refuse, and so are options that reach further. */
    @Test
    void thePolicyHolds() {
        assertThrows(IllegalArgumentException.class, () -> constrained().allowNativeAccess(true).build());
        assertThrows(IllegalArgumentException.class, () -> constrained().allowIO(IOAccess.ALL).build());
        assertThrows(IllegalArgumentException.class, () -> constrained().allowExperimentalOptions(true).option("ebpf.Optimize", "none").build());
    }

    /** Maps lie outside the heap, which an isolate's limits do not know of. */
    @Test
    void strongerPoliciesAreNotDeclared() {
        assertThrows(IllegalArgumentException.class, () -> Context.newBuilder("ebpf").sandbox(SandboxPolicy.ISOLATED)
                .in(InputStream.nullInputStream())
                .out(output).err(output).option("engine.MaxIsolateMemory", "1GB").build());
    }
}
