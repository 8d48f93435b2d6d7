package org.trufflebpf.language.dwarf;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.trufflebpf.language.btf.Btf;
import org.trufflebpf.language.btf.BtfType;
import org.trufflebpf.language.btf.BtfType.Qualifier;
import org.trufflebpf.language.btf.BtfWriter;
import org.trufflebpf.language.btf.MalformedBtfException;

/** The types of debug information as those of BTF, which the rest of this language knows. Each is converted once, when its id is first asked for. */
final class DwarfTypes {
    private static final int INDEX = 1;
    private static final int POINTER_BYTES = 8;
    /** Dimensions of an array. */
    private static final int MAX_DIMENSIONS = 16;

    private final Entries entries;
    private final Map<Long, Integer> ids = new HashMap<>();
    private final Deque<Entry> pending = new ArrayDeque<>();
    /** By id, less 1; null until it has been converted. */
    private final List<BtfType> types = new ArrayList<>();

    DwarfTypes(Entries entries) {
        this.entries = entries;
        types.add(new BtfType.Int("__ARRAY_SIZE_TYPE__", 4, 32, 0, false, false, false));
    }

    /** The id of the type that an entry has; 0, void, where it has none. */
    int typeOf(Entry entry) {
        Entry type = entries.at(entry.reference(Code.AT_TYPE));
        if (type == null) {
            return 0;
        }
        return ids.computeIfAbsent(type.offset(), offset -> {
            pending.add(type);
            return reserve();
        });
    }

    /** All that have been asked for, and what they are made of. */
    Btf convert() throws MalformedDwarfException {
        for (Entry next = pending.poll(); next != null; next = pending.poll()) {
            types.set(ids.get(next.offset()) - 1, convert(next));
        }
        try {
            return BtfWriter.parse(types);
        } catch (MalformedBtfException e) {
            throw new MalformedDwarfException("the types of the debug information make no sense: " + e.getMessage());
        }
    }

    private int reserve() {
        types.add(null);
        return types.size();
    }

    private BtfType convert(Entry entry) throws MalformedDwarfException {
        String name = entry.text(Code.AT_NAME);
        return switch (entry.tag()) {
            case Code.TAG_BASE_TYPE -> base(entry, name);
            case Code.TAG_POINTER -> new BtfType.Pointer(typeOf(entry));
            case Code.TAG_STRUCTURE -> composite(entry, name, false);
            case Code.TAG_UNION -> composite(entry, name, true);
            case Code.TAG_ENUMERATION -> enumeration(entry, name);
            case Code.TAG_TYPEDEF -> new BtfType.Typedef(name, typeOf(entry));
            case Code.TAG_CONST -> new BtfType.Qualified(Qualifier.CONST, typeOf(entry));
            case Code.TAG_VOLATILE, Code.TAG_ATOMIC -> new BtfType.Qualified(Qualifier.VOLATILE, typeOf(entry));
            case Code.TAG_RESTRICT -> new BtfType.Qualified(Qualifier.RESTRICT, typeOf(entry));
            case Code.TAG_ARRAY -> array(entry);
            case Code.TAG_SUBROUTINE_TYPE -> new BtfType.FunctionPrototype(typeOf(entry), List.of());
            default -> new BtfType.Forward(name, false);
        };
    }

    private static BtfType base(Entry entry, String name) {
        int size = (int) Math.clamp(entry.number(Code.AT_BYTE_SIZE, 1), 1, 16);
        int encoding = (int) entry.number(Code.AT_ENCODING, 0);
        if (encoding == Code.ENCODING_FLOAT) {
            return new BtfType.Float(name, size);
        }
        boolean signed = encoding == Code.ENCODING_SIGNED || encoding == Code.ENCODING_SIGNED_CHAR;
        return new BtfType.Int(name, size, 8 * size, 0, signed, encoding == Code.ENCODING_SIGNED_CHAR || encoding == Code.ENCODING_UNSIGNED_CHAR,
                        encoding == Code.ENCODING_BOOLEAN);
    }

    private BtfType composite(Entry entry, String name, boolean union) throws MalformedDwarfException {
        if (entry.number(Code.AT_DECLARATION, 0) != 0) {
            return new BtfType.Forward(name, union);
        }
        List<BtfType.Member> members = new ArrayList<>();
        for (Entry child : entry.children()) {
            if (child.tag() == Code.TAG_MEMBER) {
                long bits = child.number(Code.AT_DATA_BIT_OFFSET, 8 * child.number(Code.AT_DATA_MEMBER_LOCATION, 0));
                members.add(new BtfType.Member(child.text(Code.AT_NAME), typeOf(child), bits,
                                (int) Math.clamp(child.number(Code.AT_BIT_SIZE, 0), -1, 256)));
            }
        }
        return new BtfType.Composite(name, union, entry.number(Code.AT_BYTE_SIZE, 0), members);
    }

    private static BtfType enumeration(Entry entry, String name) throws MalformedDwarfException {
        List<BtfType.Enumerator> values = new ArrayList<>();
        boolean signed = false;
        for (Entry child : entry.children()) {
            if (child.tag() == Code.TAG_ENUMERATOR) {
                long value = child.number(Code.AT_CONST_VALUE, 0);
                signed |= value < 0;
                values.add(new BtfType.Enumerator(child.text(Code.AT_NAME), value));
            }
        }
        return new BtfType.Enumeration(name, (int) Math.clamp(entry.number(Code.AT_BYTE_SIZE, 4), 1, POINTER_BYTES), signed, values);
    }

    /** An array of arrays for each dimension but the first. */
    private BtfType array(Entry entry) throws MalformedDwarfException {
        List<Long> counts = new ArrayList<>();
        for (Entry child : entry.children()) {
            if (child.tag() == Code.TAG_SUBRANGE) {
                counts.add(Math.clamp(child.number(Code.AT_COUNT, child.number(Code.AT_UPPER_BOUND, -1) + 1), 0, 0xffff_ffffL));
            }
        }
        if (counts.size() > MAX_DIMENSIONS) {
            throw new MalformedDwarfException("an array has " + counts.size() + " dimensions");
        }
        int element = typeOf(entry);
        for (int i = counts.size() - 1; i > 0; i--) {
            int inner = reserve();
            types.set(inner - 1, new BtfType.Array(element, INDEX, counts.get(i)));
            element = inner;
        }
        return new BtfType.Array(element, INDEX, counts.isEmpty() ? 0 : counts.getFirst());
    }
}
