package org.trufflebpf.language.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.trufflebpf.language.cfg.CallbackHelper;
import org.trufflebpf.language.verifier.HelperPrototype.Argument;

class HelperPrototypeTest {

    /** Some numbers of enum bpf_func_id, spread over the whole. */
    @ParameterizedTest
    @CsvSource({"1, bpf_map_lookup_elem", "12, bpf_tail_call", "28, bpf_csum_diff", "51, bpf_redirect_map", "69, bpf_fib_lookup",
        "87, bpf_map_push_elem", "110, bpf_tcp_gen_syncookie", "131, bpf_ringbuf_reserve", "164, bpf_for_each_map_elem", "181, bpf_loop",
                "189, bpf_xdp_load_bytes",
        "209, bpf_user_ringbuf_drain", "211, bpf_cgrp_storage_delete"})
    void numbersAndNamesAreTheKernels(int number, String name) {
        assertEquals(Optional.of(name), HelperNames.of(number));
        assertEquals(OptionalInt.of(number), HelperNames.number(name));
    }

    @ParameterizedTest
    @EnumSource
    void constantsHaveTheNamesOfTheirNumbers(HelperPrototype helper) {
        if (!CallbackHelper.isStep(helper.number())) {
            assertEquals("bpf_" + helper.name().toLowerCase(Locale.ROOT), helper.helperName());
        }
        assertEquals(Optional.of(helper), HelperPrototype.of(helper.number()));
    }

    @ParameterizedTest
    @EnumSource
    void sizesFollowMemory(HelperPrototype helper) {
        List<Argument> arguments = helper.arguments();
        assertTrue(arguments.size() <= 5);
        for (int i = 0; i < arguments.size(); i++) {
            boolean memory = switch (arguments.get(i)) {
                case MEMORY_IN, MEMORY_OUT, VALUE_MEMORY -> true;
                default -> false;
            };
            boolean sizeFollows = i + 1 < arguments.size()
                    && (arguments.get(i + 1) == Argument.SIZE || arguments.get(i + 1) == Argument.SIZE_OR_ZERO);
            assertEquals(memory, sizeFollows);
        }
    }

    @Test
    void thereAreNoOthers() {
        for (int number : new int[] {Integer.MIN_VALUE, -1, 0, 212, Integer.MAX_VALUE}) {
            assertEquals(Optional.empty(), HelperNames.of(number));
            assertEquals(Optional.empty(), HelperPrototype.of(number));
        }
        assertEquals(OptionalInt.empty(), HelperNames.number("bpf_unspec"));
        assertEquals(OptionalInt.empty(), HelperNames.number("map_lookup_elem"));
    }
}
