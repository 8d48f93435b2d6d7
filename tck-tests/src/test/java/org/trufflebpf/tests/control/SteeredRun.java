package org.trufflebpf.tests.control;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.trufflebpf.tests.Project;

/** A run with a control program, as the command starts it, and clients that ask it; of xdp_maps over made-up packets unless said otherwise. */
final class SteeredRun implements AutoCloseable {
    static final String OBJECT = Project.program("xdp_maps").toString();
    /** 60 bytes each: entry 60 of the map counts them. */
    static final String PACKETS = "gen:eth / ipv4 / udp pad to 60,rate=100K";

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final Context context;
    private final CompletableFuture<Void> ended;

    /** @param arguments of {@code ebpf run} after the object */
    SteeredRun(List<String> arguments) {
        this(OBJECT, arguments);
    }

    /** @param object its path */
    SteeredRun(String object, List<String> arguments) {
        context = context(output);
        List<String> all = new ArrayList<>(List.of(object, "--stats", "none"));
        all.addAll(arguments);
        // A thread of its own: on two cores the common pool has but one.
        ended = CompletableFuture.runAsync(() -> context.getBindings("ebpf").getMember("run").execute(all.toArray()), run -> new Thread(run).start());
    }

    /** With a control program. */
    static SteeredRun of(Path folder, String javaScript, String... arguments) throws IOException {
        Path file = folder.resolve("control.js");
        Files.writeString(file, javaScript);
        List<String> all = new ArrayList<>(List.of("--port", PACKETS, "--control", file.toString()));
        all.addAll(List.of(arguments));
        return new SteeredRun(all);
    }

    private static Context context(ByteArrayOutputStream output) {
        return Context.newBuilder().allowAllAccess(true).option("engine.WarnInterpreterOnly", "false").out(output).err(output).build();
    }

    /** What was printed until the run ended by itself. */
    String awaitEnd() throws InterruptedException, TimeoutException {
        try {
            ended.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw (PolyglotException) e.getCause();
        }
        return output.toString(StandardCharsets.UTF_8);
    }

    String printed() {
        return output.toString(StandardCharsets.UTF_8);
    }

    /** What {@code ebpf ctl} prints. */
    static String ctl(String... arguments) {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (Context client = context(printed)) {
            client.getBindings("ebpf").getMember("ctl").execute((Object[]) arguments);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    /** The exit code and message with which {@code ebpf ctl} fails. */
    static String ctlError(String... arguments) {
        try (Context client = context(new ByteArrayOutputStream())) {
            PolyglotException e =
                    assertThrows(PolyglotException.class, () -> client.getBindings("ebpf").getMember("ctl").execute((Object[]) arguments));
            return e.getGuestObject().getMember("exitStatus").asInt() + " " + e.getMessage();
        }
    }

    /** What {@code ebpf ctl} prints once the run listens. */
    static String ctlSoon(String... arguments) throws InterruptedException {
        for (int attempt = 0;; attempt++) {
            try {
                return ctl(arguments);
            } catch (PolyglotException e) {
                if (attempt == 300 || !e.getMessage().contains("no run")) {
                    throw e;
                }
                Thread.sleep(100);
            }
        }
    }

    @Override
    public void close() {
        context.close(true);
    }
}
