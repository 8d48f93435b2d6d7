package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A user without rights and without a home, as services have: all but live ports works, and programs are compiled. */
class NobodyTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            run xdp_progs/xdp_drop/xdp_drop.o --port pcap:xdp_progs/samples/mixed.pcap       | received      362
            test xdp_progs/xdp_drop/xdp_drop.ptest --compile                                 | passed
            replay xdp_progs/xdp_drop/xdp_drop.o --capture xdp_progs/samples/mixed.pcap --frame 1 | verdict
            """)
    void worksWithoutAnyMessage(String command, String said) {
        assumeTrue(Nobody.isWithoutRoot(), "the project lies where nobody cannot read it");
        Command.Result result = Nobody.ebpf(List.of(command.split(" ")));
        assertEquals("", result.errors());
        assertEquals(0, result.exitCode());
        assertTrue(result.output().contains(said), result.output());
    }

    @Test
    void livePortsAreRefusedInALine() {
        assumeTrue(Nobody.isWithoutRoot(), "the project lies where nobody cannot read it");
        Command.Result result = Nobody.ebpf(List.of("run", Project.DROP.toString(), "--port", "xsk:lo", "--share-processors"));
        assertEquals(1, result.exitCode(), result.toString());
        assertTrue(result.errors().matches("ebpf: xsk:lo.*: no permission for .*: run as root or with the capabilities .*\\n"), result.errors());
    }
}
