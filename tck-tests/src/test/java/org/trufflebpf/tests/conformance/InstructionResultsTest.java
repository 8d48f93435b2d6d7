package org.trufflebpf.tests.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.trufflebpf.io.linux.Bpf;
import org.trufflebpf.io.linux.BpfException;
import org.trufflebpf.io.linux.KernelProgram;
import org.trufflebpf.io.linux.KernelVersion;
import org.trufflebpf.language.EbpfContext;
import org.trufflebpf.language.assembly.Assembler;
import org.trufflebpf.language.assembly.AssemblyException;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.run.LoadedObject;
import org.trufflebpf.language.run.RunnableProgram;
import org.trufflebpf.language.run.SinglePackets;
import org.trufflebpf.language.run.Surroundings;
import org.trufflebpf.tests.safety.EnteredContext;

/**
 * Every instruction at the bounds of its operands, from isa.txt: on bare memory, with operands that are constants, compiled as the function of an
 * XDP program, and in the kernel, which says what is right. With -Dconformance.record the kernel's results are written into the file.
 */
class InstructionResultsTest {
    private static final String RECORD = "conformance.record";
    private static final Path FILE = Vectors.FOLDER.resolve("isa.txt");
    private static final String INDENT = "    ";
    private static final long LOOP_ITERATIONS = 1 << 20;
    /** The kernel runs on no less than an Ethernet header. */
    private static final int MIN_WORDS = 2;

    private static List<Case> cases;

    /** @param result as in the file, "" if there is none yet */
    private record Row(long[] words, String result) {
    }

    private record Case(String name, String text, List<Row> rows) {
        int words() {
            return Math.max(MIN_WORDS, rows.getFirst().words.length);
        }
    }

    private interface Runner {
        long run(Case test, Row row) throws Exception;
    }

    @BeforeAll
    static void read() throws IOException {
        cases = new ArrayList<>();
        for (String line : Files.readAllLines(FILE)) {
            if (line.startsWith(INDENT)) {
                String[] columns = line.strip().split(" ?= ?", 2);
                long[] words = Arrays.stream(columns[0].split(" ")).mapToLong(word -> Long.parseUnsignedLong(word, 16)).toArray();
                cases.getLast().rows.add(new Row(words, columns[1]));
            } else if (!line.isBlank() && !line.startsWith("#")) {
                String[] columns = line.split(": ", 2);
                cases.add(new Case(columns[0], columns[1].strip(), new ArrayList<>()));
            }
        }
        assertTrue(cases.size() > 200, cases.size() + " programs");
    }

    private static String hex(long value) {
        return "%016x".formatted(value);
    }

