package org.trufflebpf.maps;

import org.trufflebpf.io.memory.Memory;

/**
 * BPF_MAP_TYPE_XSKMAP: AF_XDP sockets by index. A value is the socket's number in {@link References}, where the kernel takes a descriptor; unlike
 * there, the control plane can read it. What a program finds is struct bpf_xdp_sock: u32 queue; it may only read it.
 */
public final class XskMap extends SlotMap {

    XskMap(Blueprint blueprint) {
        super(blueprint, true);
    }

    /** The socket at {@code index} (unsigned) in the upper half, its queue in the lower; 0 when there is none. */
    public long target(int index) {
        return word(index);
    }

    int socket(int index) {
        return (int) (word(index) >>> 32);
    }

    /** The address of the socket's struct bpf_xdp_sock, or 0. */
    public long lookup(int index) {
        return word(index) == 0 ? 0 : address(index);
    }

    @Override
    public long lookup(long keyAddress, int cpu) {
        return lookup(Memory.getInt(keyAddress));
    }

    @Override
    byte[] read(byte[] key) {
        int socket = socket(ArrayIndex.of(key));
        return socket == 0 ? null : ArrayIndex.key(socket);
    }

    /** As xsk_map_update_elem. */
    @Override
    long write(byte[] key, byte[] value, long updateFlags) {
        int index = ArrayIndex.of(key);
        if (Long.compareUnsigned(updateFlags, MapFlags.EXIST) > 0) {
            return -Errno.EINVAL;
        }
        if (!inRange(index)) {
            return -Errno.E2BIG;
        }
        int socket = ArrayIndex.of(value);
        int queue = socket <= 0 ? -1 : references.socketQueue(socket);
        if (queue < 0) {
            return -Errno.EBADF;
        }
        int old = socket(index);
        if (old != socket) {
            if (old != 0 && updateFlags == MapFlags.NOEXIST) {
                return -Errno.EEXIST;
            }
            if (old == 0 && updateFlags == MapFlags.EXIST) {
                return -Errno.ENOENT;
            }
        }
        setWord(index, (long) socket << 32 | queue);
        return 0;
    }

    @Override
    long erase(byte[] key) {
        return eraseTarget(key);
    }
}
