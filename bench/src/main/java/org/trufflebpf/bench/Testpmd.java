package org.trufflebpf.bench;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** DPDK's own forwarder, a C program with the driver's calls inlined, over a device like that of a {@link FilledDevice}. */
final class Testpmd {
    private static final String COMMAND = "dpdk-testpmd";
    private static final Pattern RATE = Pattern.compile("\\s*Rx-pps:\\s+(\\d{1,18})\\b.*");
    /** It says once a second how many packets came; first the loop gets warm. */
    private static final int SECONDS = 2;
    private static final int MEBIBYTES = 128;

    private Testpmd() {
    }

    /**
     * Nanoseconds per packet in a forward mode, the best of some seconds.
     *
     * @param mode as {@code --forward-mode} takes it
     * @throws MissingException if it is not there, or does not run
     */
    static double nanoseconds(DpdkDevice device, int length, String mode, boolean hugePages) throws MissingException {
        List<String> command = new ArrayList<>(List.of(COMMAND, "--lcores", "0,1", "-m", Integer.toString(MEBIBYTES), "--no-telemetry", "--log-level=4",
                        "-a", "0000:00:00.0", "--vdev=" + device.arguments(length)));
        command.addAll(hugePages ? List.of("--in-memory") : List.of("--no-huge", "--no-shconf"));
        command.addAll(List.of("--", "--total-num-mbufs=8192", "--burst=" + FilledDevice.BURST, "--stats-period=1", "--forward-mode=" + mode));
        command.add(device == DpdkDevice.RING ? "--tx-first" : "--auto-start");
        List<Double> rates = new ArrayList<>();
        String last = "it says nothing";
        Process process = start(command);
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = output.readLine(); line != null && rates.size() <= SECONDS; line = output.readLine()) {
                Matcher rate = RATE.matcher(line);
                if (rate.matches()) {
                    rates.add(Double.parseDouble(rate.group(1)));
                }
                last = line.isBlank() ? last : line.strip();
            }
        } catch (IOException e) {
            throw new MissingException(COMMAND + ": " + e.getMessage());
        } finally {
            process.destroy();
        }
        process.onExit().join();
        if (rates.size() <= SECONDS) {
            throw new MissingException(COMMAND + ": " + last);
        }
        return 1e9 / Collections.max(rates.subList(1, rates.size()));
    }

    private static Process start(List<String> command) throws MissingException {
        try {
            return new ProcessBuilder(command).redirectInput(new File("/dev/null")).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new MissingException("no " + COMMAND + " (Debian: dpdk-dev)");
        }
    }
}
