package org.trufflebpf.language.btf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads the bytes of type information. Construction checks everything once, in one pass over the types and one over what they refer to; after
 * that any type can be read without an error, in any order and by any thread.
 */
final class BtfReader {
    private static final int MAGIC = 0xeb9f;
    private static final int HEADER_SIZE = 24;
    private static final int TYPE_SIZE = 12;
    /** The kernel's own limit (BTF_MAX_TYPE). */
    private static final int MAX_TYPES = 0xfffff;
    /** The kernel's own limit (KSYM_NAME_LEN), in bytes. */
    private static final int MAX_NAME = 512;
    /** Longer chains of typedefs, qualifiers and arrays (a cycle, too) have no size. */
    private static final int MAX_CHAIN = 128;

    private static final int INT = 1;
    private static final int POINTER = 2;
    private static final int ARRAY = 3;
    private static final int STRUCT = 4;
    private static final int UNION = 5;
    private static final int ENUM = 6;
    private static final int FORWARD = 7;
    private static final int TYPEDEF = 8;
    private static final int VOLATILE = 9;
    private static final int CONST = 10;
    private static final int RESTRICT = 11;
    private static final int FUNCTION = 12;
    private static final int FUNCTION_PROTOTYPE = 13;
    private static final int VARIABLE = 14;
    private static final int DATA_SECTION = 15;
    private static final int FLOAT = 16;
    private static final int DECLARATION_TAG = 17;
    private static final int TYPE_TAG = 18;
    private static final int ENUM64 = 19;

    private final ByteBuffer buffer;
    private final StringTable strings;
    /** Where each type starts, by id. */
    private final int[] starts;

