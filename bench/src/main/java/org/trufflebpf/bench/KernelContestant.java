package org.trufflebpf.bench;

import java.util.HexFormat;
import java.util.List;
import org.trufflebpf.io.burst.Verdict;
import org.trufflebpf.io.linux.BpfException;
import org.trufflebpf.io.linux.KernelProgram;

/**
 * The kernel's compiled program under BPF_PROG_TEST_RUN, timed by the kernel itself in whole nanoseconds per packet. Part of that is the loop of
 * the test run: see {@link #floor}. The packet is not set up anew between repetitions unless a {@link RestoringWrapper} does it. Several packets are
 * repeated one after the other, and the mean of their times counts.
 */
final class KernelContestant implements Contestant {
    private static final byte[] RETURN_PASS = HexFormat.of().parseHex("b7000000020000009500000000000000");
    private static final int LOOPBACK = 1;

    private final KernelProgram program;
    private final AutoCloseable owner;
    private final List<byte[]> packets;

    private KernelContestant(KernelProgram program, AutoCloseable owner, List<byte[]> packets) {
        this.program = program;
        this.owner = owner;
        this.packets = packets;
    }

    /** Makes what the kernel may refuse. */
    private interface Maker {
        KernelContestant make() throws BpfException;
    }

    private static KernelContestant make(Maker maker) throws MissingException {
        try {
            return maker.make();
        } catch (BpfException e) {
            throw new MissingException("kernel: " + e.getMessage());
        }
    }

    /** A program of an object that the caller closes. */
    static KernelContestant of(KernelObject object, String program, List<byte[]> packets) throws MissingException {
        return make(() -> {
            KernelProgram loaded = object.program(program);
            return new KernelContestant(loaded, loaded, packets);
        });
    }

    /** The same behind a wrapper that restores the packet. */
    static KernelContestant restoring(KernelObject object, String program, byte[] packet, RestoringWrapper.Change change) throws MissingException {
        return make(() -> restoring(object.program(program), packet, change));
    }

    private static KernelContestant restoring(KernelProgram wrapped, byte[] packet, RestoringWrapper.Change change) throws BpfException {
        try {
            RestoringWrapper wrapper = new RestoringWrapper(wrapped, packet, change);
            return new KernelContestant(wrapper.program(), () -> {
                wrapper.close();
                wrapped.close();
            }, List.of(packet));
        } catch (BpfException e) {
            wrapped.close();
            throw e;
        }
    }

    /** A program that only returns: what a test run costs without a program. */
    static KernelContestant floor(byte[] packet) throws MissingException {
        return make(() -> {
            KernelProgram program = KernelProgram.load(RETURN_PASS, "GPL", "floor");
            return new KernelContestant(program, program, List.of(packet));
        });
    }

    /** The same behind a wrapper that restores the packet. */
    static KernelContestant restoringFloor(byte[] packet, RestoringWrapper.Change change) throws MissingException {
        return make(() -> restoring(KernelProgram.load(RETURN_PASS, "GPL", "floor"), packet, change));
    }

    private KernelProgram.Run run(byte[] packet, int repeat) {
        try {
            return program.run(packet, 0, LOOPBACK, 0, repeat);
        } catch (BpfException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** It is machine code from the start, and each test run of each packet also waits 20 ms. */
    @Override
    public int warmUpWindows() {
        return 1;
    }

    @Override
    public double run(long wanted) {
        int repeat = (int) Math.clamp(wanted / packets.size(), 1, Integer.MAX_VALUE);
        return packets.stream().mapToLong(packet -> run(packet, repeat).duration()).average().orElseThrow();
    }

    @Override
    public List<Outcome> judge() {
        return packets.stream().map(packet -> run(packet, 1)).map(run -> new Outcome(Verdict.of(run.result()), HexFormat.of().formatHex(run.data()))).toList();
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
