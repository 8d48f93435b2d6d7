package org.trufflebpf.language.object;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.trufflebpf.language.isa.Code;
import org.trufflebpf.language.isa.Decoder;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.MalformedCodeException;
import org.trufflebpf.language.isa.MapReference;

/** Programs of an object: which there are, how they are linked, what their instructions refer to, and their C lines. */
class ProgramsTest {
    private static final String[] LOADABLE = TestObjects.LOADABLE;

    private static Code decode(ProgramSpec program) {
        try {
            return Decoder.decode(program.code(), program.references(), program.kfuncs());
        } catch (MalformedCodeException e) {
            throw new AssertionError(program.name() + ", slot " + e.slot(), e);
        }
    }

    @ParameterizedTest
    @FieldSource("LOADABLE")
    void everyProgramDecodes(String object) {
        for (ProgramSpec program : TestObjects.load(object).programs()) {
            assertEquals(program.code().length / 8, decode(program).slots().size());
            assertEquals(0, program.functions().get(0).slot());
            assertEquals(program.name(), program.functions().get(0).name());
        }
    }

    @ParameterizedTest
    @CsvSource({"first, xdp, first twice add", "calls_across, xdp, calls_across elsewhere twice add", "with_callback, xdp/entry, with_callback count",
        "with_maps, 2/16, with_maps"})
    void functionsThatAProgramCallsAreAppendedOnce(String name, String section, String functions) {
        ProgramSpec program = TestObjects.load("programs.o").program(name).orElseThrow();
        assertEquals(section, program.section());
        assertEquals(functions, String.join(" ", program.functions().stream().map(ProgramSpec.Function::name).toList()));
    }

    @Test
    void onlyFunctionsThatNothingCallsAndGlobalOnesOutsideOfTextArePrograms() {
        assertEquals(List.of("first", "calls_across", "with_callback", "with_maps"),
                TestObjects.load("programs.o").programs().stream().map(ProgramSpec::name).toList());
    }

    @Test
    void callsLeadToTheFunctionsTheyName() {
        ProgramSpec program = TestObjects.load("programs.o").program("calls_across").orElseThrow();
        Map<String, List<String>> calls = new TreeMap<>();
        List<Instruction> slots = decode(program).slots();
        for (int slot = 0; slot < slots.size(); slot++) {
            if (slots.get(slot) instanceof Instruction.CallLocal(int target)) {
                assertEquals(target, program.functionAt(target).slot());
                calls.merge(program.functionAt(slot).name(), List.of(program.functionAt(target).name()),
                        (a, b) -> Stream.concat(a.stream(), b.stream()).toList());
            }
        }
        assertEquals(Map.of("calls_across", List.of("elsewhere"), "elsewhere", List.of("twice"), "twice", List.of("add")), calls);
    }

    @Test
    void callbacksBecomeFunctionsOfTheProgram() {
        ProgramSpec program = TestObjects.load("programs.o").program("with_callback").orElseThrow();
        List<String> callbacks = decode(program).slots().stream().filter(Instruction.LoadFunction.class::isInstance)
                .map(load -> program.functionAt(((Instruction.LoadFunction) load).functionSlot()).name()).toList();
        assertEquals(List.of("count"), callbacks);
    }

    @Test
    void variablesAreOffsetsIntoTheirSections() {
        ProgramSpec program = TestObjects.load("programs.o").program("with_callback").orElseThrow();
        List<Instruction.LoadMapValue> loads = decode(program).slots().stream().filter(Instruction.LoadMapValue.class::isInstance)
                .map(Instruction.LoadMapValue.class::cast).toList();
        // The first is a static variable: the relocation names its section, and the instruction holds the offset.
        assertEquals(List.of(".data 8", ".bss.scratch 0", ".bss 0"), loads.stream().map(load -> load.map() + " " + load.offset()).toList());
    }

    @Test
    void mapsAreReferredToByName() {
        ProgramSpec program = TestObjects.load("programs.o").program("with_maps").orElseThrow();
        assertEquals(List.of(new MapReference("flows", false), new MapReference("plain", false)),
                new TreeMap<>(program.references()).values().stream().toList());
    }

