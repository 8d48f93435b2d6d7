# What is wrong whatever the packet is rejected.
.map counters array 4 8 1
# code: 1
# says: program 'main' (section xdp): rejected
# says: rejected: outside_value.s
# says: reads 8 bytes at offset 8 of a map value of 8 bytes
# says: r0 is a map value of map 'counters'
# says: to do: read or write inside the 8 bytes that a value of map 'counters' has, or make them more
# says: fails: packet hex 00 cut to 0
main: *(u32 *)(r10 - 4) = 0
    r2 = r10
    r2 += -4
    r1 = counters ll
    call bpf_map_lookup_elem
    if r0 == 0 goto out
    r0 = *(u64 *)(r0 + 8)
out: r0 = 2
    exit
