package org.trufflebpf.maps;

/**
 * Ports to redirect to: {@link DevArrayMap} and {@link DevHashMap}. A value is struct bpf_devmap_val: u32 ifindex and, in 8-byte values, u32 program
 * that frames for that port run through (by its number, where the kernel takes a descriptor; 0 when there is none). Programs only read: these maps
 * behave as if made with BPF_F_RDONLY_PROG.
 */
public sealed interface DevMap permits DevArrayMap, DevHashMap {
    /** As {@link BpfMap#id}. */
    int id();

    /** The port to send to, or 0 when there is none of that key (unsigned). */
    int ifindex(int key);

    /** The program that frames for that port run through, or 0. */
    int programId(int key);

    /** All ports of the map but {@code excluded}; any thread may ask. */
    int[] ports(int excluded);

    /**
     * A value as one word, ifindex in its low half.
     *
     * @return -EINVAL when it names a program that does not exist, or one without a port
     */
    static long word(byte[] value, References references) {
        int ifindex = ArrayIndex.of(value, 0);
        // The kernel ignores negative descriptors.
        int program = value.length == 8 ? Math.max(0, ArrayIndex.of(value, 4)) : 0;
        if (program != 0 && (ifindex == 0 || references.programName(program) == null)) {
            return -Errno.EINVAL;
        }
        return (long) program << 32 | Integer.toUnsignedLong(ifindex);
    }
}
