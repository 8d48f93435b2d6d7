package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.trufflebpf.io.linux.Bpf;
import org.trufflebpf.io.linux.BpfException;
import org.trufflebpf.io.linux.KernelProgram;
import org.trufflebpf.io.linux.KernelVersion;
import org.trufflebpf.language.verifier.HelperNames;
import org.trufflebpf.language.verifier.MissingHelpers;

/** docs/supported.md says what the code says, and the code says what the kernel offers. */
class SupportedTest {
    private static final Path PAGE = Project.ROOT.resolve("docs").resolve("supported.md");
    private static final String WRITE = "supported.write";
    private static final String COMMAND = "mvn -q -B -pl tck-tests -am test -Dtest=SupportedTest -Dsurefire.failIfNoSpecifiedTests=false"
            + " -D" + WRITE + "=true";

    @Test
    void pageIsUpToDate() throws IOException {
        String page = SupportedPage.text(COMMAND);
        if (Boolean.getBoolean(WRITE)) {
            Files.writeString(PAGE, page);
        }
        assertEquals(page, Files.exists(PAGE) ? Files.readString(PAGE) : "", PAGE + " is out of date; write it again with: " + COMMAND);
    }

    /** A program of the one call is refused for its arguments, unless the helper is not for XDP. */
    @Test
    void helpersAreThoseThatTheKernelOffers() {
        if (!Bpf.available()) {
            System.out.println("skipped: " + Bpf.reason());
        }
        assumeTrue(Bpf.available(), Bpf.reason());
        KernelVersion version = KernelVersion.current();
        assumeTrue(version.isAtLeast(6, 18) && !version.isAtLeast(6, 19), "the list is that of Linux 6.18");
        Set<Integer> offered = new TreeSet<>();
        for (int helper = 1; HelperNames.of(helper).isPresent(); helper++) {
            byte[] code = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).put(0, (byte) 0x85).putInt(4, helper).put(8, (byte) 0x95).array();
            try (KernelProgram program = KernelProgram.load(code, "GPL", "probe")) {
                offered.add(helper);
            } catch (BpfException e) {
                if (!e.log().contains("cannot use helper") && !e.log().contains("unknown func")) {
                    offered.add(helper);
                }
            }
        }
        assertEquals(offered, new TreeSet<>(MissingHelpers.offeredToXdp()));
    }

    @Test
    void missingHelperSaysWhatAndWhereAndWhatToDo() {
        // Builds first if need be, so that no line says so below.
        Command.ebpf("--version");
        String object = Project.TEST_PROGRAMS.resolve("helpers").resolve("missing.o").toString();
        Command.Result result = Command.ebpf("run", object, "--port", "pcap:" + Project.SAMPLE_CAPTURE);
        assertEquals(1, result.exitCode(), result.errors());
        assertTrue(result.errors().matches("ebpf: program 'calls', instruction \\d+ \\(\\S*missing\\.c:10 `bpf_get_current_comm.*`\\) is rejected: "
                + "calls bpf_get_current_comm \\(#16\\), which is not supported: no process belongs to a packet here; leave the call out: .*\n"),
                result.errors());
    }
}