    private static byte[] bytes(long... words) {
        ByteBuffer buffer = ByteBuffer.allocate(words.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asLongBuffer().put(words);
        return buffer.array();
    }

    private static ObjectSpec assemble(String name, String text) {
        try {
            return Assembler.assemble(name, text.replace(" / ", "\n"));
        } catch (AssemblyException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    private static void check(Runner runner) {
        List<String> wrong = new ArrayList<>();
        for (Case test : cases) {
            for (Row row : test.rows) {
                String result;
                try {
                    result = hex(runner.run(test, row));
                } catch (Exception e) {
                    result = e.toString();
                }
                if (!result.equals(row.result)) {
                    wrong.add(test.name + " of " + Arrays.stream(row.words).mapToObj(InstructionResultsTest::hex).toList() + ": " + result + ", not "
                            + row.result);
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    @Test
    void onMemory() {
        try (EnteredContext context = new EnteredContext(LOOP_ITERATIONS)) {
            check((test, row) -> EbpfContext.machine().runOnMemory(code(test.name, test.text), bytes(row.words), false));
        }
    }

    private static byte[] code(String name, String text) {
        return assemble(name, text).programs().getFirst().code();
    }

    /** Here the verifier computes the result. */
    @Test
    void ofConstants() {
        try (EnteredContext context = new EnteredContext(LOOP_ITERATIONS)) {
            check((test, row) -> {
                String text = test.text;
                for (int i = 0; i < row.words.length && !test.name.startsWith("store"); i++) {
                    text = text.replace("= *(u64 *)(r1 + " + 8 * i + ")", "= 0x" + hex(row.words[i]) + " ll");
                }
                return EbpfContext.machine().runOnMemory(code(test.name, text), bytes(row.words), false);
            });
        }
    }

    /** The program as the function {@code body} of one that leaves the result in the packet's first eight bytes. */
    private static ObjectSpec packetProgram(Case test) {
        int size = test.words() * Long.BYTES;
        return assemble(test.name, """
                .license GPL
                main: r6 = *(u32 *)(r1 + 0)
                r2 = *(u32 *)(r1 + 4)
                r3 = r6
                r3 += %d
                if r3 > r2 goto short
                r1 = r6
                r2 = %d
                call body
                *(u64 *)(r6 + 0) = r0
                r0 = 2
                exit
                short: r0 = 1
                exit
                body: %s
                """.formatted(size, size, test.text));
    }

    private static byte[] packet(Case test, Row row) {
        return bytes(Arrays.copyOf(row.words, test.words()));
    }

    private static long result(int verdict, byte[] packet) {
        assertEquals(2, verdict);
        return ByteBuffer.wrap(packet).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    @Test
    void compiled() {
        try (EnteredContext context = new EnteredContext(LOOP_ITERATIONS); Compiled compiled = new Compiled()) {
            check((test, row) -> {
                SinglePackets.Outcome outcome = compiled.packets(test).run(packet(test, row));
                return result(outcome.result(), outcome.bytes());
            });
            assertEquals(cases.size(), compiled.count);
        }
    }

    /** The machine code of the case at hand. */
    private static final class Compiled implements AutoCloseable {
        private Case current;
        private LoadedObject loaded;
        private SinglePackets packets;
        private int count;

        SinglePackets packets(Case test) {
            if (test != current) {
                close();
                loaded = EbpfContext.machine().load(packetProgram(test), Surroundings.FIXED);
                RunnableProgram program = loaded.program("main");
                assertTrue(program.compile(), test.name);
                packets = new SinglePackets(program.newProcessor(0));
                current = test;
                count++;
            }
            return packets;
        }

        @Override
        public void close() {
            if (current != null) {
                packets.close();
                loaded.close();
            }
        }
    }

    @Test
    void inTheKernel() throws IOException, BpfException {
        boolean able = Bpf.available() && KernelVersion.current().isAtLeast(6, 15);
        String reason = Bpf.available() ? "this kernel does not have all instructions, 6.15 has" : Bpf.reason();
        if (!able) {
            System.out.println("skipped: " + reason);
        }
        assumeTrue(able, reason);
        List<String> results = new ArrayList<>();
        for (Case test : cases) {
            try (KernelProgram program = KernelProgram.load(packetProgram(test).programs().getFirst().code(), "GPL", "isa")) {
                for (Row row : test.rows) {
                    KernelProgram.Run run = program.run(packet(test, row));
                    results.add(hex(result(run.result(), run.data())));
                }
            } catch (BpfException e) {
                throw new AssertionError(test.name + ": " + e.log(), e);
            }
        }
        if (System.getProperty(RECORD) != null) {
            record(results);
            return;
        }
        assertEquals(cases.stream().flatMap(test -> test.rows.stream()).map(Row::result).toList(), results);
    }

    private static void record(List<String> results) throws IOException {
        List<String> lines = new ArrayList<>();
        int next = 0;
        for (String line : Files.readAllLines(FILE)) {
            lines.add(line.startsWith(INDENT) ? line.replaceAll(" =.*", " = " + results.get(next++)) : line);
        }
        Files.write(FILE, lines);
    }
}
