package org.trufflebpf.tests.specialization;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.trufflebpf.language.EbpfContext;
import org.trufflebpf.language.assembly.Assembler;
import org.trufflebpf.language.assembly.AssemblyException;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.run.Surroundings;
import org.trufflebpf.language.runtime.Instance;
import org.trufflebpf.language.runtime.Program;
import org.trufflebpf.language.runtime.Specialization.Statistics;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.MapFlags;

/** A program of assembler text over maps that a test writes. The context that it belongs to is entered. */
final class SpecializedProgram implements AutoCloseable {
    /** Far more than compiling takes. */
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(20);

    private final Instance instance;
    private final Program program;

    SpecializedProgram(String text) throws AssemblyException {
        this(Assembler.assemble("test.s", text), "main");
    }

    SpecializedProgram(ObjectSpec object, String name) {
        instance = (Instance) EbpfContext.machine().load(object, Surroundings.FIXED);
        program = instance.program(name);
    }

    Instance instance() {
        return instance;
    }

    Program program() {
        return program;
    }

    /** Compiled, with what maps hold now made use of. */
    boolean specialize() {
        return program.compile() && program.specialize();
    }

    /** What the program returns for a packet. */
    int run(byte... packet) {
        return program.singlePackets().run(packet).result();
    }

    Statistics statistics() {
        return program.specialization();
    }

    BpfMap map(String name) {
        return instance.map(name);
    }

    void put(String map, byte[] key, byte[] value) {
        map(map).put(key, value, MapFlags.ANY);
    }

    /** For keys and values of 4 and 8 bytes. */
    void put(String map, int key, long value) {
        put(map, bytes(key), bytes(value));
    }

    static byte[] bytes(int number) {
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array();
    }

    static byte[] bytes(long number) {
        return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(number).array();
    }

    /** @throws AssertionError if that takes forever */
    static void await(BooleanSupplier condition, String what) throws InterruptedException {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > PATIENCE) {
                throw new AssertionError(what + " never came");
            }
            Thread.sleep(1);
        }
    }

    @Override
    public void close() {
        instance.close();
    }
}
