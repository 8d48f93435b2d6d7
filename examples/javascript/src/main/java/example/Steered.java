package example;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;

/**
 * JavaScript that changes a firewall's rules while packets come. It has a context of its own, because JavaScript allows one thread at a time and the
 * packets have another one; the same engine and the same host access let maps pass from one context to the other.
 */
public final class Steered {
    private static final String TRAFFIC = "gen:eth / ipv4 src=10.0.0.1-10.0.0.4 dst=192.0.2.1 / udp / payload 18 bytes,rate=10K,count=15K";

    private Steered() {
    }

    /** @param arguments the folder of the XDP objects */
    public static void main(String[] arguments) throws Exception {
        try (Engine engine = Engine.create();
                Context programs = Context.newBuilder("ebpf").engine(engine).allowHostAccess(HostAccess.NONE).build();
                Context control = Context.newBuilder("js").engine(engine).allowHostAccess(HostAccess.NONE).build();
                ExecutorService thread = Executors.newSingleThreadExecutor()) {
            Path file = Path.of(arguments[0], "xdp-firewall", "xdp-firewall.o");
            ByteSequence bytes = ByteSequence.create(Files.readAllBytes(file));
            Value object = programs.eval(Source.newBuilder("ebpf", bytes, file.toString()).mimeType("application/x-bpf-elf").build());
            Value rules = control.eval(script()).execute(object.getMember("maps"));

            Value program = object.getMember("programs").getMember("xdp_firewall");
            Future<Value> run = thread.submit(() -> program.invokeMember("run", "--port", TRAFFIC));
            while (!run.isDone()) {
                Thread.sleep(200);
                rules.invokeMember("look");
            }
            System.out.println("dropped: " + run.get().getMember("drop").getMember("packets") + " of "
                    + run.get().getMember("received").getMember("packets"));
        }
    }

    private static Source script() throws IOException {
        return Source.newBuilder("js", Steered.class.getResource("rules.js")).build();
    }
}
