package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.CompilerDirectives.CompilationFinal;
import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.ExplodeLoop;
import org.trufflebpf.language.runtime.Worker;
import org.trufflebpf.language.verifier.StackWindow;
import org.trufflebpf.maps.BpfMap;

/**
 * The address of a memory access, checked unless it was proved. What these nodes return may be read and written for the size they were made for.
 */
abstract class AddressNode extends ExpressionNode {

    /** A place in a stack frame: the frame's memory has a fixed address for each worker. */
    static final class Stack extends AddressNode {
        private final long distance;

        /** @param offset from the frame pointer, negative */
        Stack(int depth, long offset) {
            this((depth + 1L) * FrameLayout.FRAME_BYTES + offset);
        }

        private Stack(long distance) {
            this.distance = distance;
        }

        /** @param distance from the start of the {@link StackMemory} */
        static Stack at(long distance) {
            return new Stack(distance);
        }

        /** @param word as in {@link org.trufflebpf.language.verifier.State#word} */
        static Stack ofWord(int word) {
            return at(8L * word);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return frame.getLongStatic(FrameLayout.STACK) + distance;
        }
    }

    /** An access that the verifier proved. */
    static final class Proved extends AddressNode {
        @Child private ExpressionNode base;
        private final long offset;

        Proved(ExpressionNode base, long offset) {
            this.base = base;
            this.offset = offset;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return base.execute(frame) + offset;
        }
    }

    /** Inside the packet, metadata included where {@code startSlot} says so. */
    static final class Packet extends AddressNode {
        @Child private ExpressionNode base;
        private final long offset;
        private final int size;
        private final int startSlot;
        private final int endSlot;
        private final TrapSite trap;

        Packet(ExpressionNode base, long offset, int size, int startSlot, int endSlot, TrapSite trap) {
            this.base = base;
            this.offset = offset;
            this.size = size;
            this.startSlot = startSlot;
            this.endSlot = endSlot;
            this.trap = trap;
        }

        @Override
        public long execute(VirtualFrame frame) {
            long address = base.execute(frame) + offset;
            // Signed comparisons: user addresses are positive, and end - size cannot overflow.
            if (address < frame.getLongStatic(startSlot) || address > frame.getLongStatic(endSlot) - size) {
                throw trap.trap(frame, address, size, true);
            }
            return address;
        }
    }

    /** Inside any of the regions that the pointer can belong to; none of them: always a trap. */
    static final class Checked extends AddressNode {
        @Child private ExpressionNode base;
        @Child private ExpressionNode size;
        private final long offset;
        private final Regions regions;
        private final TrapSite trap;

        /** @param size in bytes, from 0 on; with 0 the address is not looked at */
        Checked(ExpressionNode base, long offset, ExpressionNode size, Regions regions, TrapSite trap) {
            this.base = base;
            this.offset = offset;
            this.size = size;
            this.regions = regions;
            this.trap = trap;
        }

        @Override
        public long execute(VirtualFrame frame) {
            long address = base.execute(frame) + offset;
            long bytes = size.execute(frame);
            if (bytes != 0 && !regions.contain(frame, address, bytes)) {
                throw trap.trap(frame, address, bytes, regions.packet, regions.maps);
            }
            return address;
        }
    }

    /**
     * The memory that a pointer can point into.
     *
     * <p>For maps the check is exact to the element: the access must lie in one value, so that links and keys beside the values stay whole whatever
     * the program computes. For the stack it is exact to what the analysis took the access for.
     */
    static final class Regions {
        private final boolean packet;
        private final int packetStartSlot;
        private final int packetEndSlot;
        private final int stackFrames;
        private final int stackFirst;
        private final int stackLast;
        @CompilationFinal(dimensions = 1) private final ValueArea[] maps;
        private final Rings rings;
        /** Null where it can be no key. */
        private final Keys keys;
        /** Null where it can be no value of an inner map. */
        private final InnerMaps innerMaps;

        Regions(boolean packet, int packetStartSlot, int packetEndSlot, StackWindow stack, ValueArea[] maps, Rings rings, Keys keys, InnerMaps innerMaps) {
            this.packet = packet;
            this.packetStartSlot = packetStartSlot;
            this.packetEndSlot = packetEndSlot;
            this.stackFrames = stack.frames();
            this.stackFirst = stack.first() + FrameLayout.FRAME_BYTES;
            this.stackLast = stack.last() + FrameLayout.FRAME_BYTES;
            this.maps = maps;
            this.rings = rings;
            this.keys = keys;
            this.innerMaps = innerMaps;
        }

        boolean contain(VirtualFrame frame, long address, long size) {
            return contain(frame.getLongStatic(packetStartSlot), frame.getLongStatic(packetEndSlot), frame.getLongStatic(FrameLayout.STACK),
                            Rings.Held.of(frame), (Worker) frame.getArguments()[0], address, size);
        }

        @ExplodeLoop
        boolean contain(long packetStart, long packetEnd, long stack, Rings.Held held, Worker worker, long address, long size) {
            if (packet && address >= packetStart && size <= packetEnd - address && size >= 0) {
                return true;
            }
            if (stackFrames != 0) {
                long distance = address - stack;
                long inFrame = distance & FrameLayout.FRAME_BYTES - 1;
                if (distance >= 0 && distance < StackMemory.CURSORS && (stackFrames >>> distance / FrameLayout.FRAME_BYTES & 1) != 0 &&
                                inFrame >= stackFirst && size >= 0 && size <= stackLast + 1 - inFrame) {
                    return true;
                }
            }
            for (ValueArea map : maps) {
                if (map.contains(address, size)) {
                    return true;
                }
            }
            if (rings.own(held, worker, address, size)) {
                return true;
            }
            return keys != null && keys.contain(stack, address, size) || innerMaps != null && innerMaps.contain(address, size);
        }
    }

    /**
     * The keys that a program can hold the address of: those in hash tables, and those of array elements in its cursors.
     *
     * @param innerMaps null where it can be no key of an inner map
     */
    record Keys(ValueArea[] maps, InnerMaps innerMaps) {
        /** @param stack start of the {@link StackMemory} */
        boolean contain(long stack, long address, long size) {
            return StackMemory.isKey(address - stack, size) || inMaps(address, size);
        }

        /** Keys go through this only where the program computes which byte of one it looks at. */
        @TruffleBoundary
        private boolean inMaps(long address, long size) {
            for (ValueArea map : maps) {
                if (map.contains(address, size)) {
                    return true;
                }
            }
            return innerMaps != null && innerMaps.containKey(address, size);
        }
    }

    /**
     * The values of one map, or its keys.
     *
     * @param address of the first element
     * @param bytes of all elements
     * @param stride bytes from one element to the next
     * @param valueOffset where the value begins in an element
     * @param valueSize its bytes
     */
    record ValueArea(long address, long bytes, long stride, long valueOffset, long valueSize) {
        static ValueArea ofValues(BpfMap map) {
            return new ValueArea(map.valuesAddress(), map.valuesSize(), map.stride(), map.valueOffset(), map.valueSize());
        }

        static ValueArea ofKeys(BpfMap map) {
            return new ValueArea(map.keysAddress(), map.keysSize(), map.keyStride(), map.keyOffset(), map.keySize());
        }

        boolean contains(long pointer, long size) {
            long distance = pointer - address;
            if (distance < 0 || distance >= bytes) {
                return false;
            }
            long inElement = distance % stride - valueOffset;
            return inElement >= 0 && size >= 0 && size <= valueSize - inElement;
        }
    }
}
