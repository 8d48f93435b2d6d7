package org.trufflebpf.language.codec;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.trufflebpf.language.btf.Btf;
import org.trufflebpf.language.btf.BtfType;
import org.trufflebpf.language.codec.Layout.Choice;
import org.trufflebpf.language.codec.Layout.Field;
import org.trufflebpf.language.codec.Layout.Floating;
import org.trufflebpf.language.codec.Layout.Number;
import org.trufflebpf.language.codec.Layout.Opaque;
import org.trufflebpf.language.codec.Layout.Sequence;
import org.trufflebpf.language.codec.Layout.Structure;
import org.trufflebpf.language.codec.Layout.Text;
import org.trufflebpf.language.codec.Layout.Truth;

/**
 * Works out layouts. Each type is done once, so this takes time in proportion to the BTF. What no C compiler makes is bytes: structs that hold
 * themselves or are nested deeper than {@link #MAX_DEPTH}, that have two members of a name, numbers of more than 128 bits.
 */
final class Layouts {
    private static final int MAX_DEPTH = 32;
    /** Names of all structures together. Those of anonymous members count again in each structure around them. */
    private static final int MAX_NAMES = 1 << 20;
    /** Longer chains of typedefs and qualifiers end as void in {@link Btf#resolve}. */
    private static final int MAX_CHAIN = 64;
    private static final int MAX_BITS = 128;

    private static final Map<String, Integer> BIG_ENDIAN = Map.of("__be16", 16, "__be32", 32, "__be64", 64);
    /** What the kernel lets nobody but its helpers touch (the fields of struct btf_record, kernel/bpf/btf.c). */
    private static final Set<String> RESERVED = Set.of("bpf_spin_lock", "bpf_res_spin_lock", "bpf_timer", "bpf_wq", "bpf_task_work", "bpf_list_head",
            "bpf_list_node", "bpf_rb_root", "bpf_rb_node", "bpf_refcount");

    private final Btf btf;
    private final Map<Integer, Layout> structures = new HashMap<>();
    private int names;

    private Layouts(Btf btf) {
        this.btf = btf;
    }

    /** @param type of at most {@code Integer.MAX_VALUE} bytes; for a data section its DATASEC */
    static Layout of(Btf btf, int type) {
        return new Layouts(btf).layout(type, 0);
    }

    /** At most {@code Integer.MAX_VALUE}; 0 for what has no size. */
    private int sizeOf(int type) {
        return (int) Math.clamp(btf.sizeOf(type), 0, Integer.MAX_VALUE);
    }

    private Layout layout(int type, int depth) {
        int id = btf.resolveId(type);
        return switch (btf.type(id)) {
            case BtfType.Int number when isPlain(number) -> scalar(type, 0, number.bits());
            case BtfType.Enumeration choice when choice.size() >= 1 && choice.size() <= Long.BYTES -> scalar(type, 0, choice.size() * Byte.SIZE);
            case BtfType.Pointer _ -> new Number(0, Long.SIZE, false, false);
            case BtfType.Float number when number.size() == Float.BYTES || number.size() == Double.BYTES -> new Floating(number.size());
            case BtfType.Array array -> depth == MAX_DEPTH ? opaque(type) : array(array, sizeOf(id), depth);
            case BtfType.Composite _, BtfType.DataSection _ -> structure(id, depth);
            default -> opaque(type);
        };
    }

    private Opaque opaque(int type) {
        return new Opaque(sizeOf(type), false);
    }

    /** Whether all of its bytes are its bits, as of all integers but the bit-fields of old compilers. */
    private static boolean isPlain(BtfType.Int number) {
        return number.bitOffset() == 0 && number.bits() == number.size() * Byte.SIZE;
    }

    /**
     * A number, bool or enum at {@code shift} bits from the first byte's lowest.
     *
     * @param width bits
     */
    private Layout scalar(int type, int shift, int width) {
        return switch (btf.resolve(type)) {
            case BtfType.Int number when number.bool() -> new Truth(new Number(shift, width, false, false));
            case BtfType.Int number -> new Number(shift, width, number.signed(), shift == 0 && isBigEndian(type, width));
            case BtfType.Enumeration choice -> choice(choice, new Number(shift, width, choice.signed(), false));
            default -> new Number(shift, width, false, false);
        };
    }

