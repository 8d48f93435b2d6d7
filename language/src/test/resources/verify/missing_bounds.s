# A byte is read without a comparison with the packet's end.
# code: 0
# says: program 'main' (section xdp): accepted, runs with 1 check; proved: 2 of 3 memory accesses
# says: checked: missing_bounds.s:12 `r0 = *(u8 *)(r2 + 13)`, instruction 2 `r0 = *(u8 *)(r2 + 0xd)`
# says: reads 1 byte at offset 13 of the packet, of which 0 bytes are known to be there
# says: r2 is a packet pointer
# says: from missing_bounds.s:10 `main: r2 = *(u32 *)(r1 + 0)`, instruction 0 `r2 = *(u32 *)(r1 + 0x0)`
# says: to do: compare the end of what is read or written with data_end first: `if (data + 14 > data_end) return XDP_DROP;`
# says: fails: packet hex 00 cut to 0
main: r2 = *(u32 *)(r1 + 0)
    r3 = *(u32 *)(r1 + 4)
    r0 = *(u8 *)(r2 + 13)
    exit
