package example;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;
import org.graalvm.polyglot.proxy.ProxyExecutable;

/** A control program in Java: a firewall whose rules change while packets come. docs/embedding.md explains it. */
public final class Firewall {
    /** Programs see the contents of Java's arrays, lists and maps, and nothing else of Java; no files, no threads, no processes. */
    private static final HostAccess DATA = HostAccess.newBuilder(HostAccess.NONE)
            .allowArrayAccess(true).allowListAccess(true).allowMapAccess(true).build();
    private static final List<String> VERDICTS = List.of("ABORTED", "DROP", "PASS", "TX", "REDIRECT");
    private static final int ETH_P_IP = 0x0800;
    private static final int ETH_P_IPV6 = 0x86dd;
    /** Four hosts send ten thousand packets per second, for two seconds. */
    private static final String TRAFFIC = "gen:eth / ipv4 src=10.0.0.1-10.0.0.4 dst=192.0.2.1 / udp / payload 18 bytes,rate=10K,count=20K";

    private final Value rules;
    private final int cpus;

    private Firewall(Value maps) {
        rules = maps.getMember("l3_filter");
        cpus = (int) maps.getMember("vrrp_filter").getArrayElement(0).getArraySize();
    }

    /** @param arguments the folder of the XDP objects */
    public static void main(String[] arguments) throws Exception {
        Path objects = Path.of(arguments[0]);
        try (Context context = Context.newBuilder("ebpf").allowHostAccess(DATA).build();
                ExecutorService thread = Executors.newSingleThreadExecutor()) {
            Value object = load(context, objects.resolve("xdp-firewall/xdp-firewall.o"));
            Value program = object.getMember("programs").getMember("xdp_firewall");
            Firewall firewall = new Firewall(object.getMember("maps"));
            firewall.block("10.0.0.1");
            firewall.block("2001:db8::2");
            System.out.println("one packet: " + VERDICTS.get(program.execute((Object) packet("10.0.0.1")).asInt()));

            Future<Value> run = thread.submit(() -> program.invokeMember("run", "--port", TRAFFIC));
            firewall.steer(run);
            System.out.println("received: " + packets(run, "received") + ", dropped: " + packets(run, "drop") + ", passed: " + packets(run, "pass"));

            try {
                firewall.rules.putHashEntry(Map.of("address", "10.0.0.3", "protocol", ETH_P_IP), firewall.onAllCpus(0));
            } catch (PolyglotException e) {
                System.out.println("refused: " + e.getMessage());
            }
            trap(context);
            observe(context, objects);
        }
    }

    /** A program that reads what a short packet does not have, and what the embedder learns of it. */
    private static void trap(Context context) {
        Value program = context.eval("ebpf", """
                .program reads
                    r1 = *(u32 *)(r1 + 0)
                    r0 = *(u8 *)(r1 + 100)
                    exit
                """).getMember("programs").getMember("reads");
        try {
            program.execute((Object) new byte[60]);
        } catch (PolyglotException e) {
            Value trap = e.getGuestObject();
            System.out.println("trapped: line " + trap.getMember("line") + " " + trap.getMember("reason").asString() + ", at "
                    + trap.getMember("address").asString());
        }
    }

    /** Prints while packets come. In the middle another address is listed, and the first one no longer. */
    private void steer(Future<Value> run) throws Exception {
        String last = "";
        while (!run.isDone()) {
            Thread.sleep(200);
            long first = hits("10.0.0.1");
            String line = "dropped from 10.0.0.1: " + first + ", from 10.0.0.2: " + hits("10.0.0.2");
            // Nothing changes while the program is compiled.
            if (!line.equals(last)) {
                System.out.println(line);
            }
            last = line;
            if (first > 2000) {
                block("10.0.0.2");
                rules.removeHashEntry(key("10.0.0.1"));
            }
        }
    }

    private static Value load(Context context, Path file) throws IOException {
        ByteSequence bytes = ByteSequence.create(Files.readAllBytes(file));
        return context.eval(Source.newBuilder("ebpf", bytes, file.toString()).mimeType("application/x-bpf-elf").build());
    }

    private void block(String address) throws IOException {
        rules.putHashEntry(key(address), onAllCpus(0));
    }

    /** Packets that the rule for an address dropped, on all CPUs; 0 where there is none. */
    private long hits(String address) throws IOException {
        Value counts = rules.getHashValue(key(address));
        long sum = 0;
        for (int cpu = 0; counts != null && cpu < counts.getArraySize(); cpu++) {
            sum += counts.getArrayElement(cpu).asLong();
        }
        return sum;
    }

    /** As {@code struct l3_key} wants it: an IPv4 address in the first four of 16 bytes. */
    private static Map<String, Object> key(String text) throws IOException {
        byte[] address = InetAddress.getByName(text).getAddress();
        return Map.of("address", Arrays.copyOf(address, 16), "protocol", address.length == 4 ? ETH_P_IP : ETH_P_IPV6);
    }

    /** The value of a per-CPU map. */
    private List<Integer> onAllCpus(int value) {
        return Collections.nCopies(cpus, value);
    }

    /** An Ethernet frame with an IPv4 header. */
    private static byte[] packet(String source) throws IOException {
        byte[] frame = new byte[60];
        frame[12] = ETH_P_IP >> 8;
        frame[14] = 0x45;
        System.arraycopy(InetAddress.getByName(source).getAddress(), 0, frame, 26, 4);
        return frame;
    }

    /** Of all ports together; throws what the run threw. */
    private static long packets(Future<Value> run, String counter) throws Exception {
        return run.get().getMember(counter).getMember("packets").asLong();
    }

    /** Events of another object, as its C struct says. */
    private static void observe(Context context, Path objects) throws IOException {
        Value object = load(context, objects.resolve("xdp-observer/xdp-observer.o"));
        object.getMember("programs").getMember("xdp_observer").invokeMember("run",
                "--port", "gen:eth / ipv4 / tcp sport=40000 dport=22|80|443 flags=S,order=turn,count=3");
        Value events = object.getMember("maps").getMember("ringbuf").invokeMember("as", "tcp_event");
        events.invokeMember("poll", (ProxyExecutable) event -> {
            System.out.println("connection to port " + event[0].getMember("destination_port"));
            return null;
        });
    }
}
