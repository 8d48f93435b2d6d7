package org.trufflebpf.language.run;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.trufflebpf.language.object.ObjectSpec;

/**
 * The plugin protocol of the public bpf_conformance suite: a program as hexadecimal bytes on standard input and its memory as the first
 * argument; r0 is the answer.
 */
final class ConformancePlugin {
    /** Bytes of hexadecimal text. */
    private static final int LONGEST_PROGRAM = 64 << 20;

    private final Machine machine;

    ConformancePlugin(Machine machine) {
        this.machine = machine;
    }

    /** @return what goes to standard output */
    String run(List<String> arguments, InputStream input) throws IOException {
        byte[] memory = {};
        String program = null;
        boolean elf = false;
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            switch (argument) {
                case "--elf" -> elf = true;
                case "--debug" -> {
                }
                case "--program" -> {
                    if (++i == arguments.size()) {
                        throw CommandException.failed("--program needs hexadecimal bytes");
                    }
                    program = arguments.get(i);
                }
                default -> {
                    if (i > 0 || argument.startsWith("-")) {
                        throw CommandException.failed("unknown argument " + argument);
                    }
                    memory = hex("the memory", argument);
                }
            }
        }
        if (program == null) {
            byte[] text = input.readNBytes(LONGEST_PROGRAM);
            program = new String(text, StandardCharsets.US_ASCII);
        }
        byte[] code = hex("the program", program);
        return Long.toHexString(machine.runOnMemory(elf ? firstProgram(code) : code, memory, false)) + System.lineSeparator();
    }

    private byte[] firstProgram(byte[] file) {
        ObjectSpec object = machine.parse("standard input", file);
        if (object.programs().isEmpty()) {
            throw CommandException.failed("standard input: the object has no program");
        }
        return object.programs().getFirst().code();
    }

    private static byte[] hex(String what, String text) {
        try {
            return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
        } catch (IllegalArgumentException e) {
            throw CommandException.failed(what + " must be hexadecimal bytes: " + e.getMessage());
        }
    }
}
