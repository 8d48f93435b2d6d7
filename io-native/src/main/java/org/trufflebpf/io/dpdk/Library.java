package org.trufflebpf.io.dpdk;

import java.io.File;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.trufflebpf.io.libc.Downcall;
import org.trufflebpf.io.libc.Libc;

/**
 * The installed libdpdk, whose functions are called by name. This is the way for everything but packets: a call takes microseconds.
 * Arguments may be int (also for C's uint16_t, which travels in the same register), long (also for addresses) and String, which the function
 * must not keep.
 */
final class Library {
    private static final String CORE = "eal";
    /** They name all that they need themselves, drivers apart, which EAL loads. */
    private static final List<String> PARTS = List.of("mempool", "mbuf", "ethdev");
    private static final String INSTALL = "install DPDK 22.11 (Debian: apt-get install libdpdk-dev)";
    /** Where distributions and DPDK's own build put it. */
    private static final List<String> FOLDERS = List.of("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib/x86_64-linux-gnu",
            "/usr/local/lib64", "/usr/local/lib");
    private static final AddressLayout TEXT = ValueLayout.ADDRESS.withTargetLayout(MemoryLayout.sequenceLayout(256, ValueLayout.JAVA_BYTE));

    private final Linker linker = Linker.nativeLinker();
    private final SymbolLookup symbols;

    private Library(SymbolLookup symbols) {
        this.symbols = symbols;
    }

    /** @throws DpdkException if it is not installed, or another version is */
    static Library load() throws DpdkException {
        if (!Libc.available()) {
            throw new DpdkException("DPDK needs Linux on x86-64 and native access: allow it with --enable-native-access=org.trufflebpf.io");
        }
        SymbolLookup symbols = find(CORE).or(Linker.nativeLinker().defaultLookup());
        String version = new Library(symbols).text("rte_version");
        if (!version.startsWith(Abi.VERSION)) {
            throw unknown(version);
        }
        for (String part : PARTS) {
            symbols = find(part).or(symbols);
        }
        return new Library(symbols);
    }

    private static DpdkException unknown(String version) {
        return new DpdkException("the installed " + version + " lays its structures out in ways unknown here: " + INSTALL);
    }

    @SuppressWarnings("restricted")
    private static SymbolLookup find(String part) throws DpdkException {
        String name = "librte_" + part + ".so." + Abi.NUMBER;
        try {
            return SymbolLookup.libraryLookup(name, Arena.global());
        } catch (IllegalArgumentException e) {
            Optional<String> other = other(part);
            throw other.isPresent() ? unknown("DPDK with " + other.get())
                    : new DpdkException("the library " + name + " is not installed: " + INSTALL);
        }
    }

    /** The name of a library of another version, where that is installed. */
    private static Optional<String> other(String part) {
        String search = System.getenv("LD_LIBRARY_PATH");
        List<String> folders = new ArrayList<>(search == null ? List.of() : List.of(search.split(":")));
        folders.addAll(FOLDERS);
        Pattern name = Pattern.compile("librte_" + part + "\\.so\\.\\d{1,4}");
        return folders.stream().map(folder -> new File(folder).list()).filter(Objects::nonNull).flatMap(Arrays::stream)
                .filter(file -> name.matcher(file).matches() && !file.endsWith("." + Abi.NUMBER)).findFirst();
    }

    /** Calls a function that gives an int. */
    int call(String name, Object... arguments) {
        return (int) invoke(name, ValueLayout.JAVA_INT, arguments);
    }

    /** Calls a function that gives an address. */
    long address(String name, Object... arguments) {
        return (long) invoke(name, ValueLayout.JAVA_LONG, arguments);
    }

    /** Calls a function that gives nothing. */
    void run(String name, Object... arguments) {
        invoke(name, null, arguments);
    }

    /** Calls a function that gives a text. */
    String text(String name, Object... arguments) {
        return ((MemorySegment) invoke(name, TEXT, arguments)).getString(0);
    }

    /** What an error, given as a positive or negative number, is called. */
    String describe(int error) {
        return text("rte_strerror", Math.abs(error));
    }

    /** Address of exported data. */
    long data(String name) {
        return symbols.findOrThrow(name).address();
    }

    @SuppressWarnings("restricted")
    private Object invoke(String name, MemoryLayout result, Object... arguments) {
        try (Arena texts = Arena.ofConfined()) {
            MemoryLayout[] layouts = new MemoryLayout[arguments.length];
            Object[] values = new Object[arguments.length];
            for (int i = 0; i < arguments.length; i++) {
                values[i] = arguments[i] instanceof String text ? (Object) texts.allocateFrom(text).address() : arguments[i];
                layouts[i] = values[i] instanceof Integer ? ValueLayout.JAVA_INT : ValueLayout.JAVA_LONG;
            }
            FunctionDescriptor descriptor = result == null ? FunctionDescriptor.ofVoid(layouts) : FunctionDescriptor.of(result, layouts);
            return linker.downcallHandle(symbols.findOrThrow(name), descriptor).invokeWithArguments(values);
        } catch (Throwable e) {
            throw Downcall.unexpected(e);
        }
    }
}
