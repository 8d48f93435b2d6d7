package org.trufflebpf.io.libc;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The C library calls that the product makes on Linux for x86-64, each returning its result or, as the kernel itself does, the negated
 * errno. Addresses are plain longs (a downcall with an ADDRESS costs 8 ns instead of 5); what they point to must outlive the call.
 * Any thread may call.
 */
public final class Libc {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int E2BIG = 7;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int ENXIO = 6;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int ENODEV = 19;
    public static final int EINVAL = 22;
    public static final int ENOSPC = 28;
    public static final int ERANGE = 34;
    public static final int ENOSYS = 38;
    public static final int EBADFD = 77;
    public static final int EOPNOTSUPP = 95;
    public static final int EAFNOSUPPORT = 97;
    public static final int ENETDOWN = 100;
    public static final int ENOBUFS = 105;

    public static final int PROT_READ = 1;
    public static final int PROT_WRITE = 2;
    public static final int MAP_SHARED = 1;
    public static final int MAP_PRIVATE = 2;
    public static final int MAP_ANONYMOUS = 0x20;
    public static final int MAP_NORESERVE = 0x4000;
    /** All pages are there when the call returns. */
    public static final int MAP_POPULATE = 0x8000;
    public static final int MAP_HUGETLB = 0x40000;

    public static final int SOL_SOCKET = 1;
    public static final int MSG_DONTWAIT = 0x40;

    /** Commands of membarrier(2). */
    public static final int MEMBARRIER_PRIVATE_EXPEDITED = 8;
    public static final int MEMBARRIER_REGISTER_PRIVATE_EXPEDITED = 16;

    private static final long SYS_BPF = 321;
    private static final long SYS_MEMBARRIER = 324;

    private Libc() {
    }

    /**
     * Whether these calls can be made: the system is Linux on x86-64 and this module may use native code
     * ({@code --enable-native-access}). Nothing is called or printed to find out.
     */
    public static boolean available() {
        return System.getProperty("os.name").equals("Linux") && System.getProperty("os.arch").equals("amd64")
                && Libc.class.getModule().isNativeAccessEnabled();
    }

    /** mmap(2). */
    public static long mmap(long address, long length, int protection, int flags, int descriptor, long offset) {
        MemorySegment state = Calls.STATE.get();
        try {
            return Calls.orErrno((long) Calls.MMAP.invokeExact(state, address, length, protection, flags, descriptor, offset), state);
        } catch (Throwable e) {
            throw Downcall.unexpected(e);
        }
    }

    /** munmap(2). */
    public static int munmap(long address, long length) {
        MemorySegment state = Calls.STATE.get();
        try {
            return (int) Calls.orErrno((int) Calls.MUNMAP.invokeExact(state, address, length), state);
        } catch (Throwable e) {
            throw Downcall.unexpected(e);
        }
    }

    /** socket(2). */
    public static int socket(int domain, int type, int protocol) {
        MemorySegment state = Calls.STATE.get();
        try {
            return (int) Calls.orErrno((int) Calls.SOCKET.invokeExact(state, domain, type, protocol), state);
        } catch (Throwable e) {
            throw Downcall.unexpected(e);
        }
    }

    /** socketpair(2). @param pair address of two ints, the descriptors */
    public static int socketpair(int domain, int type, int protocol, long pair) {
        MemorySegment state = Calls.STATE.get();
        try {
            return (int) Calls.orErrno((int) Calls.SOCKETPAIR.invokeExact(state, domain, type, protocol, pair), state);
        } catch (Throwable e) {
            throw Downcall.unexpected(e);
        }
    }

    /** eventfd(2). */
    public static int eventfd(int value, int flags) {
        MemorySegment state = Calls.STATE.get();
        try {
            return (int) Calls.orErrno((int) Calls.EVENTFD.invokeExact(state, value, flags), state);
        } catch (Throwable e) {
            throw Downcall.unexpected(e);
        }
    }

    /** bind(2). @param address of {@code length} bytes */
    public static int bind(int descriptor, long address, int length) {
        MemorySegment state = Calls.STATE.get();
        try {
            return (int) Calls.orErrno((int) Calls.BIND.invokeExact(state, descriptor, address, length), state);
        } catch (Throwable e) {
            throw Downcall.unexpected(e);
        }
    }

    /** setsockopt(2). @param value address of {@code length} bytes */
    public static int setsockopt(int descriptor, int level, int option, long value, int length) {
        MemorySegment state = Calls.STATE.get();
        try {
            return (int) Calls.orErrno((int) Calls.SETSOCKOPT.invokeExact(state, descriptor, level, option, value, length), state);
        } catch (Throwable e) {
            throw Downcall.unexpected(e);
        }
    }

