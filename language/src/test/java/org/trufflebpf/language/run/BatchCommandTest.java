package org.trufflebpf.language.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.truffle.api.exception.AbstractTruffleException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.language.nodes.StepListener;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.verifier.Safety;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.Codec;
import org.trufflebpf.maps.MapDefinition;
import org.trufflebpf.maps.MapFactory;
import org.trufflebpf.maps.MapKind;

/** The protocol, over a machine whose programs prepend a byte of metadata, count packets in their first map and return the packet's first byte. */
class BatchCommandTest {
    private static final class CountingMachine implements Machine {
        private int compilations;

        @Override
        public ObjectSpec parse(String name, byte[] file) {
            throw new AssertionError("no object files here");
        }

        @Override
        public LoadedObject load(ObjectSpec object, Surroundings surroundings) {
            List<BpfMap> maps = new ArrayList<>();
            for (MapSpec spec : object.maps()) {
                MapKind kind = List.of(MapKind.values()).stream().filter(each -> each.number() == spec.type()).findFirst().orElseThrow();
                MapDefinition definition = new MapDefinition(spec.name(), kind, spec.keySize(), spec.valueSize(), spec.maxEntries(), 0);
                maps.add(MapFactory.create(definition, maps.size() + 1, 2, Codec.bytes(spec.keySize()), Codec.bytes(spec.valueSize())));
            }
            if (object.programs().getFirst().code().length == 0) {
                throw new Rejected("no instructions");
            }
            return new Loaded(maps);
        }

        @Override
        public LoadedObject watch(ObjectSpec object, Surroundings surroundings, long maxLoops, Consumer<String> output, StepListener watcher) {
            throw new AssertionError("nobody watches here");
        }

        @Override
        public Safety safety() {
            return Safety.GRADUATED;
        }

        @Override
        public long runOnMemory(byte[] code, byte[] memory, boolean compile) {
            return -memory.length;
        }

        private final class Loaded implements LoadedObject, RunnableProgram, BurstProcessor {
            private final List<BpfMap> maps;

            Loaded(List<BpfMap> maps) {
                this.maps = maps;
            }

            @Override
            public RunnableProgram program(String name) {
                return this;
            }

            @Override
            public List<String> programNames() {
                return List.of("main");
            }

            @Override
            public int programNumber(String name) {
                return 1;
            }

            @Override
            public BpfMap newMap(MapSpec spec) {
                throw new IllegalArgumentException("no inner maps");
            }

            @Override
            public List<BpfMap> maps() {
                return maps;
            }

            @Override
            public BurstProcessor newProcessor(int cpu) {
                return this;
            }

            @Override
            public boolean compile() {
                compilations++;
                return true;
            }

            @Override
            public boolean handlesFragments() {
                return false;
            }

            @Override
            public long traps() {
                return 0;
            }

            @Override
            public void process(Burst burst) {
                long descriptor = burst.descriptor(0);
                long data = Memory.getLong(descriptor + Burst.DATA);
                Memory.putByte(data - 1, (byte) 0x77);
                Memory.putInt(descriptor + Burst.META_LENGTH, 1);
                Memory.putInt(descriptor + Burst.RESULT, Memory.getByte(data));
                byte[] key = new byte[4];
                byte[] value = maps.getFirst().get(key);
                value[0]++;
                maps.getFirst().put(key, value, 0);
            }

            @Override
            public void close() {
                maps.forEach(BpfMap::close);
            }
        }
    }

    private final CountingMachine machine = new CountingMachine();

    private String answers(boolean compile, String... lines) throws IOException {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        byte[] input = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
        new BatchCommand(machine, null, compile, Surroundings.FIXED).run(new ByteArrayInputStream(input), output);
        return output.toString(StandardCharsets.UTF_8);
    }

    private static final String RUN = """
            {"op":"run_raw","id":"r","insns":"9500000000000000","relocs":[],"packets":["fe01","0203"],"maps":{\
            "count":{"type":2,"key_size":4,"value_size":1,"max_entries":2,"init":[["00000000","05"]]},\
            "cpu":{"type":6,"key_size":4,"value_size":1,"max_entries":1,"init":[["00000000","09"]]},\
            "hash":{"type":1,"key_size":1,"value_size":1,"max_entries":3,"init":[["03","00"],["01","02"]]},\
            "stack":{"type":23,"key_size":0,"value_size":1,"max_entries":3,"init":[["","01"],["","02"]]}}}""";

