package org.trufflebpf.language.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ObjectInfoTest {

    @Test
    void programsMapsAndVariables() {
        assertEquals("""
                license Dual MIT/GPL

                program first: section xdp, 22 instructions
                    functions first (7), twice (8), add (7)
                    maps .data, .rodata

                program calls_across: section xdp, 31 instructions
                    functions calls_across (11), elsewhere (5), twice (8), add (7)
                    maps .data, .rodata, .rodata.config

                program with_callback: section xdp/entry, 26 instructions
                    functions with_callback (18), count (8)
                    helpers loop (181)
                    maps .bss, .bss.scratch, .data

                program with_maps: section 2/16, 25 instructions
                    helpers map_lookup_elem (1)
                    maps flows, plain

                map flows: lru_hash, key 12 bytes, value 24 bytes, 1024 entries, no_common_lru, pinned by name
                    key   struct flow {
                              __u32 source;
                              __u32 destination;
                              __u16 ports[2];
                          }
                    value struct counters {
                              __u64 packets;
                              __u64 bytes;
                              struct flow *last;
                          }

                map plain: array, key 4 bytes, value 16 bytes, 1 entry

                map seen: bloom_filter, value 4 bytes, 100 entries, extra 3

                data .rodata: 4 bytes, rdonly_prog
                    const volatile __u32 limit = 1500

                data .rodata.config: 4 bytes, rdonly_prog
                    const volatile __u8 table[4]

                data .data: 16 bytes
                    __u32 enabled = 1
                    volatile __u64 second = 1234605616436508552

                data .bss.scratch: 64 bytes
                    __u32 scratch[16]

                data .bss: 8 bytes
                    __u64 packets
                """, ObjectInfo.describe(TestObjects.load("programs.o")));
    }

    @Test
    void innerMapsAndSlots() {
        assertTrue(ObjectInfo.describe(TestObjects.load("values.o")).contains("""
                map outer: array_of_maps, key 4 bytes, value 4 bytes, 4 entries
                    key   __u32
                    inner hash, key 4 bytes, value 8 bytes, 8 entries
                    inner key   __u32
                    inner value __u64
                    slot 0 inner_b
                    slot 2 inner_a
                """));
    }

    @Test
    void whatTheTargetLacks() {
        assertTrue(ObjectInfo.describe(TestObjects.load("core.o")).contains("""
                program load_moved: section access, 2 instructions
                    note some instructions need types that the target does not have
                """));
    }
}
