package org.trufflebpf.io.dpdk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * DPDK's environment, of which a process has one: started when it is first needed and never ended, as rte_eal_init works once in a process's life.
 * It pins the thread that calls it, so a thread of its own does that, and everything else that is not done per packet.
 *
 * <p>Its arguments are ours: after wrong ones there is no second try, -h ends the process, and a large -m hangs. Devices are added one by one
 * afterwards, where errors can be told.
 */
final class Eal {
    /** Mebibytes that EAL takes where it has no huge pages and so cannot take more later; room for some 50,000 frames. */
    private static final int PLAIN_MEBIBYTES = 256;
    /** Mebibytes of free huge pages from which on they are used. */
    private static final int HUGE_MEBIBYTES = 128;

    /** CAP_NET_ADMIN and CAP_NET_RAW. */
    private static final long INTERFACES = 1L << 12 | 1L << 13;
    private static final String PROCESS = "/proc/self/status";

    private static final ExecutorService MAIN = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "dpdk-main");
        thread.setDaemon(true);
        return thread;
    });
    private static Eal instance;
    private static String failure;

    private final Library library;
    private final EalLog log;
    private final boolean hugePages;

    private Eal(Library library, EalLog log, boolean hugePages) {
        this.library = library;
        this.log = log;
        this.hugePages = hugePages;
    }

    /** @throws DpdkException if DPDK is not there, or does not start: then the same for the rest of the process's life */
    static synchronized Eal get() throws DpdkException {
        if (failure != null) {
            throw new DpdkException(failure);
        }
        if (instance == null) {
            Library library = Library.load();
            try {
                instance = onMain(() -> start(library));
            } catch (DpdkException e) {
                failure = e.getMessage();
                throw e;
            }
        }
        return instance;
    }

    private static Eal start(Library library) throws DpdkException {
        EalLog log = EalLog.open(library);
        boolean huge = freeHugeMebibytes(read("/proc/meminfo")) >= HUGE_MEBIBYTES;
        // The one device that is allowed does not exist, so none is probed. In memory huge pages leave no files behind when the process is killed.
        List<String> arguments = new ArrayList<>(List.of("ebpf", "--lcores", "0@(" + allowedProcessors(read(PROCESS)) + ")", "-a", "0000:00:00.0",
                "--no-telemetry", "--iova-mode=va", "--log-level=4"));
        arguments.addAll(huge ? List.of("--in-memory") : List.of("--no-huge", "--no-shconf", "-m", Integer.toString(PLAIN_MEBIBYTES)));
        MemorySegment vector = Arena.global().allocate(ValueLayout.ADDRESS, arguments.size() + 1L);
        for (int i = 0; i < arguments.size(); i++) {
            vector.setAtIndex(ValueLayout.ADDRESS, i, Arena.global().allocateFrom(arguments.get(i)));
        }
        if (library.call("rte_eal_init", arguments.size(), vector.address()) < 0) {
            throw new DpdkException("DPDK does not start: " + log.first("it gives no reason"));
        }
        return new Eal(library, log, huge);
    }

    private static String read(String file) throws DpdkException {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            throw new DpdkException("DPDK needs " + file + ", which cannot be read: mount /proc");
        }
    }

    /** @param meminfo contents of /proc/meminfo */
    static long freeHugeMebibytes(String meminfo) {
        return number(meminfo, "HugePages_Free") * number(meminfo, "Hugepagesize") >> 10;
    }

    private static long number(String meminfo, String name) {
        Matcher matcher = Pattern.compile("^" + name + ":\\s+(\\d{1,15})", Pattern.MULTILINE).matcher(meminfo);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }

    /** @param status contents of /proc/self/status */
    static String allowedProcessors(String status) {
        Matcher matcher = Pattern.compile("^Cpus_allowed_list:\\s+([0-9,-]+)", Pattern.MULTILINE).matcher(status);
        return matcher.find() ? matcher.group(1) : "0";
    }

    /** Whether this process has the capabilities that drivers for the kernel's interfaces need. */
    static boolean mayUseInterfaces() throws DpdkException {
        return mayUseInterfaces(read(PROCESS));
    }

    /** @param status contents of /proc/self/status */
    static boolean mayUseInterfaces(String status) {
        Matcher matcher = Pattern.compile("^CapEff:\\s+([0-9a-f]{1,16})$", Pattern.MULTILINE).matcher(status);
        return !matcher.find() || (Long.parseUnsignedLong(matcher.group(1), 16) & INTERFACES) == INTERFACES;
    }

    Library library() {
        return library;
    }

    EalLog log() {
        return log;
    }

    /** Whether frames lie in huge pages; without them forwarding costs up to twice as much. */
    boolean hugePages() {
        return hugePages;
    }

    /** Has DPDK's main thread do something, one at a time, and waits for it. */
    static <T> T onMain(Callable<T> task) throws DpdkException {
        boolean interrupted = false;
        try {
            var result = MAIN.submit(task);
            while (true) {
                try {
                    return result.get();
                } catch (InterruptedException e) {
                    // What was begun has to be ended: a device that is half there would stay so.
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case DpdkException refused -> throw refused;
                case RuntimeException unexpected -> throw unexpected;
                case Error error -> throw error;
                default -> throw new IllegalStateException(e.getCause());
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
