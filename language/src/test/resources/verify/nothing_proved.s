# Without proof each access is checked.
# off
# code: 0
# says: program 'main' (section xdp): accepted, runs with 2 checks; proved: 0 of 2 memory accesses
main: r2 = *(u32 *)(r1 + 0)
    r0 = *(u8 *)(r2 + 0)
    exit
