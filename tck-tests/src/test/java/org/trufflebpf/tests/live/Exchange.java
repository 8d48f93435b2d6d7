package org.trufflebpf.tests.live;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.Verdict;
import org.trufflebpf.io.loop.Counter;
import org.trufflebpf.io.loop.PassTarget;
import org.trufflebpf.io.loop.PollLoop;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.pcap.CaptureReader;
import org.trufflebpf.io.pcap.CaptureWriter;
import org.trufflebpf.io.port.CaptureSink;
import org.trufflebpf.io.port.PcapPort;
import org.trufflebpf.io.xsk.XskPorts;
import org.trufflebpf.io.xsk.XskSettings;

/** Sends the packets of a capture at an interface, to the byte and in order, and keeps what comes back there. */
final class Exchange implements AutoCloseable {
    private static final int CAPTURE = 1;
    private static final int INTERFACE = 2;
    private static final int RING = 4096;
    /** Packets that a veth interface has room for are 256; so many are sent every {@link #PAUSE}. */
    private static final int BURST = 16;
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(20);

    private final XskPorts sockets;
    private final PassTarget kept;
    private final PcapPort questions;
    private final PollLoop loop;
    private final FutureTask<?> run;

    private Exchange(XskPorts sockets, Machine machine, Path questions, Path answers) throws Exception {
        this.sockets = sockets;
        this.kept = PassTarget.to(CaptureWriter.create(answers));
        this.questions = new PcapPort(CAPTURE, CaptureReader.open(questions), new CaptureSink(null), BURST);
        this.loop = new PollLoop(List.of(this.questions, sockets.ports().getFirst().getFirst()), Exchange::judge, kept,
                PollLoop.Settings.DEFAULT.withBurst(BURST));
        this.run = machine.start(loop::run);
    }

    static Exchange start(Machine machine, String device, Path questions, Path answers) throws Exception {
        XskSettings settings = new XskSettings(device, INTERFACE, 0, XskSettings.Copying.AUTOMATIC, XskSettings.Attaching.AUTOMATIC, RING, false,
                true);
        XskPorts sockets = machine.call(() -> XskPorts.open(List.of(settings), 1, false, false, _ -> {
        }));
        return new Exchange(sockets, machine, questions, answers);
    }

    private static void judge(Burst burst) {
        boolean sends = burst.ingressIfindex() == CAPTURE;
        for (int i = 0; i < burst.count(); i++) {
            long descriptor = burst.descriptor(i);
            Memory.putInt(descriptor + Burst.VERDICT, (sends ? Verdict.REDIRECT : Verdict.PASS).ordinal());
            Memory.putInt(descriptor + Burst.REDIRECT_KIND, Burst.REDIRECT_TO_INTERFACE);
            Memory.putInt(descriptor + Burst.REDIRECT_TARGET, INTERFACE);
            Memory.putInt(descriptor + Burst.REDIRECT_PROGRAM, 0);
        }
        if (sends) {
            LockSupport.parkNanos(PAUSE);
        }
    }

    /** Ends it when so many packets have come back, which are in the file then. */
    void await(long answers) throws Exception {
        long end = System.nanoTime() + PATIENCE;
        while (loop.statistics().snapshot().packets(1, Counter.PASS) < answers) {
            assertTrue(System.nanoTime() < end, () -> "only " + loop.statistics().snapshot().packets(1, Counter.PASS) + " packets come back of "
                    + answers);
            Thread.sleep(2);
        }
        loop.stop();
        run.get();
    }

    @Override
    public void close() throws IOException {
        loop.stop();
        try {
            run.get();
        } catch (Exception e) {
            // The test was told by await.
        }
        questions.close();
        kept.close();
        sockets.close();
    }
}
