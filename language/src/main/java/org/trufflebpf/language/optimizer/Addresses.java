package org.trufflebpf.language.optimizer;

import java.util.HashMap;
import java.util.Map;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.verifier.State;
import org.trufflebpf.language.verifier.Value;
import org.trufflebpf.language.verifier.Value.Kind;

/**
 * The addresses that a block accesses memory through, each by the number that it is a constant distance from: its root. All constant distances
 * from the packet's first byte have one root, and so have those from each frame pointer.
 */
final class Addresses {
    private static final int PACKET = 1;
    private static final int FIRST_FRAME = 2;
    /** Roots below are those of packet and frames. */
    static final int FIRST_FREE = FIRST_FRAME + Registers.MAX_DEPTH;

    private final Contents[] registers;
    private final Edits edits;
    private final Map<Integer, Reach> reaches = new HashMap<>();
    private final Map<Integer, Anchor> anchors = new HashMap<>();

    record Address(int root, long offset) {
    }

    /** A register that holds its root plus {@code delta}. */
    record Base(int register, long delta) {
        int offset(long offset) {
            return (int) (offset - delta);
        }
    }

    /** A base as it was before {@code step}. */
    private static final class Anchor {
        final int step;
        final Base base;
        /** Where it has been kept since, or -1. */
        int captured = -1;

        Anchor(int step, Base base) {
            this.step = step;
            this.base = base;
        }
    }

    /** @param registers as they are at the step at hand; a null is a register that nothing is known of */
    Addresses(Contents[] registers, Edits edits) {
        this.registers = registers;
        this.edits = edits;
    }

    /** Of an access at {@code step}, which goes to memory that it is proved to go to. */
    Address of(int step, int register, int offset, State state) {
        Value value = state.register(register);
        Address address = root(register, value);
        reaches.computeIfAbsent(address.root, root -> Reach.of(value, address.offset));
        anchors.computeIfAbsent(address.root, root -> new Anchor(step, new Base(register, address.offset)));
        return new Address(address.root, address.offset + offset);
    }

    /** The same of an access that is only thought of. */
    Address find(int register, int offset, State state) {
        Address address = root(register, state.register(register));
        return new Address(address.root, address.offset + offset);
    }

    private Address root(int register, Value value) {
        if (value.isAt(Kind.PACKET)) {
            return new Address(PACKET, value.min());
        }
        if (value.isAt(Kind.STACK) && value.hasOneFrame()) {
            return new Address(FIRST_FRAME + value.depth(), value.min());
        }
        return new Address(registers[register].root(), registers[register].delta());
    }

    static boolean isStack(int root) {
        return root >= FIRST_FRAME && root < FIRST_FREE;
    }

    boolean overlap(int root, long offset, int size, int otherRoot, long otherOffset, int otherSize) {
        if (root == otherRoot) {
            return offset < otherOffset + otherSize && otherOffset < offset + size;
        }
        return reaches.get(root).overlaps(offset, size, reaches.get(otherRoot), otherOffset, otherSize);
    }

    /** After a call the packet may be elsewhere, and what registers held is gone. */
    void forget() {
        anchors.clear();
        reaches.clear();
    }

    /** A register that leads to {@code root} now, or null if all are overwritten. */
    Base base(int root, State state) {
        if (isStack(root)) {
            return new Base(Registers.framePointer(root - FIRST_FRAME), 0);
        }
        for (int register = 0; register < Registers.NAMED; register++) {
            Value value = state.register(register);
            if (root == PACKET && value.isAt(Kind.PACKET)) {
                return new Base(register, value.min());
            }
            if (root != PACKET && registers[register] != null && registers[register].root() == root) {
                return new Base(register, registers[register].delta());
            }
        }
        return null;
    }

    /** Whether {@link #kept} needs a register of {@link Edits#capture} for it. */
    boolean needsCapture(int root) {
        return anchors.get(root).captured < 0;
    }

    /** A register that still leads to {@code root}: one that is kept from its first use on. */
    Base kept(int root) {
        Anchor anchor = anchors.get(root);
        if (anchor.captured < 0) {
            anchor.captured = edits.capture();
            edits.before(anchor.step, Edits.move(anchor.captured, anchor.base.register));
        }
        return new Base(anchor.captured, anchor.base.delta);
    }
}
