package org.trufflebpf.bench;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.linux.BpfException;
import org.trufflebpf.io.linux.KernelProgram;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.language.object.ProgramSpec;

/**
 * The kernel's machine code of a program, copied here and called through a pointer for each packet, as the kernel itself calls it: the measure
 * for programs that are too short for the clock of a test run. Only of programs without maps and helpers, whose addresses mean nothing here.
 */
final class KernelImage implements BurstProcessor {
    private static final byte HELPER_CALL = (byte) 0x85;
    private static final byte JUMP = (byte) 0xe9;
    private static final int JUMP_LENGTH = 5;
    private static final byte RETURN = (byte) 0xc3;

    /** Takes the function, the code's address and size; gives the copy's address. */
    @SuppressWarnings("restricted")
    private static final MethodHandle LOAD = Linker.nativeLinker()
                    .downcallHandle(FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    /** Takes the function, a burst's address and the copy's. */
    @SuppressWarnings("restricted")
    private static final MethodHandle RUN = Linker.nativeLinker()
                    .downcallHandle(FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));

    private final MemorySegment runImage;
    private final long image;

    private KernelImage(NativeLibrary library, byte[] code) throws MissingException {
        this.runImage = library.function("run_image");
        try (NativeBlock block = new NativeBlock(code.length)) {
            Memory.copyFrom(code, 0, block.address(), code.length);
            this.image = (long) LOAD.invokeExact(library.function("load_image"), block.address(), (long) code.length);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
        if (image == 0) {
            throw new MissingException("kernel image: no memory that can be executed");
        }
    }

    /** Of a scenario whose packets need not be restored. */
    static Contestant contestant(Scenario scenario) throws MissingException {
        byte[] code = machineCode(scenario);
        NativeLibrary library = new NativeLibrary("image.c", List.of());
        try {
            return new BurstContestant(new PacketBurst(scenario.packets()), new KernelImage(library, code), false, library::close);
        } catch (MissingException e) {
            library.close();
            throw e;
        }
    }

    private static byte[] machineCode(Scenario scenario) throws MissingException {
        ProgramSpec program = scenario.program();
        try (KernelObject object = new KernelObject(scenario.spec())) {
            if (!program.references().isEmpty() || callsHelpers(program.code())) {
                throw new MissingException("kernel image: only of programs without maps and helpers");
            }
            return returning(object.program(program.name()).machineCode());
        } catch (BpfException e) {
            throw new MissingException("kernel: " + e.getMessage());
        }
    }

    private static boolean callsHelpers(byte[] code) {
        for (int i = 0; i < code.length; i += 8) {
            if (code[i] == HELPER_CALL) {
                return true;
            }
        }
        return false;
    }

    /** With a plain return at the end; protected kernels jump to one of theirs. */
    private static byte[] returning(byte[] code) throws MissingException {
        byte[] result = code.clone();
        int end = code.length - JUMP_LENGTH;
        if (end >= 0 && code[end] == JUMP) {
            result[end] = RETURN;
        } else if (code.length == 0 || code[code.length - 1] != RETURN) {
            throw new MissingException("kernel image: " + (code.length == 0 ? "the kernel does not show it" : "it ends in an unknown way"));
        }
        return result;
    }

    @Override
    public void process(Burst burst) {
        try {
            RUN.invokeExact(runImage, burst.address(), image);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
