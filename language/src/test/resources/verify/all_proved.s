# Nothing to say but that.
# code: 0
# says: program 'main' (section xdp): accepted, all is proved; proved: 3 of 3 memory accesses
main: r2 = *(u32 *)(r1 + 0)
    r3 = *(u32 *)(r1 + 4)
    r0 = 1
    r4 = r2
    r4 += 1
    if r4 > r3 goto out
    r0 = *(u8 *)(r2 + 0)
out: exit
