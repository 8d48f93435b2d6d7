# A byte of the packet is an index into a value of 16 bytes.
.map table array 4 16 1
# code: 0
# says: accepted, runs with 1 check
# says: reads 1 byte at offset 0 to 255 of a value of map 'table', which has 16 bytes
# says: to do: bound the index into the value of map 'table', with `& 15` or a comparison, to at most 15 bytes
# says: fails: packet hex
main: r6 = *(u32 *)(r1 + 0)
    r3 = *(u32 *)(r1 + 4)
    r4 = r6
    r4 += 1
    if r4 > r3 goto out
    r6 = *(u8 *)(r6 + 0)
    *(u32 *)(r10 - 4) = 0
    r2 = r10
    r2 += -4
    r1 = table ll
    call bpf_map_lookup_elem
    if r0 == 0 goto out
    r0 += r6
    r0 = *(u8 *)(r0 + 0)
    exit
out: r0 = 2
    exit