    @Test
    void runsPacketsAndShowsMaps() throws IOException {
        assertEquals("""
                {"id":"r","status":"ok","runs":[[4294967294,"77fe01"],[2,"770203"]],"maps":{"count":[["00000000","07"],["01000000","00"]],\
                "cpu":[["00000000","09"]],"hash":[["01","02"],["03","00"]],"stack":[["","02"],["","01"]]}}
                """, answers(false, RUN));
        assertEquals(0, machine.compilations);
        answers(true, RUN);
        assertEquals(1, machine.compilations);
    }

    @Test
    void answersEveryLineInOrder() throws IOException {
        assertEquals("""
                {"id":1,"status":"ok","r0":"fffffffffffffffe"}
                {"id":2,"status":"accept"}
                {"id":3,"status":"reject","reason":"no instructions"}
                {"id":null,"status":"error","reason":"the line is no object"}
                {"id":null,"status":"ok","r0":"0"}
                """, answers(false, "{\"op\":\"run_mem\",\"id\":1,\"insns\":\"\",\"mem\":\"aabb\"}", "",
                "{\"op\":\"verify_raw\",\"id\":2,\"insns\":\"9500000000000000\",\"relocs\":[],\"maps\":{}}",
                "{\"op\":\"verify_raw\",\"id\":3,\"insns\":\"\",\"relocs\":[],\"maps\":{}}", "7",
                "{\"op\":\"run_mem\",\"insns\":\"\",\"mem\":\"\"}"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {"op":"fly"}                                                        | unknown op fly
            {"id":1}                                                            | no op
            {"op":["run_mem"]}                                                  | op is no text
            {"op":"run_mem","insns":"9","mem":""}                               | insns: not an even number of hexadecimal digits
            {"op":"run_raw","insns":"","relocs":[],"maps":[]}                   | maps is no object
            {"op":"run_raw","insns":"","relocs":[{"insn":"a","map":"m","kind":"fd"}],"maps":{}} | insn is no whole number
            {"op":"run_raw","insns":"","relocs":[{"insn":1,"map":"m","kind":"x"}],"maps":{}}    | relocs: kind must be fd or value
            {"op":"verify_raw","insns":"","relocs":[],"maps":{"m":{"type":2,"key_size":4,"value_size":1,"max_entries":0}}} | map m
            """)
    void saysWhatIsWrongWithARequest(String line, String reason) throws IOException {
        String answer = answers(false, line);
        assertTrue(answer.contains("\"status\":\"error\",\"reason\":\"" + reason), answer);
    }

    @Test
    void refusesPacketsThatFitNoFrame() throws IOException {
        String longest = "00".repeat(Burst.LONGEST_PACKET);
        assertTrue(answers(false, RUN.replace("fe01", longest)).contains("\"status\":\"ok\""));
        assertTrue(answers(false, RUN.replace("fe01", longest + "00")).contains("more than the 3520 of a frame"));
    }

    @Test
    void pluginReadsItsProgramAndMemory() throws IOException {
        ConformancePlugin plugin = new ConformancePlugin(machine);
        ByteArrayInputStream program = new ByteArrayInputStream("95 00 00 00 00 00 00 00\n".getBytes(StandardCharsets.US_ASCII));
        assertEquals("fffffffffffffffd" + System.lineSeparator(), plugin.run(List.of("01 02 03", "--debug"), program));
        assertEquals("0" + System.lineSeparator(), plugin.run(List.of("--program", "95 00"), InputStreamThatFails.INSTANCE));
        CommandException e = assertThrows(CommandException.class, () -> plugin.run(List.of("--jit"), InputStreamThatFails.INSTANCE));
        assertEquals(1, e.exitStatus());
        assertEquals("unknown argument --jit", e.getMessage());
    }

    /** Must not be read. */
    private static final class InputStreamThatFails extends InputStream {
        private static final InputStreamThatFails INSTANCE = new InputStreamThatFails();

        @Override
        public int read() {
            throw new AssertionError("standard input was read");
        }
    }

    /** What an engine throws for a program that it rejects. */
    @SuppressWarnings("serial")
    private static final class Rejected extends AbstractTruffleException {
        Rejected(String message) {
            super(message);
        }
    }
}
