package org.trufflebpf.language.codec;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnknownIdentifierException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import org.trufflebpf.language.codec.Layout.Field;
import org.trufflebpf.language.codec.Layout.Structure;
import org.trufflebpf.maps.Values;

/** A struct, a union (whose members are all views of the same bytes) or the variables of a section, with members that are decoded when read. */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
final class StructValue extends Snapshot implements TypedParts {
    private final Structure structure;

    StructValue(Structure structure, byte[] bytes, int offset) {
        super(bytes, offset, structure.size());
        this.structure = structure;
    }

    @ExportMessage
    boolean hasMembers() {
        return true;
    }

    @ExportMessage
    @TruffleBoundary
    Object getMembers(@SuppressWarnings("unused") boolean includeInternal) {
        return Values.of(structure.members().keySet());
    }

    @ExportMessage
    @TruffleBoundary
    boolean isMemberReadable(String member) {
        return structure.members().containsKey(member);
    }

    @ExportMessage
    @TruffleBoundary
    Object readMember(String member) throws UnknownIdentifierException {
        Field field = structure.members().get(member);
        if (field == null) {
            throw UnknownIdentifierException.create(member);
        }
        return Decoder.decode(field.layout(), bytes, offset + field.offset());
    }

    @Override
    public Object typedMember(String name) {
        Field field = structure.members().get(name);
        return field == null ? null : Decoder.typed(field.layout(), bytes, offset + field.offset());
    }

    @Override
    String describe() {
        return Description.of(structure, bytes, offset);
    }
}
