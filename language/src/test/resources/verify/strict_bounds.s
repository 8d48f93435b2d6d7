# In strict mode what is not proved is rejected.
# strict
# code: 1
# says: program 'main' (section xdp): rejected; proved: 1 of 3 memory accesses
# says: rejected: strict_bounds.s
# says: reads 1 byte at offset 0 of the packet, of which 0 bytes are known to be there
# says: rejected: strict_bounds.s
# says: reads 1 byte at offset 1 of the packet, of which 0 bytes are known to be there
main: r2 = *(u32 *)(r1 + 0)
    r0 = *(u8 *)(r2 + 0)
    r3 = *(u8 *)(r2 + 1)
    exit
