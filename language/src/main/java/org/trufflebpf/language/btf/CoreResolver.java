package org.trufflebpf.language.btf;

import java.util.ArrayList;
import java.util.List;

/**
 * Answers, for the relocations of one object, what a kernel with other types has in the place of what the program was compiled with. Follows the
 * rules of the kernel's own relocation (tools/lib/bpf/relo_core.c): same names, flavours apart, and all candidates must agree.
 */
public final class CoreResolver {
    private static final int MAX_ANONYMOUS_DEPTH = 64;
    private static final int LARGEST_ACCESS = 8;

    private final Btf local;
    private final Btf target;
    private final CoreTypes types;

    /**
     * @param local the object's own types
     * @param target the types of the kernel that it shall run on
     */
    public CoreResolver(Btf local, Btf target) {
        this.local = local;
        this.target = target;
        this.types = new CoreTypes(local, target);
    }

    /**
     * What to put into an instruction.
     *
     * @param resolved whether the target has what is asked for; all else is meaningless when it has not
     * @param original what the compiler put there
     * @param value what belongs there
     * @param checked whether the instruction must hold {@code original}; compilers may disagree on how to access bit-fields
     * @param originalSize bytes of the field as compiled, 0 when the relocation is not the offset of a field
     * @param size bytes of the field in the target, 0 likewise
     * @param resizable whether an access of {@code originalSize} bytes may become one of {@code size} bytes
     */
    public record Resolution(boolean resolved, long original, long value, boolean checked, int originalSize, int size, boolean resizable) {
        private static final Resolution MISSING = new Resolution(false, 0, 0, false, 0, 0, false);
    }

    /** One side of a resolution: the number, whether the compiler's can be relied on, and for a field its size and type. */
    private record Answer(long value, boolean checked, int size, int type) {
        Answer(long value) {
            this(value, true, 0, 0);
        }
    }

    /** @throws MalformedBtfException if the relocation makes no sense, or the target has several types that answer differently */
    public Resolution resolve(CoreRelocation relocation) throws MalformedBtfException {
        CoreAccess access = CoreAccess.parse(relocation, local);
        if (relocation.kind() == CoreRelocation.Kind.TYPE_ID_LOCAL) {
            return new Resolution(true, relocation.type(), relocation.type(), true, 0, 0, true);
        }
        BtfType type = local.type(relocation.type());
        if (type.name().isEmpty()) {
            throw new MalformedBtfException("a relocation against a type without a name");
        }
        Resolution found = null;
        long foundOffset = 0;
        for (int candidate : target.candidates(Btf.essentialName(type.name()), type.getClass()).toArray()) {
            types.step();
            CoreAccess other = CoreTypes.sameKind(type, target.type(candidate)) ? match(relocation.kind(), access, candidate) : null;
            if (other != null) {
                Resolution resolution = resolution(relocation, access, other);
                if (found != null && (!found.equals(resolution) || foundOffset != other.bitOffset())) {
                    throw new MalformedBtfException("several types of the target are called " + type.name() + ", and they disagree");
                }
                found = resolution;
                foundOffset = other.bitOffset();
            }
        }
        return found == null ? resolution(relocation, access, null) : found;
    }

    /** The same way in the target from its type {@code root}, or null. */
    private CoreAccess match(CoreRelocation.Kind kind, CoreAccess access, int root) throws MalformedBtfException {
        if (kind.isType()) {
            boolean same = kind == CoreRelocation.Kind.TYPE_MATCHES ? types.matching(access.root(), root) : types.compatible(access.root(), root);
            return same ? new CoreAccess(root, List.of(), 0) : null;
        }
        if (kind.isEnumerator()) {
            int id = target.resolveId(root);
            int index = target.type(id) instanceof BtfType.Enumeration enumeration ? types.indexOf(access.last().name(), enumeration.values()) : -1;
            return index < 0 ? null : new CoreAccess(root, List.of(new CoreAccess.Step(id, index, access.last().name())), 0);
        }
        return matchField(access, root);
    }

