package org.trufflebpf.io.loop;

import java.io.IOException;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.burst.Verdict;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.io.port.Port;

/**
 * Does what the verdicts of one worker's packets say: sends, passes, drops, hands over to CPUs, and runs the programs that entries of device and CPU
 * maps have, as kernel/bpf/devmap.c and cpumap.c do. Packets that are not redirected through a map with programs pay nothing for those.
 */
final class Forwarder implements AutoCloseable {
    private final Port[] ports;
    private final BurstProcessor processor;
    private final StackLinks stack;
    private final PassTarget passTarget;
    private final Statistics statistics;
    private final int cpu;
    private final CpuQueues queues;
    /** Number of the worker among those that the queues connect. */
    private final int worker;
    /** One packet at a time runs through the program of a device map's entry. */
    private final Burst egress = new Burst(1);
    /** Holds the copies of a broadcast that programs may change. */
    private final Burst copied = new Burst(1);
    private final NativeBlock copy = new NativeBlock(Burst.JUMBO_FRAME_SIZE);
    private final Burst arrivals = new Burst(CpuQueues.BURST);
    /** Receive queue of the packets at hand. */
    private int queue;
    /** Redirects from CPU to CPU that the packet at hand has taken. */
    private int hops;

    /** @param passTarget for ports that are not linked with the stack */
    Forwarder(Port[] ports, BurstProcessor processor, StackLinks stack, PassTarget passTarget, Statistics statistics, int cpu, CpuQueues queues,
            int worker) {
        this.ports = ports;
        this.processor = processor;
        this.stack = stack;
        this.passTarget = passTarget;
        this.statistics = statistics;
        this.cpu = cpu;
        this.queues = queues;
        this.worker = worker;
    }

    /**
     * Does what the verdicts on the packets of a burst say; afterwards their frames are no longer ours. Packets with the same verdict that follow each
     * other go together, and what most packets count is added up first.
     *
     * @param from number of the port that they came from
     */
    void settle(int from, Burst burst, int count) throws IOException {
        Port owner = ports[from];
        queue = owner.rxQueue();
        long dropped = 0;
        long droppedBytes = 0;
        long passed = 0;
        long passedBytes = 0;
        long returned = 0;
        long returnedBytes = 0;
        long lost = 0;
        long lostBytes = 0;
        int start = 0;
        while (start < count) {
            int code = verdict(burst, start);
            long bytes = length(burst.descriptor(start));
            int end = start + 1;
            while (end < count && verdict(burst, end) == code) {
                bytes += length(burst.descriptor(end++));
            }
            switch (Verdict.of(code)) {
                case DROP -> {
                    dropped += end - start;
                    droppedBytes += bytes;
                    owner.release(burst, start, end);
                }
                case TX -> {
                    returned += end - start;
                    returnedBytes += bytes;
                    int next = start;
                    while ((next += owner.transmit(burst, next, end)) < end) {
                        lost++;
                        lostBytes += length(burst.descriptor(next++));
                    }
                }
                case PASS -> {
                    passed += end - start;
                    passedBytes += bytes;
                    for (int i = start; i < end; i++) {
                        pass(from, burst.descriptor(i));
                    }
                    owner.release(burst, start, end);
                }
                case REDIRECT -> {
                    statistics.add(from, Counter.REDIRECT.ordinal(), end - start, bytes);
                    for (int i = start; i < end; i++) {
                        redirect(owner, from, burst.descriptor(i));
                    }
                }
                case ABORTED -> {
                    statistics.add(from, Counter.ABORTED.ordinal(), end - start, bytes);
                    owner.release(burst, start, end);
                }
            }
            start = end;
        }
        if (dropped > 0) {
            statistics.add(from, Counter.DROP.ordinal(), dropped, droppedBytes);
        }
        if (passed > 0) {
            statistics.add(from, Counter.PASS.ordinal(), passed, passedBytes);
        }
        if (returned > 0) {
            statistics.add(from, Counter.TX.ordinal(), returned, returnedBytes);
            statistics.add(from, Counter.SENT.ordinal(), returned - lost, returnedBytes - lostBytes);
            statistics.add(from, Counter.NOT_SENT.ordinal(), lost, lostBytes);
        }
    }

