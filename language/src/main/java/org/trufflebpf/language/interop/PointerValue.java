package org.trufflebpf.language.interop;

import java.util.Map;
import java.util.function.LongFunction;

/** A pointer of a program that a debugger has stopped: where it points, in words, and what is there, as it was then. */
public final class PointerValue extends ValueWithMembers {
    private static final MetaObject KIND = new MetaObject("pointer", PointerValue.class);
    private static final String TARGET = "*";

    private final String place;
    private final long address;
    private final long targetBytes;
    private final Map<String, Object> members;
    private final Object target;
    private final LongFunction<PointerValue> elsewhere;

    /**
     * @param place as people see it
     * @param targetBytes of what it points to; 0 where that has no size
     * @param target an interop value or a number with its type; null where it must not be read
     * @param members of a target that is a structure; otherwise the target itself is the member {@code *}
     * @param elsewhere the pointer of the same type to another address; asked only as long as the program stands where it does
     */
    public PointerValue(String place, long address, long targetBytes, Object target, Map<String, Object> members,
                    LongFunction<PointerValue> elsewhere) {
        this.place = place;
        this.address = address;
        this.targetBytes = targetBytes;
        this.target = target;
        this.members = target != null && members.isEmpty() ? Map.of(TARGET, target) : members;
        this.elsewhere = elsewhere;
    }

    public long address() {
        return address;
    }

    /** Bytes of what it points to as C counts: 1 for what has no size. */
    public long stride() {
        return Math.max(1, targetBytes);
    }

    /** An interop value or a number with its type; null where it must not be read. */
    public Object target() {
        return target;
    }

    /** The pointer to the element that many further on. */
    public PointerValue plus(long elements) {
        return elsewhere.apply(address + elements * stride());
    }

    @Override
    protected Map<String, Object> members() {
        return members;
    }

    @Override
    protected MetaObject kind() {
        return KIND;
    }

    @Override
    protected String describe() {
        return place;
    }
}