    /**
     * getsockopt(2).
     *
     * @param value address of the value
     * @param length address of an int: the bytes that there is room for, afterwards those that were written
     */
    public static int getsockopt(int descriptor, int level, int option, long value, long length) {
        MemorySegment state = Calls.STATE.get();
        try {
            return (int) Calls.orErrno((int) Calls.GETSOCKOPT.invokeExact(state, descriptor, level, option, value, length), state);
        } catch (Throwable e) {
            throw Downcall.unexpected(e);
        }
    }

    /** ioctl(2) with an address. */
    public static int ioctl(int descriptor, long request, long address) {
        MemorySegment state = Calls.STATE.get();
        try {
            return (int) Calls.orErrno((int) Calls.IOCTL.invokeExact(state, descriptor, request, address), state);
        } catch (Throwable e) {
            throw Downcall.unexpected(e);
        }
    }

    /**
     * ppoll(2) without a signal mask.
     *
     * @param descriptors address of {@code count} structs pollfd
     * @param timeout address of a struct timespec
     */
    public static int ppoll(long descriptors, long count, long timeout) {
        MemorySegment state = Calls.STATE.get();
        try {
            return (int) Calls.orErrno((int) Calls.PPOLL.invokeExact(state, descriptors, count, timeout, 0L), state);
        } catch (Throwable e) {
            throw Downcall.unexpected(e);
        }
    }

    /** send(2). */
    public static long send(int descriptor, long address, long length, int flags) {
        MemorySegment state = Calls.STATE.get();
        try {
            return Calls.orErrno((long) Calls.SEND.invokeExact(state, descriptor, address, length, flags), state);
        } catch (Throwable e) {
            throw Downcall.unexpected(e);
        }
    }

    /** recv(2). */
    public static long recv(int descriptor, long address, long length, int flags) {
        MemorySegment state = Calls.STATE.get();
        try {
            return Calls.orErrno((long) Calls.RECV.invokeExact(state, descriptor, address, length, flags), state);
        } catch (Throwable e) {
            throw Downcall.unexpected(e);
        }
    }

    /**
     * open(2) of a file that exists.
     *
     * @param path address of its name, which ends with a zero
     */
    public static int open(long path, int flags) {
        MemorySegment state = Calls.STATE.get();
        try {
            return (int) Calls.orErrno((int) Calls.OPEN.invokeExact(state, path, flags), state);
        } catch (Throwable e) {
            throw Downcall.unexpected(e);
        }
    }

    /** read(2). */
    public static long read(int descriptor, long address, long length) {
        MemorySegment state = Calls.STATE.get();
        try {
            return Calls.orErrno((long) Calls.READ.invokeExact(state, descriptor, address, length), state);
        } catch (Throwable e) {
            throw Downcall.unexpected(e);
        }
    }

    /** write(2). */
    public static long write(int descriptor, long address, long length) {
        MemorySegment state = Calls.STATE.get();
        try {
            return Calls.orErrno((long) Calls.WRITE.invokeExact(state, descriptor, address, length), state);
        } catch (Throwable e) {
            throw Downcall.unexpected(e);
        }
    }

    /** unshare(2): the calling thread gets namespaces of its own, and processes that it starts are in them. */
    public static int unshare(int flags) {
        MemorySegment state = Calls.STATE.get();
        try {
            return (int) Calls.orErrno((int) Calls.UNSHARE.invokeExact(state, flags), state);
        } catch (Throwable e) {
            throw Downcall.unexpected(e);
        }
    }

    /** close(2). */
    public static int close(int descriptor) {
        MemorySegment state = Calls.STATE.get();
        try {
            return (int) Calls.orErrno((int) Calls.CLOSE.invokeExact(state, descriptor), state);
        } catch (Throwable e) {
            throw Downcall.unexpected(e);
        }
    }

    /**
     * bpf(2).
     *
     * @param attributes address of the command's union bpf_attr
     * @param size bytes of it that the caller has filled in
     */
    public static int bpf(int command, long attributes, int size) {
        MemorySegment state = Calls.STATE.get();
        try {
            return (int) Calls.orErrno((long) Calls.BPF.invokeExact(state, SYS_BPF, command, attributes, size), state);
        } catch (Throwable e) {
            throw Downcall.unexpected(e);
        }
    }

