package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code ebpf verify} as a process. */
class VerifyTest {
    private static final String UNCHECKED = "tck-tests/src/test/programs/verify/unchecked.o";

    private static Command.Result verify(String... arguments) {
        return Command.ebpf(Stream.concat(Stream.of("verify"), Stream.of(arguments)).toList());
    }

    @Test
    void saysTheLineTheReasonTheRemedyAndAPacket() {
        Command.Result result = verify(UNCHECKED);
        assertEquals(1, result.exitCode(), result.errors());
        assertEquals("", result.errors());
        for (String said : List.of("program 'without_bounds' (section xdp): accepted, runs with 1 check",
                "checked: ./verify/unchecked.c:29 `return ip->protocol == 17 ? XDP_DROP : XDP_PASS;`", "of which 14 bytes are known to be there",
                "from ./verify/unchecked.c:23 `", "`if (data + 24 > data_end) return XDP_DROP;`", "fails: packet hex 0000000000000000000000000800\n",
                "program 'without_null_test' (section xdp): accepted", "test the pointer that bpf_map_lookup_elem returned for NULL first",
                "program 'without_index_bound' (section xdp): accepted", "to at most 24 bytes",
                "program 'outside_value' (section xdp): rejected", "rejected: ./verify/unchecked.c:65 ",
                "reads 8 bytes at offset 32 of a map value of 32 bytes")) {
            assertTrue(result.output().contains(said), () -> said + " is missing in:\n" + result.output());
        }
    }

    @ParameterizedTest
    @CsvSource({"without_bounds, graduated, 0", "without_bounds, strict, 1", "without_bounds, off, 0", "outside_value, graduated, 1",
            "outside_value, off, 0"})
    void exitCodeIsTheVerdict(String program, String mode, int code) {
        Command.Result result = verify("--program", program, "--json", "--ebpf.Verify=" + mode, UNCHECKED);
        assertEquals(code, result.exitCode(), result.errors());
        JsonElement only = JsonParser.parseString(result.output()).getAsJsonObject().getAsJsonArray("programs").get(0);
        assertEquals(program, only.getAsJsonObject().get("program").getAsString());
        assertEquals(code == 0 ? "accepted" : "rejected", only.getAsJsonObject().get("verdict").getAsString());
    }

    /** The load error of a run says the same words. */
    @Test
    void runsAreRefusedInTheSameWords() {
        Command.Result result = Command.ebpf("run", "--ebpf.Verify=strict", "--program", "without_bounds", UNCHECKED, "--port", "gen:eth");
        assertEquals(1, result.exitCode());
        assertEquals(1, result.errors().lines().filter(line -> line.startsWith("ebpf: ")).count(), result.errors());
        assertTrue(result.errors()
                .contains("(./verify/unchecked.c:29 `return ip->protocol == 17 ? XDP_DROP : XDP_PASS;`) is rejected: reads 1 byte at offset 23"
                + " of the packet, of which 14 bytes are known to be there; r1 is a packet pointer from ./verify/unchecked.c:23 `void *data = (void *)(long)ctx->data,"
                + " *data_end = (void *)(long)ctx->data_end;`; to do: compare the end of what is read or written with data_end first: "
                + "`if (data + 24 > data_end) return XDP_DROP;`\n"), result.errors());
    }

    @ParameterizedTest
    @CsvSource({"--program nothing, 2", "--jsn, 2", "--json --log, 2", "--program, 2", "other.o, 2"})
    void wrongUsageIsOneLine(String arguments, int code) {
        Command.Result result = Command.ebpf(Stream.concat(Stream.of("verify", UNCHECKED),
                Stream.of(arguments.split(" "))).toList());
        assertEquals(code, result.exitCode(), result.errors());
        assertEquals(1, result.errors().lines().count(), result.errors());
    }

    @Test
    void missingFiles() {
        assertEquals(74, verify("no/such.o").exitCode());
        assertEquals(2, verify().exitCode());
        assertEquals(1, verify("README.md").exitCode());
        assertFalse(verify("README.md").errors().contains("Exception"));
    }
}
