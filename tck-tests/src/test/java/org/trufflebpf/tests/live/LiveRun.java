package org.trufflebpf.tests.live;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.graalvm.polyglot.Context;
import org.trufflebpf.tests.Project;

/** {@code ebpf run} on a machine, until it is stopped. */
final class LiveRun implements AutoCloseable {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final ByteArrayOutputStream messages = new ByteArrayOutputStream();
    private final Context context = Context.newBuilder().allowAllAccess(true).out(output).err(messages).build();
    private final FutureTask<Void> run;

    private LiveRun(Machine machine, List<Object> arguments) throws Exception {
        run = machine.start(() -> {
            context.getBindings("ebpf").getMember("run").execute(arguments.toArray());
            return null;
        });
    }

    /**
     * Starts a run and waits until packets come.
     *
     * @param program as under xdp_progs, such as xdp_tx/xdp_tx
     * @param ports network interfaces that it has to say something about
     */
    static LiveRun start(Machine machine, int ports, String program, String... arguments) throws Exception {
        List<Object> all = new ArrayList<>(List.of(Project.PROGRAMS.resolve(program + ".o").toString(), "--stats", "json"));
        all.addAll(List.of(arguments));
        LiveRun started = new LiveRun(machine, all);
        long end = System.nanoTime() + PATIENCE;
        while (started.messages().split(": receives", -1).length <= ports) {
            assertTrue(System.nanoTime() < end, "it does not start: " + started.messages());
            if (started.run.isDone()) {
                started.await();
            }
            Thread.sleep(5);
        }
        return started;
    }

    /** What went to the error stream. */
    String messages() {
        return messages.toString(StandardCharsets.UTF_8);
    }

    /** Waits for the end. @return the final numbers */
    JsonObject report() throws Exception {
        await();
        return lastReport();
    }

    /** A run over devices of DPDK, where there is none, is no test. */
    private void await() throws Exception {
        try {
            run.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            String message = String.valueOf(e.getCause().getMessage());
            assumeFalse(message.contains("install DPDK"), message);
            throw e;
        }
    }

    /** The numbers that came last, of which there must have been some. */
    JsonObject lastReport() throws InterruptedException {
        String printed = output.toString(StandardCharsets.UTF_8);
        while (!printed.contains("\n")) {
            Thread.sleep(5);
            printed = output.toString(StandardCharsets.UTF_8);
        }
        return JsonParser.parseString(printed.substring(0, printed.lastIndexOf('\n')).lines().toList().getLast()).getAsJsonObject();
    }

    /** Ends the run as Ctrl-C does. @return the final numbers */
    JsonObject stop() throws Exception {
        context.getBindings("ebpf").getMember("stop").execute();
        return report();
    }

    /** Packets that a report counts at a port. */
    static long packets(JsonObject report, int port, String counter) {
        return report.getAsJsonArray("ports").get(port - 1).getAsJsonObject().getAsJsonObject(counter).get("packets").getAsLong();
    }

    @Override
    public void close() throws Exception {
        context.close(true);
        try {
            run.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            // It was cancelled, or told the test so.
        }
    }
}
