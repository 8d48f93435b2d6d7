package org.trufflebpf.bench;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;

/** A program's C source with native helpers and maps, inlined into a loop over bursts, and called once per burst. */
final class NativeProgram implements BurstProcessor {
    /** Takes the function and a burst's address; with constant handle and plain addresses a call costs some 5 ns. */
    @SuppressWarnings("restricted")
    private static final MethodHandle CALL = Linker.nativeLinker().downcallHandle(FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG));

    private final MemorySegment runBurst;

    private NativeProgram(NativeLibrary library) {
        this.runBurst = library.function("run_burst");
    }

    static Contestant contestant(Workload workload) throws MissingException {
        NativeLibrary library = new NativeLibrary(workload.folder().getParent(), "burst.c", List.of("-I" + workload.folder().resolve("include"),
                        "-DSOURCE=\"" + workload.source() + "\"", "-DPROGRAM=" + workload.name()));
        return new BurstContestant(new PacketBurst(workload.packet()), new NativeProgram(library), library::close);
    }

    @Override
    public void process(Burst burst) {
        try {
            CALL.invokeExact(runBurst, burst.address());
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