    /** membarrier(2), without flags. */
    public static int membarrier(int command) {
        MemorySegment state = Calls.STATE.get();
        try {
            return (int) Calls.orErrno((long) Calls.MEMBARRIER.invokeExact(state, SYS_MEMBARRIER, command, 0, 0), state);
        } catch (Throwable e) {
            throw Downcall.unexpected(e);
        }
    }

    /**
     * sched_getaffinity(2).
     *
     * @param thread 0 for the calling one
     * @param set address of {@code size} bytes, a bit for each processor
     */
    public static int schedGetAffinity(int thread, long size, long set) {
        MemorySegment state = Calls.STATE.get();
        try {
            int result = (int) Calls.orErrno((int) Calls.SCHED_GETAFFINITY.invokeExact(state, thread, size, set), state);
            // The C library gives 0 where the kernel gives the number of bytes.
            return result < 0 ? result : (int) size;
        } catch (Throwable e) {
            throw Downcall.unexpected(e);
        }
    }

    /** sched_setaffinity(2), as {@link #schedGetAffinity}. */
    public static int schedSetAffinity(int thread, long size, long set) {
        MemorySegment state = Calls.STATE.get();
        try {
            return (int) Calls.orErrno((int) Calls.SCHED_SETAFFINITY.invokeExact(state, thread, size, set), state);
        } catch (Throwable e) {
            throw Downcall.unexpected(e);
        }
    }

    /** sched_getcpu(3): the processor that the calling thread runs on, -1 where that is not known. */
    public static int schedGetCpu() {
        if (!available()) {
            return -1;
        }
        try {
            return (int) Calls.SCHED_GETCPU.invokeExact(Calls.STATE.get());
        } catch (Throwable e) {
            throw Downcall.unexpected(e);
        }
    }

    /** Apart from {@link Libc}, so that asking whether calls are allowed does not prepare them. */
    private static final class Calls {
        private static final Linker LINKER = Linker.nativeLinker();
        private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
        private static final VarHandle ERRNO = CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
        private static final ThreadLocal<MemorySegment> STATE = ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CALL_STATE));

        private static final MethodHandle MMAP = handle("mmap", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));
        private static final MethodHandle MUNMAP = handle("munmap",
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
        private static final MethodHandle SOCKET = handle("socket",
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        private static final MethodHandle SOCKETPAIR = handle("socketpair", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));
        private static final MethodHandle EVENTFD = handle("eventfd",
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        private static final MethodHandle BIND = handle("bind",
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
        private static final MethodHandle SETSOCKOPT = handle("setsockopt", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
        private static final MethodHandle GETSOCKOPT = handle("getsockopt", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
        private static final MethodHandle IOCTL = handle("ioctl", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG), Linker.Option.firstVariadicArg(2));
        private static final MethodHandle PPOLL = handle("ppoll", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
        private static final MethodHandle SEND = handle("send", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
        private static final MethodHandle RECV = handle("recv", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
        private static final MethodHandle OPEN = handle("open",
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT), Linker.Option.firstVariadicArg(2));
        private static final FunctionDescriptor TRANSFER = FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG);
        private static final MethodHandle READ = handle("read", TRANSFER);
        private static final MethodHandle WRITE = handle("write", TRANSFER);
        private static final MethodHandle UNSHARE = handle("unshare", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        private static final MethodHandle CLOSE = handle("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        private static final MethodHandle BPF = handle("syscall", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT), Linker.Option.firstVariadicArg(1));
        private static final MethodHandle MEMBARRIER = handle("syscall", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT), Linker.Option.firstVariadicArg(1));

        private static final FunctionDescriptor AFFINITY = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG);
        private static final MethodHandle SCHED_GETAFFINITY = handle("sched_getaffinity", AFFINITY);
        private static final MethodHandle SCHED_SETAFFINITY = handle("sched_setaffinity", AFFINITY);
        private static final MethodHandle SCHED_GETCPU = handle("sched_getcpu", FunctionDescriptor.of(ValueLayout.JAVA_INT));

        @SuppressWarnings("restricted")
        private static MethodHandle handle(String name, FunctionDescriptor descriptor, Linker.Option... options) {
            Linker.Option[] all = new Linker.Option[options.length + 1];
            System.arraycopy(options, 0, all, 0, options.length);
            all[options.length] = Linker.Option.captureCallState("errno");
            return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, all);
        }

        /** The C libraries report every failure of these calls as -1. */
        private static long orErrno(long result, MemorySegment state) {
            return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
        }
    }
}
