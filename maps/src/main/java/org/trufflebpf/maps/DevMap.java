package org.trufflebpf.maps;

/**
 * Ports to redirect to: {@link DevArrayMap} and {@link DevHashMap}. A value is struct bpf_devmap_val: u32 ifindex and, in 8-byte values, u32 program
 * that frames for that port run through (by its number, where the kernel takes a descriptor; 0 when there is none). Programs only read: these maps
 * behave as if made with BPF_F_RDONLY_PROG.
 */
public sealed interface DevMap permits DevArrayMap, DevHashMap {
    /** As {@link BpfMap#id}. */
    int id();

    /**
     * The port to send to and the program that frames for it run through, or 0: ifindex in the low half and program in the high one. 0 when there is
     * no port of that key (unsigned).
     */
    long target(int key);

    /** The {@linkplain #target targets} of all keys; any thread may ask. Not to be changed. */
    long[] targets();

    /**
     * A value as {@link #target} gives it.
     *
     * @return -EINVAL when it names a program that does not exist or is not made for device maps, or one without a port
     */
    static long word(byte[] value, MapKind kind, References references) {
        int ifindex = ArrayIndex.of(value, 0);
        // The kernel ignores negative descriptors.
        int program = value.length == 8 ? Math.max(0, ArrayIndex.of(value, 4)) : 0;
        if (program != 0 && (ifindex == 0 || !references.isAttachable(program, kind))) {
            return -Errno.EINVAL;
        }
        return (long) program << 32 | Integer.toUnsignedLong(ifindex);
    }
}
