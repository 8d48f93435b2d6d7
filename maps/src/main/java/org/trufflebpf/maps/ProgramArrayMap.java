package org.trufflebpf.maps;

import java.util.stream.IntStream;

/**
 * BPF_MAP_TYPE_PROG_ARRAY: programs to tail-call, by index. A value is the program's number in {@link References}, in both directions, where the
 * kernel takes descriptors and gives ids. Other languages see programs' names, and may write these or the programs.
 */
public final class ProgramArrayMap extends SlotMap {

    ProgramArrayMap(Blueprint blueprint) {
        super(blueprint, false);
    }

    /** The program's number, or 0 when there is none at {@code index} (unsigned): a plain load. */
    public int programId(int index) {
        return (int) word(index);
    }

    /** The numbers that are there now, each once. */
    public synchronized int[] programIds() {
        checkOpen();
        return IntStream.range(0, (int) Math.min(maxEntries(), Integer.MAX_VALUE)).map(this::programId).filter(id -> id != 0).distinct().toArray();
    }

    /** As bpf_fd_array_map_update_elem. */
    @Override
    long write(byte[] key, byte[] value, long updateFlags) {
        int index = ArrayIndex.of(key);
        if (updateFlags != MapFlags.ANY) {
            return -Errno.EINVAL;
        }
        if (!inRange(index)) {
            return -Errno.E2BIG;
        }
        int program = ArrayIndex.of(value);
        if (program <= 0 || references.programName(program) == null) {
            return -Errno.EBADF;
        }
        setWord(index, program);
        return 0;
    }

    @Override
    long erase(byte[] key) {
        return eraseReference(key);
    }
}
