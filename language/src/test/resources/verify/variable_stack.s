# An index from the packet leads out of the stack frame.
# code: 0
# says: accepted, runs with 1 check
# says: writes 1 byte at r10-512 to +65023, which is not known to be in its frame of 512 bytes
# says: to do: bound the index into the array on the stack
# says: fails: packet hex
main: r2 = *(u32 *)(r1 + 0)
    r3 = *(u32 *)(r1 + 4)
    r0 = 2
    r4 = r2
    r4 += 2
    if r4 > r3 goto out
    r5 = *(u16 *)(r2 + 0)
    r4 = r10
    r4 += -512
    r4 += r5
    *(u8 *)(r4 + 0) = 1
out: exit
