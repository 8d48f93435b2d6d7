package org.trufflebpf.bench;

import java.util.HexFormat;
import org.trufflebpf.io.burst.Verdict;
import org.trufflebpf.io.linux.BpfException;
import org.trufflebpf.io.linux.KernelProgram;

/**
 * The kernel's compiled program under BPF_PROG_TEST_RUN, timed by the kernel itself in whole nanoseconds per packet. Part of that is the loop of
 * the test run: see {@link #floor}. The packet is not set up anew between repetitions, as it is not for the others.
 */
final class KernelContestant implements Contestant {
    private static final byte[] RETURN_PASS = HexFormat.of().parseHex("b7000000020000009500000000000000");
    private static final int LOOPBACK = 1;

    private final KernelProgram program;
    private final AutoCloseable owner;
    private final byte[] packet;

    private KernelContestant(KernelProgram program, AutoCloseable owner, byte[] packet) {
        this.program = program;
        this.owner = owner;
        this.packet = packet;
    }

    /** The workload's program. */
    static KernelContestant of(Workload workload) throws MissingException {
        try {
            KernelObject object = new KernelObject(workload.object());
            return new KernelContestant(object.program(workload.program().name()), object, workload.packet());
        } catch (BpfException e) {
            throw new MissingException("kernel: " + e.getMessage());
        }
    }

    /** A program of an object that the caller closes. */
    static KernelContestant of(KernelObject object, String program, byte[] packet) throws MissingException {
        try {
            KernelProgram loaded = object.program(program);
            return new KernelContestant(loaded, loaded, packet);
        } catch (BpfException e) {
            throw new MissingException("kernel: " + e.getMessage());
        }
    }

    /** A program that only returns: what a test run costs without a program. */
    static KernelContestant floor(Workload workload) throws MissingException {
        try {
            KernelProgram program = KernelProgram.load(RETURN_PASS, "GPL", "floor");
            return new KernelContestant(program, program, workload.packet());
        } catch (BpfException e) {
            throw new MissingException("kernel: " + e.getMessage());
        }
    }

    private KernelProgram.Run run(int repeat) {
        try {
            return program.run(packet, 0, LOOPBACK, 0, repeat);
        } catch (BpfException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    @Override
    public double run(long packets) {
        return run((int) Math.min(packets, Integer.MAX_VALUE)).duration();
    }

    @Override
    public Outcome judge() {
        KernelProgram.Run run = run(1);
        return new Outcome(Verdict.of(run.result()), HexFormat.of().formatHex(run.data()));
    }

    @Override
    public void close() {
        try {
            owner.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
