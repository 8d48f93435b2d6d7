package org.trufflebpf.io.loop;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.port.Port;
import org.trufflebpf.io.port.RecordedPort;

/**
 * One worker: receives bursts from its ports, has the processor judge them, and does what the verdicts say. Recorded ports are merged by
 * time, at equal times in the order of the ports, so a run over captures is the same every time; live ports take turns.
 *
 * <p>{@link #run} is called once, by the thread that also calls the ports and the processor; {@link #stop} and {@link #statistics} by any
 * thread. The loop closes nothing: ports, pass target and processor stay their owner's, who closes them after run, whichever way it ended.
 */
public final class PollLoop {
    private static final long PROGRESS_INTERVAL = TimeUnit.MILLISECONDS.toNanos(100);

    /** One burst of so many is timed: a look at the clock costs as much as a small program. */
    private static final int TIMED = 16;

    private final List<Port> active;
    private final Port[] ports;
    private final BurstProcessor processor;
    private final PassTarget passTarget;
    private final Settings settings;
    private final Statistics statistics;
    private final StackLinks stack;
    private final Forwarder forwarder;
    private final boolean recorded;
    private final Team team;
    private final Team.Share share;
    private final Doorbell bell;
    /** Whether others have asked for the last packets of a count, and may give some back. */
    private boolean starved;
    private long received;
    private int bursts;
    /** Of the active ports; made when first needed. */
    private Readiness readiness;
    private IOException failure;

    /**
     * How a loop runs.
     *
     * @param burst most packets per call of the processor, at least 1
     * @param cpu CPU number of the worker, the index into per-CPU maps
     * @param count packets to receive before the loop stops, at least 0
     * @param duration nanoseconds after which the loop stops
     * @param progress told about ten times per second
     * @param waiter what to do while no packet comes
     */
    public record Settings(int burst, int cpu, long count, long duration, Progress progress, Waiter waiter) {
        /** Bursts of 64 on CPU 0, no limits, no progress, sleeping without packets. */
        public static final Settings DEFAULT = new Settings(64, 0, Long.MAX_VALUE, Long.MAX_VALUE, Progress.NONE, Waiter.SLEEP);

        public Settings withBurst(int packets) {
            return new Settings(packets, cpu, count, duration, progress, waiter);
        }

        public Settings withCpu(int number) {
            return new Settings(burst, number, count, duration, progress, waiter);
        }

        public Settings withCount(long packets) {
            return new Settings(burst, cpu, packets, duration, progress, waiter);
        }

        public Settings withDuration(long nanoseconds) {
            return new Settings(burst, cpu, count, nanoseconds, progress, waiter);
        }

        public Settings withProgress(Progress listener) {
            return new Settings(burst, cpu, count, duration, listener, waiter);
        }

        public Settings withWaiter(Waiter pastime) {
            return new Settings(burst, cpu, count, duration, progress, pastime);
        }
    }

    /** @param ports the order counts for merging; of several ports with one ifindex the first gets the redirected packets */
    public PollLoop(List<? extends Port> ports, BurstProcessor processor, PassTarget passTarget, Settings settings) {
        this(new Workers.Worker(ports, processor), passTarget, settings, new Team(1, settings.count()), 0);
    }

    /** One of several workers, which stop together and can hand packets to each other's CPUs. */
    PollLoop(Workers.Worker work, PassTarget passTarget, Settings settings, Team team, int worker) {
        this.active = new ArrayList<>(work.ports());
        this.ports = work.ports().toArray(Port[]::new);
        this.processor = work.processor();
        this.passTarget = passTarget;
        this.settings = settings;
        this.statistics = new Statistics(this.ports);
        this.stack = new StackLinks(this.ports, work.companions(), statistics);
        this.forwarder = new Forwarder(this.ports, processor, stack, passTarget, statistics, settings.cpu(), team.queues(), worker);
        this.team = team;
        this.share = team.share();
        this.bell = team.bell(worker);
        this.recorded = work.ports().stream().allMatch(RecordedPort.class::isInstance);
    }

