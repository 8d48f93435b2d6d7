package org.trufflebpf.language.control;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.oracle.truffle.api.TruffleLanguage.Env;
import com.oracle.truffle.api.TruffleSafepoint;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.trufflebpf.language.run.CommandException;

/**
 * Lets clients of the same user ask a run for things, over a local socket. A connection is one request, a line with the client's words, and
 * {@link Answer} lines. Each client has a thread, and there are only so many.
 */
final class ControlServer implements AutoCloseable {
    private static final int MAX_CLIENTS = 16;
    private static final int BACKLOG = 16;
    /** A client writes its request at once. */
    private static final long REQUEST_SECONDS = 5;

    private final Env env;
    private final ControlVerbs verbs;
    private final UnixDomainSocketAddress address;
    private final ServerSocketChannel listening;
    private final Thread acceptor;
    private final Set<Thread> clients = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** @throws CommandException if it cannot listen, or a run of that name does already */
    ControlServer(Env env, String name, ControlVerbs verbs) {
        this.env = env;
        this.verbs = verbs;
        if (!env.isSocketIOAllowed() || !env.isFileIOAllowed() || !env.isCreateThreadAllowed()) {
            throw CommandException.usage("--name " + name + ": the embedder must allow the context files, sockets and threads");
        }
        try {
            if (!name.contains("/")) {
                ControlSocket.ownFolder();
            }
            this.address = ControlSocket.address(name);
            this.listening = listen(name);
        } catch (IOException e) {
            throw CommandException.failed("--name " + name + ": cannot listen: " + e.getMessage());
        }
        this.acceptor = start("ebpf control server", this::accept);
    }

    private ServerSocketChannel listen(String name) throws IOException {
        if (Files.exists(address.getPath())) {
            try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                probe.connect(address);
                throw CommandException.failed("--name " + name + ": a run of that name is there already: give this one another");
            } catch (ConnectException e) {
                // Left by a process that was killed.
                Files.delete(address.getPath());
            }
        }
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.bind(address, BACKLOG);
            Files.setPosixFilePermissions(address.getPath(), PosixFilePermissions.fromString("rw-------"));
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private Thread start(String name, Runnable body) {
        Thread thread = env.newTruffleThreadBuilder(body).build();
        thread.setName(name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void accept() {
        while (!closed) {
            SocketChannel channel = TruffleSafepoint.setBlockedThreadInterruptibleFunction(null, server -> {
                try {
                    return server.accept();
                } catch (ClosedByInterruptException e) {
                    throw new InterruptedException();
                } catch (IOException e) {
                    return null;
                }
            }, listening);
            if (channel == null) {
                return;
            }
            try {
                Connection connection = new Connection(channel);
                if (clients.size() >= MAX_CLIENTS) {
                    connection.write(new Answer.Failed(1, "too many clients at once: try again").json(), 0);
                    connection.close();
                } else {
                    start("ebpf control client", () -> serve(connection));
                }
            } catch (IOException e) {
                // The client has gone already.
            }
        }
    }

    private void serve(Connection connection) {
        clients.add(Thread.currentThread());
        try (connection) {
            if (connection.read(REQUEST_SECONDS) instanceof JsonArray request) {
                verbs.answer(request.asList().stream().map(JsonElement::getAsString).toList(), connection);
            }
        } catch (IOException | IllegalStateException | UnsupportedOperationException e) {
            // The client has gone, or said what is no request.
        } finally {
            clients.remove(Thread.currentThread());
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        Files.deleteIfExists(address.getPath());
        listening.close();
        TruffleSafepoint.setBlockedThreadInterruptible(null, Thread::join, acceptor);
        for (Thread client : clients) {
            client.interrupt();
            TruffleSafepoint.setBlockedThreadInterruptible(null, Thread::join, client);
        }
    }
}
