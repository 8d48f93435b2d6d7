package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.CompilerDirectives.CompilationFinal;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.ExplodeLoop;
import java.util.Arrays;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.language.runtime.Worker;

/**
 * What the parts of a program leave to each other, in the worker's {@link StackMemory}: where to go on, the packet's place, and the variables. Each
 * variable has one place there; a part fetches those that it uses and puts back those that it writes, if the next part can read them.
 */
final class PartNodes {
    /** Where to go on when the program has ended. A part and an entry into it are one number that is not negative: {@link #place}. */
    static final long END = -1;
    static final long TRAPPED = -2;
    static final long TAIL_CALL = -3;

    /** Slots below {@link FrameLayout#FIRST_VARIABLE} that change while a program runs; the others are the same from its beginning to its end. */
    @CompilationFinal(dimensions = 1) private static final int[] CHANGING = {FrameLayout.DATA, FrameLayout.DATA_END, FrameLayout.DATA_META,
                    FrameLayout.BUDGET, FrameLayout.RECORD, FrameLayout.RECORD_SIZE, FrameLayout.RECORD_RING, FrameLayout.PACKET_END};
    @CompilationFinal(dimensions = 1) private static final int[] FIXED = {FrameLayout.DESCRIPTOR, FrameLayout.BURST};

    private PartNodes() {
    }

    /** @param entry one of those of {@code part}, from 0 */
    static long place(int part, int entry) {
        return (long) part << 32 | entry;
    }

    static int part(long place) {
        return (int) (place >>> 32);
    }

    static long next(Worker worker) {
        return Memory.getLong(worker.stackAddress() + StackMemory.NEXT);
    }

    static void setNext(Worker worker, long place) {
        Memory.putLong(worker.stackAddress() + StackMemory.NEXT, place);
    }

    /** For the first part, and those after it. */
    @ExplodeLoop
    static void putFixed(VirtualFrame frame) {
        for (int slot : FIXED) {
            put(frame, slot, StackMemory.ofSlot(slot));
        }
    }

    @ExplodeLoop
    static void putChanging(VirtualFrame frame) {
        for (int slot : CHANGING) {
            put(frame, slot, StackMemory.ofSlot(slot));
        }
    }

    @ExplodeLoop
    static void fetchChanging(VirtualFrame frame) {
        for (int slot : CHANGING) {
            fetch(frame, slot, StackMemory.ofSlot(slot));
        }
    }

    /** Of a frame that is new. */
    @ExplodeLoop
    static void fetchAll(VirtualFrame frame, Worker worker) {
        frame.setLongStatic(FrameLayout.STACK, worker.stackAddress());
        for (int slot : FIXED) {
            fetch(frame, slot, StackMemory.ofSlot(slot));
        }
        fetchChanging(frame);
    }

    private static void put(VirtualFrame frame, int slot, int place) {
        Memory.putLong(frame.getLongStatic(FrameLayout.STACK) + place, frame.getLongStatic(slot));
    }

    private static void fetch(VirtualFrame frame, int slot, int place) {
        frame.setLongStatic(slot, Memory.getLong(frame.getLongStatic(FrameLayout.STACK) + place));
    }

    /** The entry at which the part begins. */
    static final class Entry extends ExpressionNode {
        @Override
        public long execute(VirtualFrame frame) {
            return (int) Memory.getLong(frame.getLongStatic(FrameLayout.STACK) + StackMemory.NEXT);
        }
    }

    /** Says where to go on. */
    static final class GoOn extends StatementNode {
        private final long place;

        GoOn(long place) {
            this.place = place;
        }

        @Override
        public void execute(VirtualFrame frame) {
            Memory.putLong(frame.getLongStatic(FrameLayout.STACK) + StackMemory.NEXT, place);
        }
    }

    /** Moves variables between their frame slots and their places. */
    private abstract static class Move extends StatementNode {
        @CompilationFinal(dimensions = 1) private final int[] slots;
        @CompilationFinal(dimensions = 1) private final int[] places;

        /** @param variables that the frame has slots for */
        Move(FrameLayout layout, int[] variables) {
            this.slots = Arrays.stream(variables).map(layout::slot).toArray();
            this.places = places(variables);
        }

        @Override
        @ExplodeLoop
        public final void execute(VirtualFrame frame) {
            for (int i = 0; i < slots.length; i++) {
                move(frame, slots[i], places[i]);
            }
        }

        abstract void move(VirtualFrame frame, int slot, int place);
    }

    static final class Fetch extends Move {
        Fetch(FrameLayout layout, int[] variables) {
            super(layout, variables);
        }

        @Override
        void move(VirtualFrame frame, int slot, int place) {
            fetch(frame, slot, place);
        }
    }

    static final class Put extends Move {
        Put(FrameLayout layout, int[] variables) {
            super(layout, variables);
        }

        @Override
        void move(VirtualFrame frame, int slot, int place) {
            put(frame, slot, place);
        }
    }

    /** Variables are 0 until they are written. */
    static final class PutZeros extends StatementNode {
        @CompilationFinal(dimensions = 1) private final int[] places;

        PutZeros(int[] variables) {
            this.places = places(variables);
        }

        @Override
        @ExplodeLoop
        public void execute(VirtualFrame frame) {
            for (int place : places) {
                Memory.putLong(frame.getLongStatic(FrameLayout.STACK) + place, 0);
            }
        }
    }

    private static int[] places(int[] variables) {
        return Arrays.stream(variables).map(StackMemory::ofVariable).toArray();
    }
}