    public Statistics statistics() {
        return statistics;
    }

    /** Ends the run after the burst that is being processed. May be called before run, and more than once. */
    public void stop() {
        team.stop();
    }

    /**
     * Runs until a limit is reached, all ports have ended or {@link #stop} was called, then finishes ports and pass target. A port that cannot
     * be read on is left out from then on while the others go on; what it gave before counts.
     *
     * @throws IOException after an otherwise orderly and finished run, if a port could not be read to its end; or at once and with nothing
     *         finished, if output could not be written
     */
    public StopReason run() throws IOException {
        try (team) {
            StopReason reason = work();
            finish();
            passTarget.finish();
            reportProgress();
            if (failure != null) {
                throw failure;
            }
            return reason;
        }
    }

    /** Runs without finishing anything. */
    StopReason work() throws IOException {
        try (stack; forwarder; Burst burst = new Burst(settings.burst())) {
            for (Port port : ports) {
                port.start();
            }
            stack.start();
            StopReason reason = poll(burst);
            team.leave();
            Idleness idleness = new Idleness(settings.waiter());
            while (!team.isDone()) {
                if (runCpus()) {
                    idleness.end();
                } else {
                    idleness.pass();
                }
            }
            return reason;
        } finally {
            for (Port port : ports) {
                port.leave();
            }
        }
    }

    /** Makes what the ports sent final. */
    void finish() throws IOException {
        for (Port port : ports) {
            port.finish();
        }
    }

    /** Why a port could not be read to its end, or null. */
    IOException brokenPort() {
        return failure;
    }

    private StopReason poll(Burst burst) throws IOException {
        Idleness idleness = new Idleness(settings.waiter());
        try {
            return poll(burst, idleness);
        } finally {
            closeReadiness();
        }
    }

    private StopReason poll(Burst burst, Idleness idleness) throws IOException {
        long start = System.nanoTime();
        long nextProgress = PROGRESS_INTERVAL;
        int turn = 0;
        int idle = 0;
        while (!active.isEmpty()) {
            if (team.stopRequested()) {
                return StopReason.REQUESTED;
            }
            if (team.countReached()) {
                return StopReason.COUNT;
            }
            long elapsed = System.nanoTime() - start;
            if (elapsed >= settings.duration()) {
                return StopReason.DURATION;
            }
            if (elapsed >= nextProgress) {
                reportProgress();
                nextProgress = elapsed + PROGRESS_INTERVAL;
            }
            turn = recorded ? earliest() : (turn + 1) % active.size();
            int count = receive(turn, burst);
            boolean busy = count > 0;
            if (busy) {
                process(active.get(turn), burst, count, start + elapsed);
            } else if (count == Port.END) {
                active.remove(turn);
                closeReadiness();
            }
            busy |= relay();
            if (busy || count == 0 && runCpus()) {
                idle = 0;
                idleness.end();
            } else if (count == 0 && ++idle >= active.size()) {
                long quiet = Math.min(quiet(), Math.min(processor.idle(), settings.duration() - elapsed));
                idleness.pass(quiet, readiness(), team);
                idle = 0;
            }
        }
        return StopReason.END_OF_INPUT;
    }

    private boolean runCpus() throws IOException {
        boolean any = forwarder.runCpus();
        if (any) {
            flush();
        }
        return any;
    }

    /** Sends on what the kernel's stack has sent. */
    private boolean relay() throws IOException {
        boolean any = stack.relay();
        if (any) {
            flush();
        }
        IOException broken = stack.takeFailure();
        if (broken != null) {
            fail(broken);
            closeReadiness();
        }
        return any;
    }

    private void flush() throws IOException {
        for (int port = 0; port < ports.length; port++) {
            ports[port].flush();
            long refused = ports[port].refused();
            if (refused != 0) {
                statistics.refused(port, refused, ports[port].refusedBytes());
            }
        }
    }

