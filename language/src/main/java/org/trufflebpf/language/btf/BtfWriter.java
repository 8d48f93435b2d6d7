package org.trufflebpf.language.btf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Types in the binary form, for types that come from elsewhere: what reads them checks them. */
public final class BtfWriter {
    private static final int MAX_MEMBERS = 0xffff;

    private final ByteArrayOutputStream types = new ByteArrayOutputStream();
    private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
    private final Map<String, Integer> places = new HashMap<>();

    private BtfWriter() {
    }

    /**
     * @param types with ids from 1 on; of the kinds that describe values, with fewer than 65,536 members each
     * @throws MalformedBtfException if they make no sense together
     */
    public static Btf parse(List<BtfType> types) throws MalformedBtfException {
        BtfWriter writer = new BtfWriter();
        writer.string("");
        for (BtfType type : types) {
            writer.write(type);
        }
        ByteBuffer header = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        header.putShort((short) 0xeb9f).put((byte) 1).put((byte) 0).putInt(header.capacity()).putInt(0).putInt(writer.types.size());
        header.putInt(writer.types.size()).putInt(writer.strings.size());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(header.array());
        bytes.writeBytes(writer.types.toByteArray());
        bytes.writeBytes(writer.strings.toByteArray());
        return Btf.parse(bytes.toByteArray());
    }

    private int string(String text) {
        return places.computeIfAbsent(text, name -> {
            int at = strings.size();
            strings.writeBytes(name.getBytes(StandardCharsets.UTF_8));
            strings.write(0);
            return at;
        });
    }

    private void words(int... words) {
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * words.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(words);
        types.writeBytes(bytes.array());
    }

    private void type(String name, int kind, boolean flag, int length, long sizeOrTarget) throws MalformedBtfException {
        if (length > MAX_MEMBERS || sizeOrTarget < 0 || sizeOrTarget > 0xffff_ffffL) {
            throw new MalformedBtfException("type " + name + " is too large");
        }
        words(string(name), (flag ? 1 << 31 : 0) | kind << 24 | length, (int) sizeOrTarget);
    }

    private void write(BtfType type) throws MalformedBtfException {
        switch (type) {
            case BtfType.Int i -> {
                type(i.name(), 1, false, 0, i.size());
                words(i.bits() | i.bitOffset() << 16 | (i.signed() ? 1 << 24 : 0) | (i.character() ? 1 << 25 : 0) | (i.bool() ? 1 << 26 : 0));
            }
            case BtfType.Float f -> type(f.name(), 16, false, 0, f.size());
            case BtfType.Pointer p -> type("", 2, false, 0, p.target());
            case BtfType.Array a -> {
                type("", 3, false, 0, 0);
                words(a.element(), a.index(), (int) Math.min(a.count(), 0xffff_ffffL));
            }
            case BtfType.Composite c -> composite(c);
            case BtfType.Enumeration e -> enumeration(e);
            case BtfType.Forward f -> type(f.name(), 7, f.union(), 0, 0);
            case BtfType.Typedef t -> type(t.name(), 8, false, 0, t.target());
            case BtfType.Qualified q -> type("", switch (q.qualifier()) {
                case VOLATILE -> 9;
                case CONST -> 10;
                case RESTRICT -> 11;
            }, false, 0, q.target());
            case BtfType.FunctionPrototype f -> {
                type("", 13, false, f.parameters().size(), f.result());
                for (BtfType.Parameter parameter : f.parameters()) {
                    words(string(parameter.name()), parameter.type());
                }
            }
            case BtfType.Void _, BtfType.TypeTag _, BtfType.DeclarationTag _, BtfType.Function _, BtfType.Variable _, BtfType.DataSection _ ->
                throw new IllegalArgumentException("describes no value: " + type);
        }
    }

    private void composite(BtfType.Composite type) throws MalformedBtfException {
        boolean bitFields = type.members().stream().anyMatch(member -> member.bitSize() != 0);
        type(type.name(), type.union() ? 5 : 4, bitFields, type.members().size(), type.size());
        for (BtfType.Member member : type.members()) {
            if (member.bitOffset() < 0 || member.bitOffset() > (bitFields ? 0xff_ffffL : 0xffff_ffffL) || member.bitSize() < 0 ||
                            member.bitSize() > 0xff) {
                throw new MalformedBtfException("member " + member.name() + " of " + type.name() + " is too far from its start");
            }
            words(string(member.name()), member.type(), (int) member.bitOffset() | (bitFields ? member.bitSize() << 24 : 0));
        }
    }

    private void enumeration(BtfType.Enumeration type) throws MalformedBtfException {
        boolean wide = type.size() > Integer.BYTES;
        type(type.name(), wide ? 19 : 6, type.signed(), type.values().size(), type.size());
        for (BtfType.Enumerator enumerator : type.values()) {
            words(string(enumerator.name()), (int) enumerator.value());
            if (wide) {
                words((int) (enumerator.value() >>> 32));
            }
        }
    }
}
