package org.trufflebpf.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The processor time of a process with all its threads so far.
 *
 * @param user seconds outside the kernel
 * @param system seconds inside the kernel
 */
record ProcessTime(double user, double system) {
    /** USER_HZ. */
    private static final double TICKS_PER_SECOND = 100;

    /** To a hundredth of a second: utime and stime of proc_pid_stat(5). */
    static ProcessTime of(Process process) throws IOException {
        String[] fields = Files.readString(Path.of("/proc/" + process.pid() + "/stat")).replaceFirst(".*\\) ", "").split(" ");
        return new ProcessTime(Long.parseLong(fields[11]) / TICKS_PER_SECOND, Long.parseLong(fields[12]) / TICKS_PER_SECOND);
    }

    ProcessTime minus(ProcessTime earlier) {
        return new ProcessTime(user - earlier.user, system - earlier.system);
    }

    double sum() {
        return user + system;
    }
}
