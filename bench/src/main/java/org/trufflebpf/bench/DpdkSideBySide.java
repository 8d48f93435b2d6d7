package org.trufflebpf.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.run.LoadedObject;
import org.trufflebpf.language.run.RunnableProgram;

/**
 * What a DPDK port costs by itself: our loop with a program that does what a forward mode of testpmd does, beside testpmd, over the same kind of
 * device, in turns. Needs dpdk-testpmd. Arguments: rounds, 5 if there are none.
 */
public final class DpdkSideBySide {
    private static final int PACKET = 64;
    private static final long WINDOW = TimeUnit.SECONDS.toNanos(1);
    private static final String ROW = "%-10s%-10s%10s%10s%10s%10s%10s%10s%n";
    /** Of testpmd's time. */
    private static final double WANTED = 1.3;

    /** A forward mode, and the program that does the same. */
    private record Mode(String name, String object) {
    }

    private static final List<Mode> MODES = List.of(new Mode("io", "bench/src/main/bpf/forward.o"), new Mode("macswap", "xdp_progs/xdp_tx/xdp_tx.o"));

    private DpdkSideBySide() {
    }

    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
        System.out.println(Checkout.machine());
        System.out.printf("Nanoseconds per packet of %d bytes, minima and medians of %d rounds, in turns.%n", PACKET, rounds);
        System.out.printf(ROW, "device", "mode", "ours", "median", "testpmd", "median", "ratio", "wanted");
        try (TruffleEngine engine = new TruffleEngine()) {
            for (DpdkDevice device : DpdkDevice.values()) {
                for (Mode mode : MODES) {
                    compare(engine, device, mode, rounds);
                }
            }
        } catch (MissingException e) {
            System.err.println("DpdkSideBySide: " + e.getMessage());
            System.exit(1);
        }
    }

    private static void compare(TruffleEngine engine, DpdkDevice device, Mode mode, int rounds) throws Exception {
        Path file = Checkout.root().resolve(mode.object());
        ObjectSpec object = Checkout.object(file);
        Series ours = new Series();
        Series reference = new Series();
        byte[] packet = new byte[PACKET];
        try (LoadedObject loaded = engine.load(object)) {
            RunnableProgram program = loaded.program(object.programs().getFirst().name());
            program.compile();
            for (int round = 0; round < rounds; round++) {
                boolean huge;
                try (FilledDevice filled = new FilledDevice(device, packet)) {
                    huge = filled.hugePages();
                    ours.add(1e9 / PortMeasurement.measure(engine, program, List.of(filled.port()), WINDOW).packetsPerSecond());
                }
                reference.add(Testpmd.nanoseconds(device, PACKET, mode.name(), huge));
            }
        }
        double ratio = ours.minimum() / reference.minimum();
        System.out.printf(ROW, device.label(), mode.name(), text(ours.minimum()), text(ours.median()), text(reference.minimum()), text(reference.median()),
                        text(ratio), text(WANTED));
    }

    private static String text(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
