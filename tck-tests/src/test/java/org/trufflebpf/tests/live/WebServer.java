package org.trufflebpf.tests.live;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.Random;
import java.util.zip.CRC32C;

/** Serves one file of random bytes by HTTP. */
final class WebServer implements AutoCloseable {
    private static final int PORT = 8080;
    private static final int SIZE = 3_000_000;
    private static final int PATIENCE = 20_000;

    private final byte[] file = new byte[SIZE];
    private final HttpServer server;

    /** @param machine that has the address */
    WebServer(Machine machine, String address, int seed) throws Exception {
        new Random(seed).nextBytes(file);
        server = machine.call(() -> {
            HttpServer listening = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral(address), PORT), 0);
            listening.createContext("/", exchange -> {
                exchange.sendResponseHeaders(HttpURLConnection.HTTP_OK, file.length);
                exchange.getResponseBody().write(file);
                exchange.close();
            });
            listening.start();
            return listening;
        });
    }

    private static long checksum(byte[] bytes) {
        CRC32C sum = new CRC32C();
        sum.update(bytes);
        return sum.getValue() << 32 | bytes.length;
    }

    /** Of the file, with its length. */
    long checksum() {
        return checksum(file);
    }

    /** The checksum of what a machine gets from an address, with its length. */
    static long fetch(Machine machine, String address) throws Exception {
        return machine.call(() -> {
            HttpURLConnection connection = (HttpURLConnection) URI.create("http://" + address + ":" + PORT + "/").toURL().openConnection();
            connection.setConnectTimeout(PATIENCE);
            connection.setReadTimeout(PATIENCE);
            connection.setRequestProperty("Connection", "close");
            try (InputStream content = connection.getInputStream()) {
                return checksum(content.readAllBytes());
            }
        });
    }

    /** Whether a machine can connect to an address at once, from one of its own. */
    static boolean answers(Machine machine, String from, String address) throws Exception {
        return machine.call(() -> {
            try (Socket socket = new Socket()) {
                socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
                socket.connect(new InetSocketAddress(InetAddress.ofLiteral(address), PORT), 500);
                return true;
            } catch (IOException e) {
                return false;
            }
        });
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
