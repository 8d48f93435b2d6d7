# The packet has to get through an EtherType, a protocol and a masked length before it can fail.
# code: 0
# says: accepted, runs with
# says: reads 1 byte at offset 99
# says: to do: compare the end of what is read or written with data_end first
# says: fails: packet hex 0000000000000000000000000800450000
# says: pad to
main: r2 = *(u32 *)(r1 + 0)
    r3 = *(u32 *)(r1 + 4)
    r4 = r2
    r4 += 34
    if r4 > r3 goto out
    r5 = *(u16 *)(r2 + 12)
    if r5 != 8 goto out
    r5 = *(u8 *)(r2 + 14)
    r5 &= 15
    if r5 != 5 goto out
    r5 = *(u8 *)(r2 + 14)
    r5 >>= 4
    if r5 != 4 goto out
    r5 = *(u8 *)(r2 + 23)
    if r5 != 17 goto out
    r0 = *(u8 *)(r2 + 99)
    r0 = 1
    exit
out: r0 = 2
    exit
