package org.trufflebpf.maps;

/** Flag bits of the kernel's map interface (linux/bpf.h). */
public final class MapFlags {
    /** Update: create or replace. */
    public static final long ANY = 0;
    /** Update: only create. */
    public static final long NOEXIST = 1;
    /** Update: only replace. Push: drop the oldest element of a full queue or stack. */
    public static final long EXIST = 2;
    /** Update: hold the lock in the value meanwhile. */
    public static final long LOCK = 4;

    public static final int NO_PREALLOC = 1;
    public static final int NO_COMMON_LRU = 1 << 1;
    public static final int NUMA_NODE = 1 << 2;
    public static final int RDONLY = 1 << 3;
    public static final int WRONLY = 1 << 4;
    public static final int ZERO_SEED = 1 << 6;
    public static final int RDONLY_PROG = 1 << 7;
    public static final int WRONLY_PROG = 1 << 8;
    public static final int MMAPABLE = 1 << 10;
    public static final int PRESERVE_ELEMS = 1 << 11;
    public static final int INNER_MAP = 1 << 12;

    static final int ACCESS = RDONLY | WRONLY | RDONLY_PROG | WRONLY_PROG;

    private MapFlags() {
    }
}
