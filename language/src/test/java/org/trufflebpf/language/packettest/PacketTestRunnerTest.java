package org.trufflebpf.language.packettest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runner, report and command, over an engine of a few lines that counts packets and swaps MAC addresses. */
class PacketTestRunnerTest {
    @TempDir
    private Path folder;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void object() throws IOException {
        Files.createFile(folder.resolve("swap.o"));
    }

    private String write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.writeString(file, text);
        return file.toString();
    }

    private int run(String... arguments) {
        return TestCommand.run(List.of(arguments), TestFiles.ofProcess(), new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8), SwappingEngine::new);
    }

    private String output() {
        return out.toString(StandardCharsets.UTF_8).replace(folder + "/", "");
    }

    private String errors() {
        return err.toString(StandardCharsets.UTF_8).replace(folder + "/", "");
    }

    private String runTest(String steps) throws IOException {
        run(write("t.ptest", "object swap.o\ntest \"t\"\n" + steps + "\n"));
        return output().lines().findFirst().orElse("");
    }

    @Test
    void allIsWell() throws IOException {
        String file = write("good.ptest", """
                object swap.o
                test "swaps"
                    packet eth
                    expect TX eth src=02:00:00:00:00:02 dst=02:00:00:00:00:01
                    expect map count[0] = 1
                    packet eth / ipv4 / tcp
                    expect TX eth src=02:00:00:00:00:02 dst=any
                    expect map count[0] = 2
                test "starts anew, with metadata"
                    packet hex 0000 meta hex 01020304
                    expect PASS unchanged meta hex 01020304
                    expect map count[0] = 1
                    expect map count[1] absent
                    expect map count entries = 1
                    expect map count record = {u32 1, any 4}
                    expect map count record absent
                    expect map count[0] = {any 8}
                    map count[0] = 7
                    expect map count[0] = 7
                    map count[0] = 7 on every CPU
                    expect map count[0] = 14
                """);
        assertEquals(TestCommand.PASSED, run(file));
        assertEquals("good.ptest: 2 passed, 0 failed\n2 passed, 0 failed\n", output());
        assertEquals("", errors());
    }

    @Test
    void fieldsWithSeveralValuesGiveAPacketForEachCombination() throws IOException {
        assertEquals("t.ptest: 1 passed, 0 failed", runTest("""
                packet eth / ipv4 src=10.0.0.0/30 ttl=1|7 / udp sport=1-3 / payload 0-1 bytes
                expect TX eth src=02:00:00:00:00:02 dst=02:00:00:00:00:01
                expect map count[0] = 48"""));
    }

    @Test
    void theFirstOfSeveralPacketsThatIsWrongIsNamed() throws IOException {
        assertEquals("FAILED t.ptest:4:1: \"t\": packet 2 of 4: the packet differs", runTest("""
                packet eth src=02:00:00:00:00:00-02:00:00:00:00:03 dst=02:00:00:00:00:01
                expect TX packet eth src=02:00:00:00:00:01 dst=02:00:00:00:00:00"""));
    }

    @Test
    void aFailureShowsThePacketSideBySide() throws IOException {
        assertEquals(TestCommand.FAILED, run(write("bad.ptest", """
                object swap.o
                test "one thing"
                    packet eth / vlan / payload 20 bytes
                    expect TX vlan vid=2 ; payload hex ff
                test "another"
                    packet eth type=0x0800
                    expect DROP
                """)));
        assertEquals("""
                FAILED bad.ptest:4:5: "one thing": the packet differs
                                before                            wanted                            got
                    length      38 bytes                          38 bytes                          38 bytes
                    eth dst     02:00:00:00:00:02                 02:00:00:00:00:02                 02:00:00:00:00:01 <--
                    eth src     02:00:00:00:00:01                 02:00:00:00:00:01                 02:00:00:00:00:02 <--
                    eth type    0x8100                            0x8100                            0x8100
                    vlan pcp    0                                 0                                 0
                    vlan dei    0                                 0                                 0
                    vlan vid    1                                 2                                 1 <--
                    vlan type   0x88b5                            0x88b5                            0x88b5
                    payload +0  000102030405060708090a0b0c0d0e0f  ff0102030405060708090a0b0c0d0e0f  000102030405060708090a0b0c0d0e0f <--
                    (1 row alike)
                FAILED bad.ptest:7:5: "another": wanted DROP, got TX
                              before             got
                    length    14 bytes           14 bytes
                    eth dst   02:00:00:00:00:02  02:00:00:00:00:01
                    eth src   02:00:00:00:00:01  02:00:00:00:00:02
                    eth type  0x0800             0x0800
                bad.ptest: 0 passed, 2 failed
                0 passed, 2 failed
                """, output());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            packet eth\\nexpect TX meta hex 01020304           | FAILED t.ptest:4:1: "t": wanted metadata hex 01020304, got none
            packet eth\\nexpect TX packet eth pad to 15        | FAILED t.ptest:4:1: "t": the packet differs
            packet hex 0102\\nexpect TX                        | FAILED t.ptest:4:1: "t": wanted TX, got PASS
            packet hex 01\\nexpect DROP                        | FAILED t.ptest:4:1: "t": wanted DROP, got ABORTED (the program returned 77)
            packet hex 010203\\nexpect DROP                    | FAILED t.ptest:4:1: "t": wanted DROP, got ABORTED (stopped on purpose)
            expect map count[0] = 1                            | FAILED t.ptest:3:1: "t": map count[0]: wanted 1, got 0 over all CPUs
            expect map count[7] = 1                            | FAILED t.ptest:3:1: "t": map count[7]: wanted 1, got no entry
            expect map count[0] absent                         | FAILED t.ptest:3:1: "t": map count[0]: wanted absent, got hex 0000000000000000
            expect map count entries = 3                       | FAILED t.ptest:3:1: "t": map count: wanted 3 entries, got 1
            map count[0] delete                                | FAILED t.ptest:3:1: "t": map count has no such entry to delete
            map nothing[0] = 1                                 | FAILED t.ptest:3:1: "t": the object has no map nothing
            map count[hex 00] = 1                              | FAILED t.ptest:3:11: "t": the map's keys have 4 bytes, this has 1
            packet frame 1 of nothing.pcap                     | FAILED t.ptest:3:1: "t": nothing.pcap: no such file
            packet frame 1 of swap.o                           | FAILED t.ptest:3:1: "t": swap.o: at byte 0: the file is empty
            packet payload 5000 bytes                          | SKIPPED t.ptest:3:1: "t": too long for this engine
            program other                                      | t.ptest: 1 passed, 0 failed
            """)
    void whatIsWrongInOneLine(String steps, String line) throws IOException {
        assertEquals(line, runTest(steps.replace("\\n", "\n")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ''                   | 2  | ebpf test: no test file given; usage: ebpf test FILE... [--junit FILE] [--compile]
            --quick              | 2  | ebpf test: unknown option --quick; usage: ebpf test FILE... [--junit FILE] [--compile]
            a.ptest --junit      | 2  | ebpf test: --junit needs a file; usage: ebpf test FILE... [--junit FILE] [--compile]
            /nothing.ptest       | 74 | ebpf test: /nothing.ptest: no such file
            """)
    void usageAndMissingFiles(String arguments, int exitCode, String message) {
        assertEquals(exitCode, run(arguments.equals("''") ? new String[0] : arguments.split(" ")));
        assertEquals(message + "\n", errors());
    }

    @Test
    void aMistakeInAFileNamesItsPlaceAndTheOthersStillRun() throws IOException {
        String broken = write("broken.ptest", "object swap.o\ntest \"t\"\n  packet eht\n");
        String good = write("good.ptest", "object swap.o\ntest \"t\"\npacket eth\nexpect TX\n");
        assertEquals(TestCommand.FAILED, run(broken, good));
        assertTrue(errors().startsWith("ebpf test: broken.ptest:3:10: expected hex, frame,"), errors());
        assertEquals("good.ptest: 1 passed, 0 failed\n1 passed, 1 failed\n", output());
    }

    @Test
    void aMissingObjectOutweighsAFailure() throws IOException {
        String file = write("t.ptest", "object swap.o\ntest \"a\"\npacket eth\nexpect DROP\nobject gone.o\ntest \"b\"\npacket eth\n");
        assertEquals(TestCommand.UNREADABLE, run(file));
        assertTrue(output().contains("FAILED t.ptest:6:6: \"b\": gone.o: no such file\n"), output());
    }

    @Test
    void theCompiledEngineIsAskedForByOption() throws IOException {
        String file = write("t.ptest", "object swap.o\ntest \"a\"\npacket eth\n");
        String report = folder.resolve("report.xml").toString();
        assertEquals(TestCommand.PASSED, run("--compile", file, "--junit=" + report));
        assertTrue(Files.readString(Path.of(report)).contains("value=\"compiling\""));
    }

    @Test
    void theReportIsForOtherTools() throws IOException {
        String file = write("t.ptest", """
                object swap.o
                test "a < b & \\"c\\""
                packet eth
                test "b"
                packet hex 00
                expect TX
                test "too long"
                packet payload 5000 bytes
                """);
        String report = folder.resolve("report.xml").toString();
        assertEquals(TestCommand.UNREADABLE, run("--junit", report, file, folder.resolve("gone.ptest").toString()));
        assertEquals("""
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuites name="packet tests" tests="4" failures="2" errors="0" skipped="1">
                  <testsuite name="t.ptest" tests="3" failures="1" errors="0" skipped="1" time="T">
                    <properties><property name="engine" value="swapping"/></properties>
                    <testcase classname="t.ptest" name="a &lt; b &amp; &quot;c&quot;" time="T"/>
                    <testcase classname="t.ptest" name="b" time="T"><failure message="wanted TX, got ABORTED (the program returned 77)">t.ptest:6:1
                                before  got
                    length      1 byte  1 byte
                    payload +0  00      00
                </failure></testcase>
                    <testcase classname="t.ptest" name="too long" time="T"><skipped message="too long for this engine"/></testcase>
                  </testsuite>
                  <testsuite name="gone.ptest" tests="1" failures="1" errors="0" skipped="0" time="T">
                    <testcase classname="gone.ptest" name="the file" time="T"><failure message="gone.ptest: no such file"/></testcase>
                  </testsuite>
                </testsuites>
                """, Files.readString(Path.of(report)).replace(folder + "/", "").replaceAll("time=\"[0-9.]+\"", "time=\"T\""));
    }

    @Test
    void aReportThatCannotBeWrittenIsAFailure() throws IOException {
        String file = write("t.ptest", "object swap.o\ntest \"a\"\npacket eth\n");
        assertEquals(TestCommand.FAILED, run(file, "--junit", folder.resolve("gone").resolve("r.xml").toString()));
        assertTrue(errors().startsWith("ebpf test: gone/r.xml: "), errors());
        assertFalse(Files.exists(folder.resolve("gone")));
    }
}