    private static int verdict(Burst burst, int packet) {
        return Memory.getInt(burst.descriptor(packet) + Burst.VERDICT);
    }

    private static int length(long descriptor) {
        return Memory.getInt(descriptor + Burst.LENGTH);
    }

    private void pass(int from, long descriptor) throws IOException {
        if (!(stack.has(from) ? stack.pass(from, descriptor) : passTarget.pass(descriptor))) {
            statistics.add(from, Counter.NOT_PASSED.ordinal(), length(descriptor));
        }
    }

    /** @param owner of the frame, or null if it is no port's: then it stays where it is */
    private void redirect(Port owner, int from, long descriptor) throws IOException {
        int target = Memory.getInt(descriptor + Burst.REDIRECT_TARGET);
        int program = Memory.getInt(descriptor + Burst.REDIRECT_PROGRAM);
        int kind = Memory.getInt(descriptor + Burst.REDIRECT_KIND);
        switch (kind) {
            case Burst.REDIRECT_TO_INTERFACE -> {
                int to = numberOf(target);
                if (to < 0) {
                    statistics.add(from, Counter.REDIRECTED_NOWHERE.ordinal(), length(descriptor));
                } else if (program == 0 || leaves(from, to, program, descriptor)) {
                    send(owner, to, descriptor);
                    return;
                }
            }
            case Burst.REDIRECT_TO_GROUP -> broadcast(from, target, 0, descriptor);
            case Burst.REDIRECT_TO_OTHERS -> broadcast(from, target, ports[from].ifindex(), descriptor);
            case Burst.REDIRECT_TO_CPU -> enqueue(from, target, program, descriptor);
            case Burst.REDIRECT_TO_SOCKET -> hand(from, target, descriptor);
            default -> statistics.add(from, Counter.REDIRECTED_NOWHERE.ordinal(), length(descriptor));
        }
        if (owner != null) {
            owner.release(descriptor);
        }
    }

    /**
     * The frame itself travels where it can, otherwise its bytes do.
     *
     * @param owner of the frame, or null if it is no port's: then it stays where it is
     */
    private void send(Port owner, int to, long descriptor) throws IOException {
        int length = length(descriptor);
        Port port = ports[to];
        boolean sent;
        if (owner != null && owner.memory() == port.memory()) {
            sent = port.transmit(descriptor);
        } else {
            sent = port.copy(descriptor);
            if (owner != null) {
                owner.release(descriptor);
            }
        }
        statistics.add(to, (sent ? Counter.SENT : Counter.NOT_SENT).ordinal(), length);
    }

    /**
     * Runs the program of a device map's entry (dev_map_bpf_prog_run), which changes the packet or keeps it from leaving: any verdict but PASS does.
     * The program sees receive queue 0, as in the kernel.
     */
    private boolean leaves(int from, int to, int program, long descriptor) {
        long place = egress.descriptor(0);
        Memory.copy(descriptor, place, Burst.DESCRIPTOR_SIZE);
        egress.setOrigin(ports[from].ifindex(), 0, cpu);
        egress.setEgress(ports[to].ifindex());
        egress.setCount(1);
        processor.program(program, cpu).process(egress);
        Memory.copy(place, descriptor, Burst.DESCRIPTOR_SIZE);
        boolean passes = Memory.getInt(place + Burst.VERDICT) == Verdict.PASS.ordinal();
        if (!passes) {
            statistics.add(to, Counter.EGRESS_DROP.ordinal(), length(place));
        }
        return passes;
    }