    @Test
    void everyInstructionKnowsItsLine() {
        ObjectSpec object = TestObjects.load("programs.o");
        ProgramSpec program = object.program("calls_across").orElseThrow();
        for (int slot = 0; slot < program.code().length / 8; slot++) {
            ProgramSpec.Line line = program.lineAt(slot);
            assertEquals("./programs.c", line.file());
            assertTrue(line.line() > 40 && line.line() < 100, line.toString());
        }
        ProgramSpec.Function twice = program.functions().get(2);
        assertTrue(program.lines().stream().anyMatch(line -> line.slot() > twice.slot() && line.text().contains("return add(a, a) + enabled;")));
        assertTrue(program.lines().stream().anyMatch(line -> line.text().contains("return a * 3 + twice(a);")));
    }

    @Test
    void linesOfOneFunctionDoNotReachIntoTheNext() {
        ProgramSpec program = TestObjects.load("programs.o").program("calls_across").orElseThrow();
        for (ProgramSpec.Function function : program.functions()) {
            assertEquals(function.slot(), program.lineAt(function.slot()).slot());
        }
        assertNull(ProgramSpec.of("bare", new byte[8], Map.of()).lineAt(0));
    }

    @Test
    void kernelFunctionsAreCalledByName() {
        ProgramSpec program = TestObjects.load("kfuncs.o").programs().get(0);
        List<String> calls = decode(program).slots().stream().filter(Instruction.CallKfunc.class::isInstance)
                .map(call -> ((Instruction.CallKfunc) call).name()).toList();
        assertEquals(List.of("bpf_xdp_metadata_rx_timestamp", "bpf_not_everywhere"), calls);
    }

    @Test
    void whetherAKernelFunctionExistsIsAnOption() {
        byte[] file = TestObjects.bytes("kfuncs.o");
        LoadOptions with = new LoadOptions(null, Map.of(), Set.of("bpf_not_everywhere"));
        assertEquals(List.of(0L, 0L), constants(TestObjects.load(file, LoadOptions.defaults())));
        assertEquals(List.of(1L, 0L), constants(TestObjects.load(file, with)));
    }

    private static List<Long> constants(ObjectSpec object) {
        return decode(object.programs().get(0)).slots().stream().filter(Instruction.LoadConstant.class::isInstance)
                .map(load -> ((Instruction.LoadConstant) load).value()).toList();
    }

    @Test
    void objectsOfOldCompilersWithoutTypesOfSymbolsLoad() {
        byte[] file = TestObjects.bytes("legacy28.o");
        ByteBuffer buffer = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int headers = (int) buffer.getLong(40);
        for (int i = 0; i < buffer.getShort(60); i++) {
            int header = headers + 64 * i;
            if (buffer.getInt(header + 4) == 2) {
                int start = (int) buffer.getLong(header + 24);
                for (int at = start; at < start + buffer.getLong(header + 32); at += 24) {
                    if ((file[at + 4] & 0xf) == 2) {
                        file[at + 4] &= (byte) 0xf0;
                        buffer.putLong(at + 16, 0);
                    }
                }
            }
        }
        ObjectSpec old = TestObjects.load(file, LoadOptions.defaults());
        ProgramSpec expected = TestObjects.load("legacy28.o").programs().get(0);
        assertEquals(List.of("program"), old.programs().stream().map(ProgramSpec::name).toList());
        assertArrayEquals(expected.code(), old.programs().get(0).code());
    }

    @Test
    void theSameFileGivesTheSameResult() {
        ProgramSpec one = TestObjects.load("core.o").programs().get(3);
        ProgramSpec other = TestObjects.load("core.o").programs().get(3);
        assertArrayEquals(one.code(), other.code());
        assertEquals(one.lines(), other.lines());
    }

    @Test
    void licenseIsTheSectionsText() {
        assertEquals("Dual MIT/GPL", TestObjects.load("programs.o").license());
        assertEquals("", TestObjects.load("values.o").license());
    }
}
