package org.trufflebpf.language.btf;

import java.util.ArrayList;
import java.util.List;

/**
 * A field, an enumerator or a type, as the way to it from a root type.
 *
 * @param steps the first over the root type itself, as if it were an array of it; members of anonymous structs count only in {@code bitOffset}
 * @param bitOffset of the field from the start of the root type
 */
record CoreAccess(int root, List<Step> steps, long bitOffset) {
    private static final int MAX_STEPS = 64;

    /**
     * @param type the struct of a member, the enum of an enumerator; for an element its own type
     * @param name of the member or enumerator; null for an element
     */
    record Step(int type, int index, String name) {
    }

    Step last() {
        return steps.getLast();
    }

    /** Reads the way that the compiler wrote down for its own types. */
    static CoreAccess parse(CoreRelocation relocation, Btf btf) throws MalformedBtfException {
        List<Integer> indices = indices(relocation);
        List<Step> steps = new ArrayList<>();
        int type = btf.resolveId(relocation.type());
        int first = indices.get(0);
        if (relocation.kind().isType()) {
            return new CoreAccess(relocation.type(), List.of(), 0);
        }
        if (relocation.kind().isEnumerator()) {
            if (!(btf.type(type) instanceof BtfType.Enumeration enumeration) || indices.size() != 1 || first >= enumeration.values().size()) {
                throw malformed(relocation);
            }
            return new CoreAccess(relocation.type(), List.of(new Step(type, first, enumeration.values().get(first).name())), 0);
        }
        steps.add(new Step(type, first, null));
        long bitOffset = bits(first, btf.sizeOf(type), relocation);
        for (int index : indices.subList(1, indices.size())) {
            type = btf.resolveId(type);
            switch (btf.type(type)) {
                case BtfType.Composite struct when index < struct.members().size() -> {
                    BtfType.Member member = struct.members().get(index);
                    bitOffset += member.bitOffset();
                    if (!member.name().isEmpty()) {
                        steps.add(new Step(type, index, member.name()));
                    }
                    type = member.type();
                }
                case BtfType.Array array when index < array.count() || isFlexible(array, steps.getLast(), btf) -> {
                    type = btf.resolveId(array.element());
                    steps.add(new Step(type, index, null));
                    bitOffset += bits(index, btf.sizeOf(type), relocation);
                }
                default -> throw malformed(relocation);
            }
        }
        return new CoreAccess(relocation.type(), List.copyOf(steps), bitOffset);
    }

    /** Whether an array without a length is the end of the struct that {@code holder} names a member of. */
    static boolean isFlexible(BtfType.Array array, Step holder, Btf btf) {
        return array.count() == 0 && holder.name() != null && btf.type(holder.type()) instanceof BtfType.Composite struct
                && holder.index() == struct.members().size() - 1;
    }

    private static List<Integer> indices(CoreRelocation relocation) throws MalformedBtfException {
        String[] parts = relocation.access().split(":", MAX_STEPS + 1);
        List<Integer> indices = new ArrayList<>();
        try {
            for (String part : parts) {
                indices.add(Integer.parseUnsignedInt(part));
            }
        } catch (NumberFormatException _) {
            throw malformed(relocation);
        }
        if (parts.length > MAX_STEPS || indices.stream().anyMatch(index -> index < 0)) {
            throw malformed(relocation);
        }
        return indices;
    }

    private static long bits(int index, long size, CoreRelocation relocation) throws MalformedBtfException {
        // A whole object is smaller than the file's size limit allows; what overflows here is no real type.
        if (size < 0 || size > Integer.MAX_VALUE) {
            throw malformed(relocation);
        }
        return index * size * Byte.SIZE;
    }

    private static MalformedBtfException malformed(CoreRelocation relocation) {
        return new MalformedBtfException("the relocation against '" + relocation.access() + "' of type " + relocation.type()
                + " does not fit the type");
    }
}
