package org.trufflebpf.tests.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.graalvm.polyglot.PolyglotException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs that steer runs: what they see, when they run, and what becomes of their mistakes. */
@Timeout(120)
class ControlProgramTest {
    @TempDir
    private Path folder;

    private String run(String javaScript, String... arguments) throws Exception {
        try (SteeredRun run = SteeredRun.of(folder, javaScript, arguments)) {
            return run.awaitEnd();
        }
    }

    private String failure(String javaScript, String... arguments) throws Exception {
        try (SteeredRun run = SteeredRun.of(folder, javaScript, arguments)) {
            return assertThrows(PolyglotException.class, run::awaitEnd).getMessage();
        }
    }

    @Test
    void isEvaluatedBeforeTheFirstPacketAndEndsAfterTheLast() throws Exception {
        String printed = run("""
                const sizes = ebpf.maps.packet_size;
                console.log(`${ebpf.program} ${[...ebpf.programs]} ${[...ebpf.arguments]} ${ebpf.statistics().received.packets} ${sizes.size}`);
                sizes.set(60, 1000000);
                ebpf.atEnd(() => console.log(`end ${ebpf.statistics().received.packets} ${sizes.get(60)}`));
                """, "--count", "500", "--", "one", "two words");
        assertEquals("""
                xdp_maps xdp_maps one,two words 0 0
                end 500 1000500
                """, printed);
    }

    @Test
    void timersRunWhilePacketsGoOn() throws Exception {
        String printed = run("""
                let last = 0n, rising = 0;
                const timer = () => {
                    const now = BigInt(ebpf.maps.packet_size.get(60) ?? 0);
                    rising += now > last ? 1 : 0;
                    last = now;
                    if (rising == 3) { console.log('three times'); ebpf.stop(); }
                };
                ebpf.every(20, timer);
                ebpf.after(1, () => console.log('once'));
                """);
        assertEquals("once\nthree times\n", printed);
    }

    @Test
    void filesAreReadAndWritten() throws Exception {
        Path rules = folder.resolve("rules.txt");
        Path report = folder.resolve("report.txt");
        Files.writeString(rules, "60\n61\n");
        run("""
                const [rules, report] = ebpf.arguments;
                for (const line of ebpf.read(rules).split('\\n').filter(l => l)) ebpf.maps.packet_size.set(Number(line), 7);
                ebpf.atEnd(() => ebpf.write(report, [...ebpf.maps.packet_size.keys()].sort().join()));
                """, "--count", "10", "--", rules.toString(), report.toString());
        assertEquals("60,61", Files.readString(report));
    }

    @Test
    void modulesAreImported() throws Exception {
        Files.writeString(folder.resolve("tool.mjs"), "export const twice = n => 2 * n;\n");
        Path control = folder.resolve("main.mjs");
        Files.writeString(control, "import {twice} from './tool.mjs';\nconsole.log(twice(21));\n");
        try (SteeredRun run = new SteeredRun(List.of("--port", SteeredRun.PACKETS, "--count", "1", "--control", control.toString()))) {
            assertEquals("42\n", run.awaitEnd());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            throw new Error('no rules')                         | control.js:1: Error: no rules
            let x = ;                                           | control.js:1: SyntaxError: control.js:1:8 Expected an operand but found ;
            ebpf.maps.packet_size.set('x', 1)                   | control.js:1: map packet_size: key: takes a whole number from 0 to 4294967295, not 'x' (EINVAL)
            ebpf.every('soon', () => 0)                         | control.js:1: TypeError
            ebpf.on(ebpf.maps.packet_size, () => 0)             | control.js:1: TypeError
            """)
    void mistakesAtTheStartEndTheRun(String javaScript, String message) throws Exception {
        String failure = failure(javaScript, "--count", "1");
        assertTrue(failure.startsWith(message), failure);
    }

    @Test
    void mistakesOfCallbacksAreReportedAndTheRunGoesOn() throws Exception {
        try (SteeredRun run = SteeredRun.of(folder, """
                let n = 0;
                ebpf.every(10, () => { if (++n == 3) ebpf.stop(); if (n == 1) throw new RangeError('too much'); });
                ebpf.atEnd(() => console.log('turns ' + n));
                """)) {
            assertEquals("the control program failed, see above", assertThrows(PolyglotException.class, run::awaitEnd).getMessage());
            assertTrue(run.printed().startsWith("ebpf: control.js:2: RangeError: too much\nturns "), run.printed());
        }
    }

    @Test
    void oneThatNeverEndsIsGivenUp() throws Exception {
        String failure = failure("ebpf.atEnd(() => { while (true); })", "--count", "1");
        assertTrue(failure.contains("did not end within"), failure);
    }

    @Test
    void closingTheContextEndsOneThatRunsForEver() throws Exception {
        SteeredRun run = SteeredRun.of(folder, "console.log('here'); while (true);");
        while (!run.printed().contains("here")) {
            Thread.sleep(20);
        }
        run.close();
        assertThrows(PolyglotException.class, run::awaitEnd);
    }

    @Test
    void unknownFilesAndLanguages() throws Exception {
        try (SteeredRun run = new SteeredRun(List.of("--port", SteeredRun.PACKETS, "--control", folder.resolve("none.js").toString()))) {
            assertTrue(assertThrows(PolyglotException.class, run::awaitEnd).getMessage().contains("cannot be read"));
        }
        Path cobol = folder.resolve("control.cob");
        Files.writeString(cobol, "DISPLAY 'HELLO'.");
        try (SteeredRun run = new SteeredRun(List.of("--port", SteeredRun.PACKETS, "--control", cobol.toString()))) {
            String message = assertThrows(PolyglotException.class, run::awaitEnd).getMessage();
            assertTrue(message.contains("no installed language"), message);
            assertFalse(message.contains("\n"), message);
        }
    }

    @Test
    void capturesAppearAtTheEnd() throws Exception {
        Path capture = folder.resolve("out.pcap");
        run("""
                const capture = ebpf.capture(ebpf.arguments[0]);
                capture.write(1500000000n * 1000000000n, new Uint8Array(60).fill(1).buffer, 1500);
                capture.write(0, [1, 2, 255, 0]);
                """, "--count", "1", "--", capture.toString());
        byte[] bytes = Files.readAllBytes(capture);
        assertEquals(24 + 16 + 60 + 16 + 4, bytes.length);
        assertEquals((byte) 255, bytes[bytes.length - 2]);
        assertEquals(1500, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(24 + 12));
    }
}
