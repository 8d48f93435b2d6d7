package org.trufflebpf.maps;

/** A program's number as its name; takes whatever the references know as a program. */
record ProgramCodec(References references) implements Codec {
    @Override
    public int size() {
        return 4;
    }

    @Override
    public Object decode(byte[] bytes) {
        String name = references.programName(ArrayIndex.of(bytes));
        return name == null ? Absent.INSTANCE : name;
    }

    @Override
    public byte[] encode(Object value) {
        int program = references.program(value);
        if (program == 0) {
            throw new MapException(Errno.EBADF, "a program of this object or its name is needed");
        }
        return ArrayIndex.key(program);
    }
}
