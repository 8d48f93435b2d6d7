package org.trufflebpf.language.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.language.isa.RawInstruction;

/**
 * Relocations against the types of another kernel: core.c against core_target.btf, both from core_types.h. The expectations are what libbpf 1.1 makes
 * of the same files.
 */
class CoreRelocationTest {
    private static final ObjectSpec RELOCATED = TestObjects.load(TestObjects.bytes("core.o"),
            new LoadOptions(TestObjects.btf("core_target.btf"), Map.of(), Set.of()));
    private static final ObjectSpec WITHOUT_TYPES = TestObjects.load("core.o");

    private static final String POISON = "850000001023ad0b";

    private static byte[] code(ObjectSpec object, String program) {
        return object.program(program).orElseThrow().code();
    }

    private static long constant(byte[] code) {
        RawInstruction first = RawInstruction.at(code, 0);
        return first.opcode() == RawInstruction.DOUBLE_CONSTANT
                ? (long) RawInstruction.at(code, 1).immediate() << 32 | Integer.toUnsignedLong(first.immediate()) : first.immediate();
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            offset_moved, 12
            offset_inside, 48
            offset_list, 38
            offset_point, 62
            offset_tail, 84
            offset_second, 92
            offset_flavour, 8
            offset_bits, 32
            size_grown, 4
            size_list, 9
            size_bits, 8
            exists_moved, 1
            exists_gone, 0
            exists_unknown, 0
            signed_grown, 1
            signed_moved, 0
            lshift_level, 48
            rshift_level, 57
            lshift_depth, 58
            rshift_depth, 61
            lshift_grown, 32
            rshift_grown, 32
            type_target, 20
            type_target_unknown, 0
            type_exists, 1
            type_exists_number, 1
            type_exists_unknown, 0
            type_size, 16
            type_matches, 1
            type_matches_wrong, 0
            type_matches_union, 1
            type_matches_enum, 0
            enumerator_exists, 1
            enumerator_exists_gone, 0
            enumerator_value, 20
            enumerator_negative, -5
            enumerator_wide, 137438953472
            """)
    void constantsAreTheTargets(String program, long expected) {
        assertEquals(expected, constant(code(RELOCATED, program)));
    }

    @Test
    void localTypeIdsAreTheObjects() {
        long id = constant(code(RELOCATED, "type_local"));
        assertEquals("shape", RELOCATED.btf().type((int) id).name());
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            load_moved, 61100c0000000000
            load_grown, 6110100000000000
            load_shrunk, 7110140000000000
            load_element, 7110250000000000
            store_register, 63210c0000000000
            """)
    void accessesChangeOffsetAndSize(String program, String first) {
        assertEquals(first, HexFormat.of().formatHex(Arrays.copyOf(code(RELOCATED, program), 8)));
    }

    /** A signed field of another size would not be extended right; a missing one or a missing enumerator has no value at all. */
    @ParameterizedTest
    @ValueSource(strings = {"load_signed", "offset_gone", "enumerator_gone"})
    void whatCannotBeResolvedMustNotBeReached(String program) {
        assertTrue(HexFormat.of().formatHex(code(RELOCATED, program)).startsWith(POISON));
    }

    @Test
    void deadCodeMayAskForMissingFields() {
        ProgramSpec program = RELOCATED.program("load_gone_if_there").orElseThrow();
        assertEquals(0, RawInstruction.at(program.code(), 0).immediate());
        assertTrue(HexFormat.of().formatHex(program.code()).contains(POISON));
    }

    @ParameterizedTest
    @CsvSource({"exists_moved, 0", "type_exists, 0", "type_size, 0", "type_target, 0", "enumerator_exists, 0", "type_exists_number, 0"})
    void aTargetWithoutTheTypesHasNothing(String program, long expected) {
        assertEquals(expected, constant(code(WITHOUT_TYPES, program)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"offset_moved", "size_grown", "signed_moved", "lshift_level", "load_moved", "store_register"})
    void aTargetWithoutTheTypesPoisons(String program) {
        assertTrue(HexFormat.of().formatHex(code(WITHOUT_TYPES, program)).contains(POISON));
    }

    /** shape and shape___wrong of the object itself both are candidates for shape, and have different ids. */
    @Test
    void candidatesThatDisagreeAreAnError() {
        LoadOptions own = new LoadOptions(RELOCATED.btf(), Map.of(), Set.of());
        String message = assertThrows(MalformedObjectException.class, () -> ObjectLoader.load(TestObjects.bytes("core.o"), own)).getMessage();
        assertTrue(message.endsWith("several types of the target are called shape, and they disagree"), message);
    }
}
