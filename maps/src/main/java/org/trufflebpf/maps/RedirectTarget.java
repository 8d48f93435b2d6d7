package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.InvalidArrayIndexException;
import com.oracle.truffle.api.interop.TruffleObject;
import com.oracle.truffle.api.interop.UnknownIdentifierException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;

/**
 * A value of a device map or CPU map that can name a program, as other languages see it: an object with the members {@code ifindex} or
 * {@code qsize}, and {@code prog}, the program's name or null.
 *
 * @param member {@link #IFINDEX} or {@link #QSIZE}
 * @param number its value, a u32
 * @param program a name, or null
 */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
public record RedirectTarget(String member, long number, String program) implements TruffleObject {
    public static final String IFINDEX = "ifindex";
    public static final String QSIZE = "qsize";
    public static final String PROGRAM = "prog";
    /** Bytes of struct bpf_devmap_val and struct bpf_cpumap_val. */
    static final int SIZE = 8;

    @ExportMessage
    boolean hasMembers() {
        return true;
    }

    @ExportMessage
    @TruffleBoundary
    Object getMembers(@SuppressWarnings("unused") boolean includeInternal) {
        return new Members(new String[] {member, PROGRAM});
    }

    @ExportMessage
    @TruffleBoundary
    boolean isMemberReadable(String name) {
        return name.equals(member) || name.equals(PROGRAM);
    }

    @ExportMessage
    @TruffleBoundary
    Object readMember(String name) throws UnknownIdentifierException {
        if (name.equals(member)) {
            return number;
        }
        if (name.equals(PROGRAM)) {
            return program == null ? Absent.INSTANCE : program;
        }
        throw UnknownIdentifierException.create(name);
    }

    @ExportMessage
    @TruffleBoundary
    Object toDisplayString(@SuppressWarnings("unused") boolean allowSideEffects) {
        return "{" + member + ": " + number + ", " + PROGRAM + ": " + program + "}";
    }

    @ExportLibrary(InteropLibrary.class)
    record Members(String[] names) implements TruffleObject {
        @ExportMessage
        boolean hasArrayElements() {
            return true;
        }

        @ExportMessage
        long getArraySize() {
            return names.length;
        }

        @ExportMessage
        boolean isArrayElementReadable(long index) {
            return index >= 0 && index < names.length;
        }

        @ExportMessage
        Object readArrayElement(long index) throws InvalidArrayIndexException {
            if (!isArrayElementReadable(index)) {
                throw InvalidArrayIndexException.create(index);
            }
            return names[(int) index];
        }
    }
}