    private CoreAccess matchField(CoreAccess access, int root) throws MalformedBtfException {
        List<CoreAccess.Step> steps = new ArrayList<>();
        long bitOffset = 0;
        int type = root;
        for (CoreAccess.Step step : access.steps()) {
            type = target.resolveId(type);
            if (step.name() != null) {
                int memberType = ((BtfType.Composite) local.type(step.type())).members().get(step.index()).type();
                Found found = findMember(type, step.name(), memberType, 0);
                if (found == null) {
                    return null;
                }
                steps.add(new CoreAccess.Step(found.struct(), found.index(), step.name()));
                bitOffset += found.bitOffset();
                type = found.type();
                continue;
            }
            if (!steps.isEmpty()) {
                if (!(target.type(type) instanceof BtfType.Array array)
                        || step.index() >= array.count() && !CoreAccess.isFlexible(array, steps.getLast(), target)) {
                    return null;
                }
                type = target.resolveId(array.element());
            }
            long size = target.sizeOf(type);
            if (size < 0 || size > Integer.MAX_VALUE) {
                return null;
            }
            steps.add(new CoreAccess.Step(type, step.index(), null));
            bitOffset += step.index() * size * Byte.SIZE;
        }
        return new CoreAccess(root, List.copyOf(steps), bitOffset);
    }

    /** @param bitOffset from the start of the type that was searched, which may hold {@code struct} as an anonymous member */
    private record Found(int struct, int index, long bitOffset, int type) {
    }

    private Found findMember(int type, String name, int localType, int depth) throws MalformedBtfException {
        int id = target.resolveId(type);
        if (!(target.type(id) instanceof BtfType.Composite struct) || depth == MAX_ANONYMOUS_DEPTH) {
            return null;
        }
        for (int i = 0; i < struct.members().size(); i++) {
            types.step();
            BtfType.Member member = struct.members().get(i);
            if (member.name().isEmpty()) {
                Found inner = findMember(member.type(), name, localType, depth + 1);
                if (inner != null) {
                    return new Found(inner.struct(), inner.index(), member.bitOffset() + inner.bitOffset(), inner.type());
                }
            } else if (member.name().equals(name)) {
                return types.fieldsCompatible(localType, member.type()) ? new Found(id, i, member.bitOffset(), member.type()) : null;
            }
        }
        return null;
    }

    /** @param other null when the target has no such thing */
    private Resolution resolution(CoreRelocation relocation, CoreAccess access, CoreAccess other) throws MalformedBtfException {
        CoreRelocation.Kind kind = relocation.kind();
        Answer original = answer(kind, access, local);
        boolean asksForExistence = kind == CoreRelocation.Kind.FIELD_EXISTS || kind == CoreRelocation.Kind.ENUMVAL_EXISTS || kind.isType();
        if (other == null && !asksForExistence) {
            return Resolution.MISSING;
        }
        Answer value = other == null ? new Answer(0) : answer(kind, other, target);
        return new Resolution(true, original.value(), value.value(), original.checked(), original.size(), value.size(), isResizable(original, value));
    }

    /** Pointers, which are smaller on other machines, and unsigned integers, which loads extend with zeros. */
    private boolean isResizable(Answer original, Answer value) {
        if (original.size() == value.size()) {
            return true;
        }
        BtfType a = local.resolve(original.type());
        BtfType b = target.resolve(value.type());
        return a instanceof BtfType.Pointer && b instanceof BtfType.Pointer
                || a instanceof BtfType.Int one && b instanceof BtfType.Int other && !one.signed() && !other.signed();
    }

    private static Answer answer(CoreRelocation.Kind kind, CoreAccess access, Btf btf) throws MalformedBtfException {
        return switch (kind) {
            case FIELD_EXISTS, TYPE_EXISTS, TYPE_MATCHES, ENUMVAL_EXISTS -> new Answer(1);
            // The compiler has its own types' ids only; what it put there for the target's says nothing.
            case TYPE_ID_LOCAL, TYPE_ID_TARGET -> new Answer(access.root(), false, 0, 0);
            case TYPE_SIZE -> new Answer(size(access.root(), btf));
            case ENUMVAL_VALUE -> {
                BtfType.Enumeration type = (BtfType.Enumeration) btf.type(access.last().type());
                long value = type.values().get(access.last().index()).value();
                // Compilers before LLVM 15 did not mark signed enums; the kernel takes all values of 32 bits as signed.
                yield new Answer(type.size() <= Integer.BYTES ? (int) value : value);
            }
            case FIELD_BYTE_OFFSET, FIELD_BYTE_SIZE, FIELD_SIGNED, FIELD_LSHIFT_U64, FIELD_RSHIFT_U64 ->
                access.last().name() == null ? elementAnswer(kind, access, btf) : fieldAnswer(kind, access, btf);
        };
    }