    /** For how long surely no packet comes from ports whose descriptors do not tell, and nothing is to be done for the others. */
    private long quiet() {
        long quiet = starved ? Idleness.LONGEST_BLIND_SLEEP : Long.MAX_VALUE;
        for (int i = 0; i < active.size(); i++) {
            Port port = active.get(i);
            if (port.pollDescriptor() < 0) {
                quiet = Math.min(quiet, port.quiet());
            } else if (!port.isAtRest()) {
                quiet = Math.min(quiet, Idleness.LONGEST_BLIND_SLEEP);
            }
        }
        return quiet;
    }

    /** Of the active ports, the stack's and other threads, null if none has a descriptor. */
    private Readiness readiness() {
        if (readiness == null) {
            List<Port> all = new ArrayList<>(active);
            all.addAll(stack.active());
            readiness = new Readiness(all, bell);
        }
        return readiness.isKnown() ? readiness : null;
    }

    private void closeReadiness() {
        if (readiness != null) {
            readiness.close();
            readiness = null;
        }
    }

    /** The active port whose next packet is the oldest, or one that has ended. */
    private int earliest() {
        int best = 0;
        long bestTime = Long.MAX_VALUE;
        for (int i = 0; i < active.size(); i++) {
            long time = ((RecordedPort) active.get(i)).nextTimestamp();
            if (time < bestTime) {
                best = i;
                bestTime = time;
            }
        }
        return best;
    }

    /** How far the port may be read before it is another one's turn. */
    private long turnEnd(int turn) {
        long end = Long.MAX_VALUE;
        for (int i = 0; i < active.size(); i++) {
            if (i != turn) {
                long time = ((RecordedPort) active.get(i)).nextTimestamp();
                end = Math.min(end, i < turn ? time - 1 : time);
            }
        }
        return end;
    }

    private int receive(int turn, Burst burst) {
        Port port = active.get(turn);
        int limit = share.take(burst.capacity());
        starved = limit == 0;
        if (starved) {
            return 0;
        }
        int count = 0;
        try {
            count = recorded ? ((RecordedPort) port).receive(burst, limit, turnEnd(turn)) : port.receive(burst, limit);
            statistics.set(number(port), Counter.MISSED, port.missed());
            return count;
        } catch (IOException e) {
            fail(e);
            return Port.END;
        } finally {
            share.received(Math.max(0, count));
        }
    }

    /** A port cannot be read on. */
    private void fail(IOException broken) {
        if (failure == null) {
            failure = broken;
        } else {
            failure.addSuppressed(broken);
        }
    }

    private int number(Port port) {
        int number = 0;
        while (ports[number] != port) {
            number++;
        }
        return number;
    }

    /** @param arrival when the burst was asked for, by System.nanoTime */
    private void process(Port port, Burst burst, int count, long arrival) throws IOException {
        int number = number(port);
        burst.setOrigin(port.ifindex(), port.rxQueue(), settings.cpu());
        burst.setCount(count);
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            bytes += Memory.getInt(burst.descriptor(i) + Burst.LENGTH);
        }
        statistics.add(number, Counter.RECEIVED.ordinal(), count, bytes);
        received += count;
        boolean timed = (bursts++ & TIMED - 1) == 0;
        long before = timed ? System.nanoTime() : 0;
        processor.process(burst);
        long after = timed ? System.nanoTime() : 0;
        forwarder.settle(number, burst, count);
        forwarder.runCpus();
        flush();
        if (timed) {
            statistics.addTime(number, count, after - before, System.nanoTime() - arrival);
        }
    }

    void reportProgress() {
        long position = 0;
        long size = 0;
        for (Port port : ports) {
            if (port instanceof RecordedPort recording) {
                position += recording.position();
                size = size < 0 || recording.size() < 0 ? -1 : size + recording.size();
            } else {
                size = -1;
            }
        }
        settings.progress().report(position, size, received);
    }
}
