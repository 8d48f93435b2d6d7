package org.trufflebpf.language.btf;

import java.util.List;

/**
 * When a type of the program and a type of the target are taken for the same. Two notions, both the kernel's: <em>compatible</em> looks at the outer
 * shape only, <em>matching</em> also at names, members and sizes. Names are compared without their flavours ({@code ___old}).
 *
 * <p>Types refer to each other in any way, so the work of all questions together has a budget.
 */
final class CoreTypes {
    private static final int MAX_DEPTH = 32;
    /** About a second; a field of a kernel struct of 300 members takes a thousand. */
    private static final int MAX_WORK = 20_000_000;

    private final Btf local;
    private final Btf target;
    private int work;

    CoreTypes(Btf local, Btf target) {
        this.local = local;
        this.target = target;
    }

    /** Counts one step. */
    void step() throws MalformedBtfException {
        if (++work > MAX_WORK) {
            throw new MalformedBtfException("resolving its relocations against the target's types takes too long");
        }
    }

    /** Whether a type of one kind can stand for the other at all. */
    static boolean sameKind(BtfType a, BtfType b) {
        if (a instanceof BtfType.Composite one && b instanceof BtfType.Composite other) {
            return one.union() == other.union();
        }
        return a.getClass() == b.getClass();
    }

    /** Whether a field of the one type may be accessed as the other. */
    boolean fieldsCompatible(int localId, int targetId) throws MalformedBtfException {
        int one = localId;
        int other = targetId;
        for (int depth = 0; depth < MAX_DEPTH; depth++) {
            step();
            BtfType a = local.resolve(one);
            BtfType b = target.resolve(other);
            if (a instanceof BtfType.Composite && b instanceof BtfType.Composite) {
                return true;
            }
            if (!sameKind(a, b)) {
                return false;
            }
            switch (a) {
                case BtfType.Pointer _, BtfType.Float _ -> {
                    return true;
                }
                case BtfType.Forward _, BtfType.Enumeration _ -> {
                    return a.name().isEmpty() || b.name().isEmpty() || sameName(a, b);
                }
                case BtfType.Int integer -> {
                    return integer.bitOffset() == 0 && ((BtfType.Int) b).bitOffset() == 0;
                }
                case BtfType.Array array -> {
                    one = array.element();
                    other = ((BtfType.Array) b).element();
                }
                default -> {
                    return false;
                }
            }
        }
        return false;
    }

    /** Whether the types exist in the same shape; names below the outermost one do not count. */
    boolean compatible(int localId, int targetId) throws MalformedBtfException {
        return sameKind(local.type(localId), target.type(targetId)) && compatible(localId, targetId, MAX_DEPTH);
    }

    private boolean compatible(int localId, int targetId, int depth) throws MalformedBtfException {
        step();
        BtfType a = local.resolve(localId);
        BtfType b = target.resolve(targetId);
        if (depth == 0 || !sameKind(a, b)) {
            return false;
        }
        return switch (a) {
            case BtfType.Void _, BtfType.Composite _, BtfType.Enumeration _, BtfType.Forward _ -> true;
            case BtfType.Int integer -> integer.bitOffset() == 0 && ((BtfType.Int) b).bitOffset() == 0;
            case BtfType.Pointer pointer -> compatible(pointer.target(), ((BtfType.Pointer) b).target(), depth - 1);
            case BtfType.Array array -> compatible(array.element(), ((BtfType.Array) b).element(), depth - 1);
            case BtfType.FunctionPrototype prototype -> {
                BtfType.FunctionPrototype other = (BtfType.FunctionPrototype) b;
                boolean same = prototype.parameters().size() == other.parameters().size()
                        && compatible(prototype.result(), other.result(), depth - 1);
                for (int i = 0; same && i < prototype.parameters().size(); i++) {
                    same = compatible(prototype.parameters().get(i).type(), other.parameters().get(i).type(), depth - 1);
                }
                yield same;
            }
            case BtfType.Float _, BtfType.Alias _, BtfType.DeclarationTag _, BtfType.Function _, BtfType.Variable _, BtfType.DataSection _ -> false;
        };
    }

