package org.trufflebpf.maps;

import com.oracle.truffle.api.interop.InteropException;
import com.oracle.truffle.api.interop.InteropLibrary;

/**
 * Values of device maps and CPU maps that can name a program: objects with {@code ifindex} or {@code qsize}, and {@code prog} with a program or its
 * name. What the type in the C source says is taken as well.
 *
 * @param plain the codec of that type
 */
record RedirectTargetCodec(MapKind kind, References references, Codec plain) implements Codec {
    private static final InteropLibrary INTEROP = InteropLibrary.getUncached();
    private static final long MOST = 0xffff_ffffL;

    @Override
    public int size() {
        return RedirectTarget.SIZE;
    }

    private String member() {
        return kind == MapKind.CPUMAP ? RedirectTarget.QSIZE : RedirectTarget.IFINDEX;
    }

    @Override
    public Object decode(byte[] bytes) {
        return new RedirectTarget(member(), Integer.toUnsignedLong(ArrayIndex.of(bytes, 0)), references.programName(ArrayIndex.of(bytes, 4)));
    }

    @Override
    public byte[] encode(Object value) {
        boolean named = INTEROP.isMemberReadable(value, RedirectTarget.PROGRAM);
        // Without a program the C type would want its member for one.
        boolean alone = INTEROP.isMemberReadable(value, member()) && !INTEROP.isMemberReadable(value, "bpf_prog");
        if (!named && !alone) {
            return plain.encode(value);
        }
        try {
            rejectOthers(INTEROP.getMembers(value));
            Object number = alone || INTEROP.isMemberReadable(value, member()) ? INTEROP.readMember(value, member()) : null;
            if (number == null || !INTEROP.fitsInLong(number) || INTEROP.asLong(number) < 0 || INTEROP.asLong(number) > MOST) {
                throw new MapException(Errno.EINVAL, member(), "a whole number from 0 to " + MOST + " is needed");
            }
            Object program = named ? INTEROP.readMember(value, RedirectTarget.PROGRAM) : null;
            byte[] bytes = new byte[RedirectTarget.SIZE];
            System.arraycopy(ArrayIndex.key((int) INTEROP.asLong(number)), 0, bytes, 0, 4);
            System.arraycopy(ArrayIndex.key(program == null || INTEROP.isNull(program) ? 0 : number(program)), 0, bytes, 4, 4);
            return bytes;
        } catch (InteropException e) {
            throw new MapException(Errno.EINVAL, "cannot be read: " + e.getMessage());
        }
    }

    /** A misspelt program would be none. */
    private void rejectOthers(Object names) throws InteropException {
        for (long i = 0; i < INTEROP.getArraySize(names); i++) {
            String name = INTEROP.asString(INTEROP.readArrayElement(names, i));
            if (!name.equals(member()) && !name.equals(RedirectTarget.PROGRAM)) {
                throw new MapException(Errno.EINVAL, "has no member '" + name + "'; there are " + member() + " and " + RedirectTarget.PROGRAM);
            }
        }
    }

    private int number(Object program) {
        int number = references.program(program);
        if (number == 0) {
            throw new MapException(Errno.EINVAL, RedirectTarget.PROGRAM, "a program of this object or its name is needed");
        }
        if (!references.isAttachable(number, kind)) {
            throw new MapException(Errno.EINVAL, RedirectTarget.PROGRAM, "program '" + references.programName(number) + "' is not made for this:"
                            + " its section must be xdp/" + (kind == MapKind.CPUMAP ? "cpumap" : "devmap"));
        }
        return number;
    }
}