    private boolean isBigEndian(int type, int width) {
        int at = type;
        for (int i = 0; i < MAX_CHAIN && btf.type(at) instanceof BtfType.Alias alias; i++) {
            if (alias instanceof BtfType.Typedef && BIG_ENDIAN.getOrDefault(alias.name(), 0) == width) {
                return true;
            }
            at = alias.target();
        }
        return false;
    }

    private static Choice choice(BtfType.Enumeration type, Number number) {
        Map<String, Long> values = new LinkedHashMap<>();
        Map<Long, String> names = new HashMap<>();
        for (BtfType.Enumerator each : type.values()) {
            values.putIfAbsent(each.name(), each.value());
            names.putIfAbsent(each.value(), each.name());
        }
        return new Choice(number, values, names);
    }

    private Layout array(BtfType.Array array, int size, int depth) {
        if (btf.resolve(array.element()) instanceof BtfType.Int number && isPlain(number) && number.size() == 1
                && (number.character() || number.name().equals("char"))) {
            return new Text(size);
        }
        Layout element = layout(array.element(), depth + 1);
        if (element.size() == 0 || array.count() * element.size() != size) {
            return new Opaque(size, false);
        }
        return new Sequence(element, (int) array.count());
    }

    private Layout structure(int id, int depth) {
        Layout known = structures.get(id);
        if (known != null) {
            return known;
        }
        int size = sizeOf(id);
        Opaque bytes = new Opaque(size, RESERVED.contains(btf.type(id).name()));
        if (bytes.reserved() || depth == MAX_DEPTH) {
            return bytes;
        }
        // What the struct finds of itself inside it.
        structures.put(id, bytes);
        List<Field> fields = btf.type(id) instanceof BtfType.DataSection section ? variables(section, size, depth)
                : members((BtfType.Composite) btf.type(id), size, depth);
        long needed = fields.stream().mapToLong(field -> field.isAnonymous() ? ((Structure) field.layout()).members().size() : 1).sum();
        if (needed > MAX_NAMES - names) {
            return bytes;
        }
        names += (int) needed;
        boolean union = btf.type(id) instanceof BtfType.Composite composite && composite.union();
        Structure structure = Structure.of(union, size, fields);
        if (structure.members().size() != needed) {
            return bytes;
        }
        structures.put(id, structure);
        return structure;
    }

    private List<Field> members(BtfType.Composite type, int size, int depth) {
        List<Field> fields = new ArrayList<>();
        for (BtfType.Member member : type.members()) {
            Field field = member(member, size, depth);
            // Bits without a name only fill.
            if (!field.isAnonymous() || field.layout() instanceof Structure inner && !inner.members().isEmpty()) {
                fields.add(field);
            }
        }
        return fields;
    }

    private Field member(BtfType.Member member, int size, int depth) {
        long bitOffset = member.bitOffset();
        int width = member.bitSize();
        if (width == 0 && btf.resolve(member.type()) instanceof BtfType.Int number && !(isPlain(number) && bitOffset % Byte.SIZE == 0)) {
            bitOffset += number.bitOffset();
            width = number.bits();
        }
        int offset = (int) (bitOffset / Byte.SIZE);
        int shift = (int) (bitOffset % Byte.SIZE);
        Layout layout;
        if (width == 0 && shift == 0) {
            layout = layout(member.type(), depth + 1);
        } else if (width >= 1 && width <= MAX_BITS) {
            layout = scalar(member.type(), shift, width);
        } else {
            layout = opaque(member.type());
        }
        return fitting(member.name(), layout, offset, size);
    }

    private List<Field> variables(BtfType.DataSection section, int size, int depth) {
        List<Field> fields = new ArrayList<>();
        Map<String, Integer> seen = new HashMap<>();
        for (BtfType.Placement placement : section.variables()) {
            String name = btf.type(placement.variable()).name();
            if (!name.isEmpty() && btf.type(placement.variable()) instanceof BtfType.Variable variable && placement.offset() <= size) {
                // Functions may have static variables of the same name.
                int count = seen.merge(name, 1, Integer::sum);
                fields.add(fitting(count == 1 ? name : name + "." + count, layout(variable.type(), depth + 1), (int) placement.offset(), size));
            }
        }
        return fields;
    }

    /** The reader of BTF made sure of it for what has a size; this is for the rest. */
    private static Field fitting(String name, Layout layout, int offset, int size) {
        return layout.size() <= size - offset ? new Field(name, layout, offset) : new Field(name, new Opaque(Math.max(0, size - offset), false),
                Math.min(offset, size));
    }
}