    BtfReader(byte[] bytes) throws MalformedBtfException {
        buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.length < HEADER_SIZE) {
            throw new MalformedBtfException("it has only " + bytes.length + " bytes");
        }
        int magic = Short.toUnsignedInt(buffer.getShort(0));
        if (magic == Short.toUnsignedInt(Short.reverseBytes((short) MAGIC))) {
            throw new MalformedBtfException("it is big-endian, compile with -target bpfel");
        }
        if (magic != MAGIC || bytes[2] != 1) {
            throw new MalformedBtfException("it does not start with the header of BTF version 1");
        }
        long base = unsigned(4);
        long types = base + unsigned(8);
        long typesEnd = types + unsigned(12);
        long text = base + unsigned(16);
        long textEnd = text + unsigned(20);
        if (base < HEADER_SIZE || typesEnd > bytes.length || textEnd > bytes.length) {
            throw new MalformedBtfException("its header names more bytes than there are, the file may be cut");
        }
        strings = new StringTable(bytes, (int) text, (int) (textEnd - text));
        starts = findTypes((int) types, (int) typesEnd);
        for (int id = 1; id < starts.length; id++) {
            check(id);
        }
        for (int id = 1; id < starts.length; id++) {
            if (kind(id) == STRUCT || kind(id) == UNION) {
                checkLayout(id);
            }
        }
    }

    StringTable strings() {
        return strings;
    }

    /** Types including void. */
    int count() {
        return starts.length;
    }

    private int kind(int id) {
        return buffer.getInt(starts[id] + 4) >>> 24 & 0x1f;
    }

    /** The class of the type, without reading it; for ids from 1. */
    Class<? extends BtfType> kindClass(int id) {
        return switch (kind(id)) {
            case INT -> BtfType.Int.class;
            case FLOAT -> BtfType.Float.class;
            case POINTER -> BtfType.Pointer.class;
            case ARRAY -> BtfType.Array.class;
            case STRUCT, UNION -> BtfType.Composite.class;
            case ENUM, ENUM64 -> BtfType.Enumeration.class;
            case FORWARD -> BtfType.Forward.class;
            case TYPEDEF -> BtfType.Typedef.class;
            case VOLATILE, CONST, RESTRICT -> BtfType.Qualified.class;
            case TYPE_TAG -> BtfType.TypeTag.class;
            case DECLARATION_TAG -> BtfType.DeclarationTag.class;
            case FUNCTION -> BtfType.Function.class;
            case FUNCTION_PROTOTYPE -> BtfType.FunctionPrototype.class;
            case VARIABLE -> BtfType.Variable.class;
            case DATA_SECTION -> BtfType.DataSection.class;
            default -> throw new AssertionError("kinds were checked");
        };
    }

    String name(int id) {
        return id == 0 ? "" : strings.get(buffer.getInt(starts[id]));
    }

    private int[] findTypes(int from, int end) throws MalformedBtfException {
        int[] found = new int[Math.min(MAX_TYPES, (end - from) / TYPE_SIZE) + 1];
        int count = 1;
        int at = from;
        while (at < end) {
            if (count == found.length || end - at < TYPE_SIZE) {
                throw new MalformedBtfException(count > MAX_TYPES ? "it has more than " + MAX_TYPES + " types" : "its last type is cut");
            }
            found[count] = at;
            int info = buffer.getInt(at + 4);
            long next = (long) at + TYPE_SIZE + (long) extraSize(info >>> 24 & 0x1f, info & 0xffff, count);
            if (next > end) {
                throw new MalformedBtfException("type " + count + " goes beyond the end");
            }
            at = (int) next;
            count++;
        }
        return Arrays.copyOf(found, count);
    }

    private static int extraSize(int kind, int length, int id) throws MalformedBtfException {
        return switch (kind) {
            case INT, VARIABLE, DECLARATION_TAG -> 4;
            case ARRAY -> 12;
            case STRUCT, UNION, DATA_SECTION, ENUM64 -> 12 * length;
            case ENUM, FUNCTION_PROTOTYPE -> 8 * length;
            case POINTER, FORWARD, TYPEDEF, VOLATILE, CONST, RESTRICT, FUNCTION, FLOAT, TYPE_TAG -> 0;
            default -> throw new MalformedBtfException("type " + id + " has the unknown kind " + kind);
        };
    }

    private void check(int id) throws MalformedBtfException {
        int at = starts[id];
        boolean tag = kind(id) == DECLARATION_TAG || kind(id) == TYPE_TAG;
        checkName(id, buffer.getInt(at), tag ? Integer.MAX_VALUE : MAX_NAME);
        int extra = at + TYPE_SIZE;
        int length = buffer.getInt(at + 4) & 0xffff;
        switch (kind(id)) {
            case POINTER, TYPEDEF, VOLATILE, CONST, RESTRICT, FUNCTION, VARIABLE, DECLARATION_TAG, TYPE_TAG -> checkType(id, buffer.getInt(at + 8));
            case ARRAY -> {
                checkType(id, buffer.getInt(extra));
                checkType(id, buffer.getInt(extra + 4));
            }
            case STRUCT, UNION -> {
                for (int i = 0; i < length; i++) {
                    checkName(id, buffer.getInt(extra + 12 * i), MAX_NAME);
                    checkType(id, buffer.getInt(extra + 12 * i + 4));
                }
            }
            case ENUM, ENUM64 -> {
                int step = kind(id) == ENUM ? 8 : 12;
                for (int i = 0; i < length; i++) {
                    checkName(id, buffer.getInt(extra + step * i), MAX_NAME);
                }
            }
            case FUNCTION_PROTOTYPE -> {
                checkType(id, buffer.getInt(at + 8));
                for (int i = 0; i < length; i++) {
                    checkName(id, buffer.getInt(extra + 8 * i), MAX_NAME);
                    checkType(id, buffer.getInt(extra + 8 * i + 4));
                }
            }
            case DATA_SECTION -> {
                for (int i = 0; i < length; i++) {
                    checkType(id, buffer.getInt(extra + 12 * i));
                }
            }
            case INT -> {
                int bytes = buffer.getInt(at + 8);
                if (bytes < 1 || bytes > 16) {
                    throw new MalformedBtfException("the integer type " + id + " has " + Integer.toUnsignedString(bytes) + " bytes");
                }
            }
            default -> {
                // Forward declarations and floats refer to nothing.
            }
        }
    }

    /** Members lie within their struct: what reads values by their types need not check again. */
    private void checkLayout(int id) throws MalformedBtfException {
        int at = starts[id];
        int info = buffer.getInt(at + 4);
        long bits = Byte.SIZE * unsigned(at + 8);
        for (int i = 0; i < (info & 0xffff); i++) {
            int entry = at + TYPE_SIZE + 12 * i;
            long position = unsigned(entry + 8);
            long width = info < 0 ? position >>> 24 : 0;
            long offset = info < 0 ? position & 0xffffff : position;
            if (offset + (width != 0 ? width : widthOf(buffer.getInt(entry + 4))) > bits) {
                throw new MalformedBtfException("member " + strings.get(buffer.getInt(entry)) + " of type " + id + " lies beyond the struct's end");
            }
        }
    }

    /** Bits of a member that is not marked as a bit-field. */
    private long widthOf(int type) {
        if (type != 0 && kind(type) == INT) {
            // Old compilers made an integer type of its own for each width and place of bit-fields.
            int encoding = buffer.getInt(starts[type] + TYPE_SIZE);
            return (encoding & 0xff) + (encoding >>> 16 & 0xff);
        }
        return Byte.SIZE * Math.clamp(sizeOf(type), 0, Long.MAX_VALUE / 16);
    }

    /** See {@link Btf#sizeOf}. */
    long sizeOf(int id) {
        int type = id;
        long count = 1;
        for (int i = 0; i < MAX_CHAIN && type != 0; i++) {
            int at = starts[type];
            switch (kind(type)) {
                case INT, FLOAT, ENUM, ENUM64, STRUCT, UNION, DATA_SECTION -> {
                    return saturatedProduct(count, unsigned(at + 8));
                }
                case POINTER -> {
                    return saturatedProduct(count, Long.BYTES);
                }
                case ARRAY -> {
                    count = saturatedProduct(count, unsigned(at + TYPE_SIZE + 8));
                    type = buffer.getInt(at + TYPE_SIZE);
                }
                case TYPEDEF, VOLATILE, CONST, RESTRICT, TYPE_TAG, VARIABLE -> type = buffer.getInt(at + 8);
                default -> {
                    return -1;
                }
            }
        }
        return -1;
    }

    private static long saturatedProduct(long a, long b) {
        return Math.multiplyHigh(a, b) != 0 || a * b < 0 ? Long.MAX_VALUE : a * b;
    }

    private void checkName(int id, int offset, int maximum) throws MalformedBtfException {
        if (!strings.isValid(offset, maximum)) {
            throw new MalformedBtfException("type " + id + " has a name that is outside the strings or too long");
        }
    }

    private void checkType(int id, int type) throws MalformedBtfException {
        if (type < 0 || type >= starts.length) {
            throw new MalformedBtfException("type " + id + " refers to type " + Integer.toUnsignedString(type) + ", which does not exist");
        }
    }

    BtfType read(int id) {
        if (id == 0) {
            return new BtfType.Void();
        }
        int at = starts[id];
        int info = buffer.getInt(at + 4);
        int length = info & 0xffff;
        boolean flag = info < 0;
        int target = buffer.getInt(at + 8);
        int extra = at + TYPE_SIZE;
        String name = name(id);
        return switch (kind(id)) {
            case INT -> {
                int encoding = buffer.getInt(extra);
                yield new BtfType.Int(name, target, encoding & 0xff, encoding >>> 16 & 0xff, (encoding & 1 << 24) != 0, (encoding & 1 << 25) != 0,
                        (encoding & 1 << 26) != 0);
            }
            case FLOAT -> new BtfType.Float(name, target);
            case POINTER -> new BtfType.Pointer(target);
            case ARRAY -> new BtfType.Array(buffer.getInt(extra), buffer.getInt(extra + 4), unsigned(extra + 8));
            case STRUCT, UNION -> new BtfType.Composite(name, kind(id) == UNION, Integer.toUnsignedLong(target), members(extra, length, flag));
            case ENUM -> new BtfType.Enumeration(name, target, flag, enumerators(extra, length, flag));
            case ENUM64 -> new BtfType.Enumeration(name, target, flag, longEnumerators(extra, length));
            case FORWARD -> new BtfType.Forward(name, flag);
            case TYPEDEF -> new BtfType.Typedef(name, target);
            case VOLATILE -> new BtfType.Qualified(BtfType.Qualifier.VOLATILE, target);
            case CONST -> new BtfType.Qualified(BtfType.Qualifier.CONST, target);
            case RESTRICT -> new BtfType.Qualified(BtfType.Qualifier.RESTRICT, target);
            case TYPE_TAG -> new BtfType.TypeTag(name, target);
            case DECLARATION_TAG -> new BtfType.DeclarationTag(name, target, buffer.getInt(extra));
            case FUNCTION -> new BtfType.Function(name, target, linkage(length));
            case FUNCTION_PROTOTYPE -> new BtfType.FunctionPrototype(target, parameters(extra, length));
            case VARIABLE -> new BtfType.Variable(name, target, linkage(buffer.getInt(extra)));
            case DATA_SECTION -> new BtfType.DataSection(name, Integer.toUnsignedLong(target), placements(extra, length));
            default -> throw new AssertionError("kinds were checked");
        };
    }

    private List<BtfType.Member> members(int at, int length, boolean bitFields) {
        List<BtfType.Member> members = new ArrayList<>(length);
        for (int i = 0; i < length; i++) {
            int entry = at + 12 * i;
            long position = unsigned(entry + 8);
            members.add(new BtfType.Member(strings.get(buffer.getInt(entry)), buffer.getInt(entry + 4), bitFields ? position & 0xffffff : position,
                    bitFields ? (int) (position >>> 24) : 0));
        }
        return List.copyOf(members);
    }

    private List<BtfType.Enumerator> enumerators(int at, int length, boolean signed) {
        List<BtfType.Enumerator> values = new ArrayList<>(length);
        for (int i = 0; i < length; i++) {
            int entry = at + 8 * i;
            values.add(new BtfType.Enumerator(strings.get(buffer.getInt(entry)), signed ? buffer.getInt(entry + 4) : unsigned(entry + 4)));
        }
        return List.copyOf(values);
    }

    private List<BtfType.Enumerator> longEnumerators(int at, int length) {
        List<BtfType.Enumerator> values = new ArrayList<>(length);
        for (int i = 0; i < length; i++) {
            int entry = at + 12 * i;
            values.add(new BtfType.Enumerator(strings.get(buffer.getInt(entry)), buffer.getLong(entry + 4)));
        }
        return List.copyOf(values);
    }

    private List<BtfType.Parameter> parameters(int at, int length) {
        List<BtfType.Parameter> parameters = new ArrayList<>(length);
        for (int i = 0; i < length; i++) {
            parameters.add(new BtfType.Parameter(strings.get(buffer.getInt(at + 8 * i)), buffer.getInt(at + 8 * i + 4)));
        }
        return List.copyOf(parameters);
    }

    private List<BtfType.Placement> placements(int at, int length) {
        List<BtfType.Placement> placements = new ArrayList<>(length);
        for (int i = 0; i < length; i++) {
            int entry = at + 12 * i;
            placements.add(new BtfType.Placement(buffer.getInt(entry), unsigned(entry + 4), unsigned(entry + 8)));
        }
        return List.copyOf(placements);
    }

    private static BtfType.Linkage linkage(int number) {
        return switch (number) {
            case 0 -> BtfType.Linkage.STATIC;
            case 2 -> BtfType.Linkage.EXTERN;
            default -> BtfType.Linkage.GLOBAL;
        };
    }

    private long unsigned(int at) {
        return Integer.toUnsignedLong(buffer.getInt(at));
    }
}
