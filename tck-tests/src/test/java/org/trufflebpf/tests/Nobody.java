package org.trufflebpf.tests;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The user nobody, who has no rights and, on most systems, no home. Where root runs the tests those of the tools run their commands as this user. */
public final class Nobody {
    private static final List<String> SWITCH = List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs",
            "env", "--unset=HOME");
    /** Empty where tests run without root already, or where nobody cannot read the project or Java, as below root's home. */
    private static final List<String> PREFIX = prefixHere();

    private Nobody() {
    }

    private static List<String> prefixHere() {
        // Builds first if need be.
        Command.ebpf("--version");
        if (!isRoot() || !Files.isExecutable(Path.of("/usr/bin/setpriv"))) {
            return List.of();
        }
        if (Command.ebpf(SWITCH, List.of("--version")).exitCode() == 0) {
            return SWITCH;
        }
        System.out.println("the user nobody cannot run " + Project.ROOT.resolve("ebpf") + ": tools are tested as root");
        return List.of();
    }

    private static boolean isRoot() {
        return Command.run(new ProcessBuilder("id", "-u")).output().strip().equals("0");
    }

    /** Whether commands with the prefix run without root. */
    static boolean isWithoutRoot() {
        return !PREFIX.isEmpty() || !isRoot();
    }

    /** What goes before a command. */
    public static List<String> prefix() {
        return PREFIX;
    }

    /** The ebpf command, as {@link Command#ebpf(List)}. */
    static Command.Result ebpf(List<String> arguments) {
        return Command.ebpf(PREFIX, arguments);
    }
}
