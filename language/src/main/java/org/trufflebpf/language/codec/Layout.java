package org.trufflebpf.language.codec;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.trufflebpf.language.btf.BtfType.Enumerator;

/** How a value lies in memory and what it means: a type of the BTF without its aliases. Immutable. Bytes are little-endian but where said. */
sealed interface Layout {

    /** Bytes from the first to the last that the value touches. */
    int size();

    /**
     * A whole number, a bit-field or not.
     *
     * @param shift bits of the first byte that come before it
     * @param width bits, 1 to 128
     * @param bigEndian whether it lies in network byte order; only of whole bytes, at most 8
     */
    record Number(int shift, int width, boolean signed, boolean bigEndian) implements Layout {
        @Override
        public int size() {
            return (shift + width + Byte.SIZE - 1) / Byte.SIZE;
        }
    }

    /** A bool: false when all bits of the number are 0. */
    record Truth(Number number) implements Layout {
        @Override
        public int size() {
            return number.size();
        }
    }

    /**
     * An enum.
     *
     * @param values by name, in the order of the declaration; as {@link Enumerator#value()}
     * @param names by value; of several with the same value the first
     */
    record Choice(Number number, Map<String, Long> values, Map<Long, String> names) implements Layout {
        @Override
        public int size() {
            return number.size();
        }
    }

    /** @param size 4 or 8 */
    record Floating(int size) implements Layout {
    }

    /** An array of char: text if it ends with 0 and only zeros follow, otherwise bytes. */
    record Text(int size) implements Layout {
    }

    /** An array; one whose elements have no size has none. */
    record Sequence(Layout element, int count) implements Layout {
        @Override
        public int size() {
            return element.size() * count;
        }
    }

    /**
     * A struct, a union, or the variables of a data section.
     *
     * @param fields as declared; those without a name are structures
     * @param members all that has a name, with that of fields without one, by name; offsets are from the start of this structure
     */
    record Structure(boolean union, int size, List<Field> fields, Map<String, Field> members) implements Layout {
        static Structure of(boolean union, int size, List<Field> fields) {
            Map<String, Field> members = new LinkedHashMap<>();
            for (Field field : fields) {
                if (field.layout instanceof Structure inner && field.isAnonymous()) {
                    inner.members.forEach((name, member) -> members.putIfAbsent(name, new Field(name, member.layout, field.offset + member.offset)));
                } else {
                    members.putIfAbsent(field.name, field);
                }
            }
            return new Structure(union, size, List.copyOf(fields), members);
        }
    }

    /**
     * Part of a structure.
     *
     * @param name empty for an anonymous struct or union, whose members then belong to the structure around it
     * @param offset bytes from the structure's start
     */
    record Field(String name, Layout layout, int offset) {
        boolean isAnonymous() {
            return name.isEmpty();
        }
    }

    /**
     * Bytes.
     *
     * @param reserved whether only programs may set them, as a spin lock or a timer; zero for everybody else
     */
    record Opaque(int size, boolean reserved) implements Layout {
    }
}