    /** Whether the target's type has at least what the program's type has. */
    boolean matching(int localId, int targetId) throws MalformedBtfException {
        return matching(localId, targetId, false, MAX_DEPTH);
    }

    private boolean matching(int localId, int targetId, boolean behindPointer, int depth) throws MalformedBtfException {
        step();
        BtfType a = local.resolve(localId);
        BtfType b = target.resolve(targetId);
        if (depth == 0 || !sameName(a, b)) {
            return false;
        }
        return switch (a) {
            case BtfType.Void _ -> b instanceof BtfType.Void;
            case BtfType.Forward forward -> switch (b) {
                case BtfType.Forward other -> forward.union() == other.union();
                case BtfType.Composite other -> behindPointer && forward.union() == other.union();
                default -> false;
            };
            case BtfType.Enumeration enumeration -> b instanceof BtfType.Enumeration other && enumeratorsMatching(enumeration, other);
            case BtfType.Composite struct -> switch (b) {
                case BtfType.Composite other -> struct.union() == other.union() && (behindPointer || membersMatching(struct, other, depth));
                case BtfType.Forward other -> behindPointer && struct.union() == other.union();
                default -> false;
            };
            case BtfType.Int integer -> b instanceof BtfType.Int other && integer.size() == other.size() && integer.signed() == other.signed();
            case BtfType.Pointer pointer -> b instanceof BtfType.Pointer other && matching(pointer.target(), other.target(), true, depth - 1);
            case BtfType.Array array -> b instanceof BtfType.Array other && array.count() == other.count()
                    && matching(array.element(), other.element(), behindPointer, depth - 1);
            case BtfType.FunctionPrototype prototype -> b instanceof BtfType.FunctionPrototype other
                    && signaturesMatching(prototype, other, behindPointer, depth);
            case BtfType.Float _, BtfType.Alias _, BtfType.DeclarationTag _, BtfType.Function _, BtfType.Variable _, BtfType.DataSection _ -> false;
        };
    }

    private boolean signaturesMatching(BtfType.FunctionPrototype a, BtfType.FunctionPrototype b, boolean behindPointer, int depth)
            throws MalformedBtfException {
        boolean same = a.parameters().size() == b.parameters().size() && matching(a.result(), b.result(), behindPointer, depth - 1);
        for (int i = 0; same && i < a.parameters().size(); i++) {
            same = matching(a.parameters().get(i).type(), b.parameters().get(i).type(), behindPointer, depth - 1);
        }
        return same;
    }

    private boolean membersMatching(BtfType.Composite a, BtfType.Composite b, int depth) throws MalformedBtfException {
        if (a.members().size() > b.members().size()) {
            return false;
        }
        for (BtfType.Member member : a.members()) {
            boolean found = false;
            for (BtfType.Member other : b.members()) {
                step();
                found = sameName(member.name(), other.name()) && matching(member.type(), other.type(), false, depth - 1);
                if (found) {
                    break;
                }
            }
            if (!found) {
                return false;
            }
        }
        return true;
    }

    private boolean enumeratorsMatching(BtfType.Enumeration a, BtfType.Enumeration b) throws MalformedBtfException {
        if (a.values().size() > b.values().size()) {
            return false;
        }
        for (BtfType.Enumerator value : a.values()) {
            if (indexOf(value.name(), b.values()) < 0) {
                return false;
            }
        }
        return true;
    }

    /** The index of the target's enumerator of this name, -1 when there is none. */
    int indexOf(String name, List<BtfType.Enumerator> values) throws MalformedBtfException {
        for (int i = 0; i < values.size(); i++) {
            step();
            if (sameName(name, values.get(i).name())) {
                return i;
            }
        }
        return -1;
    }

    private static boolean sameName(BtfType a, BtfType b) {
        return sameName(a.name(), b.name());
    }

    private static boolean sameName(String a, String b) {
        return Btf.essentialName(a).equals(Btf.essentialName(b));
    }
}