    /** @param excluded interface number that gets none, or 0 */
    private void broadcast(int from, int group, int excluded, long descriptor) throws IOException {
        boolean anywhere = false;
        for (long target : processor.redirectGroup(group)) {
            int ifindex = (int) target;
            int program = (int) (target >>> 32);
            int to = ifindex == excluded ? -1 : numberOf(ifindex);
            if (to >= 0) {
                anywhere = true;
                if (program == 0) {
                    send(null, to, descriptor);
                } else {
                    sendChanged(from, to, program, descriptor);
                }
            }
        }
        if (!anywhere) {
            statistics.add(from, Counter.REDIRECTED_NOWHERE.ordinal(), length(descriptor));
        }
    }

    /** Sends what the program makes of a copy. */
    private void sendChanged(int from, int to, int program, long descriptor) throws IOException {
        long frame = Memory.getLong(descriptor + Burst.FRAME);
        long data = Memory.getLong(descriptor + Burst.DATA);
        long used = data + length(descriptor) - frame;
        long place = copied.descriptor(0);
        Memory.copy(frame, copy.address(), used);
        Memory.copy(descriptor, place, Burst.DESCRIPTOR_SIZE);
        Memory.putLong(place + Burst.FRAME, copy.address());
        Memory.putLong(place + Burst.DATA, copy.address() + data - frame);
        if (leaves(from, to, program, place)) {
            send(null, to, place);
        }
    }

    /**
     * Sockets take packets of their own queue only (xsk_rcv_check). Behind them is who the run is for: what they get goes where passed packets go,
     * without having been in the network stack.
     */
    private void hand(int from, int socketQueue, long descriptor) throws IOException {
        if (socketQueue == queue) {
            statistics.add(from, Counter.TO_SOCKET.ordinal(), length(descriptor));
            pass(from, descriptor);
        } else {
            statistics.add(from, Counter.REDIRECTED_NOWHERE.ordinal(), length(descriptor));
        }
    }

    private void enqueue(int from, int target, int program, long descriptor) {
        Counter outcome = hops == CpuQueues.MOST_HOPS ? Counter.CPU_DROP
                : queues.offer(worker, target, program, from, hops + 1, descriptor) ? null : Counter.CPU_FULL;
        if (outcome != null) {
            statistics.add(from, outcome.ordinal(), length(descriptor));
        }
    }

    /** Does the work of the CPUs that this worker stands for, as far as it is there. */
    boolean runCpus() throws IOException {
        boolean any = false;
        for (int producer = 0; producer < queues.workers(); producer++) {
            CpuQueue waiting = queues.queue(producer, worker);
            while (waiting != null && waiting.poll(arrivals)) {
                any = true;
                arrive(waiting);
                waiting.release();
                queues.settled(arrivals.count());
            }
        }
        return any;
    }

    /** As cpu_map_bpf_prog_run_xdp: the program may pass and redirect, and sees receive queue 0; anything else drops. */
    private void arrive(CpuQueue arrived) throws IOException {
        int from = arrived.from();
        hops = arrived.hops();
        queue = 0;
        if (arrived.program() != 0) {
            arrivals.setOrigin(ports[from].ifindex(), queue, arrived.cpu());
            processor.program(arrived.program(), arrived.cpu()).process(arrivals);
        }
        for (int i = 0; i < arrivals.count(); i++) {
            long descriptor = arrivals.descriptor(i);
            int verdict = arrived.program() == 0 ? Verdict.PASS.ordinal() : Memory.getInt(descriptor + Burst.VERDICT);
            if (verdict == Verdict.PASS.ordinal()) {
                statistics.add(from, Counter.CPU_PASS.ordinal(), length(descriptor));
                pass(from, descriptor);
            } else if (verdict == Verdict.REDIRECT.ordinal()) {
                redirect(null, from, descriptor);
            } else {
                statistics.add(from, Counter.CPU_DROP.ordinal(), length(descriptor));
            }
        }
        hops = 0;
    }

    /** The port with an interface number, -1 if there is none. */
    private int numberOf(int ifindex) {
        for (int i = 0; i < ports.length; i++) {
            if (ports[i].ifindex() == ifindex) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public void close() {
        egress.close();
        copied.close();
        arrivals.close();
        copy.close();
    }
}
