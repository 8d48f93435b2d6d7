# What a lookup gave is used without a test.
.map counters hash 4 8 16
# code: 0
# says: accepted, runs with 1 check
# says: reads 8 bytes through a map value or null, which can be null
# says: r0 is a map value of map 'counters' or null
# says: `call bpf_map_lookup_elem`
# says: to do: test the pointer that bpf_map_lookup_elem returned for NULL first: `if (!p) return XDP_PASS;`
# says: fails: packet hex 00 cut to 0
main: *(u32 *)(r10 - 4) = 1
    r2 = r10
    r2 += -4
    r1 = counters ll
    call bpf_map_lookup_elem
    r0 = *(u64 *)(r0 + 0)
    exit
