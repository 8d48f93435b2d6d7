package org.trufflebpf.language.control;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * A connection between client and server: lines of JSON, with a limit to their length and to the time that the other side may take. Interrupting its
 * thread closes it.
 */
final class Connection implements AutoCloseable {
    /** Bytes in a line. */
    static final int LONGEST_LINE = 1 << 20;
    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final ByteBuffer input = ByteBuffer.allocate(8192).limit(0);

    Connection(SocketChannel channel) throws IOException {
        this.channel = channel;
        channel.configureBlocking(false);
        this.selector = Selector.open();
        this.key = channel.register(selector, 0);
    }

    private void await(int operation, long deadline) throws IOException {
        key.interestOps(operation);
        long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (millis <= 0 || selector.select(millis) == 0 && !Thread.currentThread().isInterrupted()) {
            throw new SocketTimeoutException("the other side does not answer");
        }
        if (Thread.currentThread().isInterrupted()) {
            throw new IOException("interrupted");
        }
        selector.selectedKeys().clear();
    }

    /**
     * The next line's value, or null at the end.
     *
     * @param seconds to wait at most
     * @throws IOException if it is no such line
     */
    JsonElement read(long seconds) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            while (input.hasRemaining()) {
                byte next = input.get();
                if (next == '\n') {
                    return parse(line);
                }
                line.write(next);
            }
            if (line.size() > LONGEST_LINE) {
                throw new IOException("a line is longer than " + (LONGEST_LINE >> 20) + " MiB");
            }
            await(SelectionKey.OP_READ, deadline);
            input.clear();
            int count = channel.read(input);
            input.flip();
            if (count < 0) {
                return null;
            }
        }
    }

    private static JsonElement parse(ByteArrayOutputStream line) throws IOException {
        try {
            return JsonParser.parseString(line.toString(StandardCharsets.UTF_8));
        } catch (JsonParseException | StackOverflowError e) {
            throw new IOException("a line is not what it should be", e);
        }
    }

    /** @param seconds that the other side may take to read */
    void write(JsonElement value, long seconds) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        ByteBuffer bytes = ByteBuffer.wrap((GSON.toJson(value) + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            if (channel.write(bytes) == 0) {
                await(SelectionKey.OP_WRITE, deadline);
            }
        }
    }

    /** Whether the other side has gone. What it still sends is not read. */
    boolean isGone() throws IOException {
        input.clear();
        int count = channel.read(input);
        input.flip();
        return count < 0;
    }

    @Override
    public void close() throws IOException {
        selector.close();
        channel.close();
    }
}