    private static Answer elementAnswer(CoreRelocation.Kind kind, CoreAccess access, Btf btf) throws MalformedBtfException {
        int type = access.last().type();
        int size = size(type, btf);
        return switch (kind) {
            case FIELD_BYTE_OFFSET -> new Answer(access.bitOffset() / Byte.SIZE, true, size, type);
            case FIELD_BYTE_SIZE -> new Answer(size);
            default -> throw new MalformedBtfException("a bit-field relocation against an element of an array");
        };
    }

    private static Answer fieldAnswer(CoreRelocation.Kind kind, CoreAccess access, Btf btf) throws MalformedBtfException {
        BtfType.Member member = ((BtfType.Composite) btf.type(access.last().type())).members().get(access.last().index());
        BtfType type = btf.resolve(member.type());
        long bitOffset = access.bitOffset();
        boolean bitField = member.bitSize() != 0;
        int byteSize = size(member.type(), btf);
        long bitSize = bitField ? member.bitSize() : (long) byteSize * Byte.SIZE;
        long byteOffset = bitOffset / Byte.SIZE;
        if (bitField) {
            // The smallest aligned integer that holds all bits.
            byteOffset = alignedOffset(bitOffset, byteSize);
            while (bitOffset + bitSize - byteOffset * Byte.SIZE > (long) byteSize * Byte.SIZE) {
                if (byteSize >= LARGEST_ACCESS) {
                    throw new MalformedBtfException("the bit-field " + member.name() + " cannot be read with one load");
                }
                byteSize *= 2;
                byteOffset = alignedOffset(bitOffset, byteSize);
            }
        }
        return switch (kind) {
            case FIELD_BYTE_OFFSET -> bitField ? new Answer(byteOffset, false, 0, 0) : offsetAnswer(byteOffset, member.type(), btf);
            case FIELD_BYTE_SIZE -> new Answer(byteSize, !bitField, 0, 0);
            case FIELD_SIGNED -> new Answer(type instanceof BtfType.Int integer && integer.signed()
                    || type instanceof BtfType.Enumeration enumeration && enumeration.signed() ? 1 : 0);
            case FIELD_LSHIFT_U64 -> new Answer(Long.SIZE - (bitOffset + bitSize - byteOffset * Byte.SIZE), !bitField, 0, 0);
            case FIELD_RSHIFT_U64 -> new Answer(Long.SIZE - bitSize);
            default -> throw new AssertionError(kind);
        };
    }

    /** An access to an array is one to its first element. */
    private static Answer offsetAnswer(long byteOffset, int type, Btf btf) throws MalformedBtfException {
        int accessed = btf.resolveId(type);
        for (int depth = 0; btf.type(accessed) instanceof BtfType.Array array && depth < MAX_ANONYMOUS_DEPTH; depth++) {
            accessed = btf.resolveId(array.element());
        }
        return new Answer(byteOffset, true, size(accessed, btf), accessed);
    }

    private static long alignedOffset(long bitOffset, int byteSize) throws MalformedBtfException {
        if (byteSize == 0) {
            throw new MalformedBtfException("a bit-field of a type without a size");
        }
        return bitOffset / Byte.SIZE / byteSize * byteSize;
    }

    private static int size(int type, Btf btf) throws MalformedBtfException {
        long size = btf.sizeOf(type);
        if (size < 0 || size > Integer.MAX_VALUE) {
            throw new MalformedBtfException("a relocation against a type without a size");
        }
        return (int) size;
    }
}
