package org.trufflebpf.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.language.btf.Btf;
import org.trufflebpf.language.btf.BtfType;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.ObjectSpec;

/** A program's C source with native helpers and maps, inlined into a loop over bursts, and called once per burst. */
final class NativeProgram implements BurstProcessor {
    /** Takes the function and a burst's address; with constant handle and plain addresses a call costs some 5 ns. */
    @SuppressWarnings("restricted")
    private static final MethodHandle CALL = Linker.nativeLinker().downcallHandle(FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG));
    /** Takes the function and two addresses. */
    @SuppressWarnings("restricted")
    private static final MethodHandle WRITE = Linker.nativeLinker()
                    .downcallHandle(FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    /** Takes the function. */
    @SuppressWarnings("restricted")
    private static final MethodHandle DO = Linker.nativeLinker().downcallHandle(FunctionDescriptor.ofVoid());

    private final NativeLibrary library;
    private final MemorySegment runBurst;
    private final MemorySegment drain;

    private NativeProgram(NativeLibrary library) {
        this.library = library;
        this.runBurst = library.function("run_burst");
        this.drain = library.function("drain");
    }

    /** @throws MissingException if there is no compiler, no source, or something in it that has no native counterpart */
    static NativeProgram compile(Scenario scenario) throws MissingException {
        if (!Files.isReadable(scenario.source())) {
            throw new MissingException("native: no " + scenario.source().getFileName() + " beside the object");
        }
        try {
            Path maps = Files.createTempFile("trufflebpf-maps", ".h");
            try {
                Files.writeString(maps, declarations(scenario.spec()));
                Path folder = scenario.source().toAbsolutePath().getParent();
                NativeLibrary library = new NativeLibrary("burst.c", List.of("-I" + folder.resolveSibling("include"),
                                "-DSOURCE=\"" + scenario.source().toAbsolutePath() + "\"", "-DPROGRAM=" + scenario.program().name(),
                                "-DMAPS_FILE=\"" + maps + "\""));
                NativeProgram program = new NativeProgram(library);
                invoke(DO, library.function("set_up"));
                return program;
            } finally {
                Files.delete(maps);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What burst.c asks for. */
    private static String declarations(ObjectSpec object) {
        List<MapSpec> maps = object.maps().stream().filter(map -> map.contents() == null).toList();
        String sizes = maps.stream().map(map -> " F(" + map.name() + ", " + size(map) + ")").collect(Collectors.joining());
        String inners = maps.stream().filter(map -> map.inner() != null).flatMap(map -> map.values().entrySet().stream()
                        .map(slot -> " F(" + map.name() + ", " + slot.getKey() + ", " + slot.getValue() + ")")).collect(Collectors.joining());
        String inner = maps.stream().filter(map -> map.inner() != null).map(map -> size(map.inner())).findFirst().orElse("0, 0, 0, 0");
        String data = object.maps().stream().filter(NativeProgram::isData).map(map -> "#define PUT_" + identifier(map) + "(F)"
                        + variables(object.btf(), map) + "\n").collect(Collectors.joining());
        String sections = object.maps().stream().filter(NativeProgram::isData).map(map -> " F(" + identifier(map) + ")").collect(Collectors.joining());
        return "#define MAPS(F)" + sizes + "\n#define INNERS(F)" + inners + "\n#define INNER_SIZE " + inner + "\n" + data + "#define SECTIONS(F)" + sections
                        + "\n";
    }

    private static String size(MapSpec map) {
        return map.type() + ", " + map.maxEntries() + ", " + map.keySize() + ", " + map.valueSize();
    }

    /** Sections with variables that can be written. */
    private static boolean isData(MapSpec map) {
        return map.contents() != null && (map.name().startsWith(".data") || map.name().startsWith(".bss"));
    }

    private static String identifier(MapSpec map) {
        return map.name().replace('.', '_');
    }

    private static String variables(Btf btf, MapSpec map) {
        if (btf == null || !(btf.type(map.valueType()) instanceof BtfType.DataSection section)) {
            return "";
        }
        return section.variables().stream().map(place -> " F(" + ((BtfType.Variable) btf.type(place.variable())).name() + ", " + place.offset() + ", "
                        + place.size() + ")").collect(Collectors.joining());
    }

    /**
     * Writes an entry.
     *
     * @param value of a per-CPU map that of CPU 0 first
     */
    void put(MapSpec map, byte[] key, byte[] value) throws MissingException {
        try (NativeBlock block = new NativeBlock(key.length + 8L + Math.max(value.length, map.valueSize()))) {
            long valueAddress = block.address() + key.length + 7 & -8;
            Memory.copyFrom(key, 0, block.address(), key.length);
            Memory.copyFrom(value, 0, valueAddress, value.length);
            long error = (long) WRITE.invokeExact(library.function("write_" + identifier(map)), block.address(), valueAddress);
            if (error != 0) {
                throw new MissingException("native: map " + map.name() + " takes no further entry");
            }
        } catch (MissingException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Throws away what is in ring buffers. */
    void drain() {
        invoke(DO, drain);
    }

    private static void invoke(MethodHandle handle, MemorySegment function) {
        try {
            handle.invokeExact(function);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    void close() {
        library.close();
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
