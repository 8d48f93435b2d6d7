package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;
import org.trufflebpf.language.helpers.Bytes;
import org.trufflebpf.language.helpers.MapSource;
import org.trufflebpf.language.runtime.Worker;
import org.trufflebpf.language.verifier.DynptrArgument;
import org.trufflebpf.maps.Errno;
import org.trufflebpf.maps.RingMap;

/** Helpers and kernel functions on dynptrs; what they answer is as in the kernel's kernel/bpf/helpers.c and kernel/bpf/ringbuf.c. */
final class DynptrNodes {
    private DynptrNodes() {
    }

    /** bpf_dynptr_from_xdp. */
    static final class OfPacket extends ExpressionNode {
        private final DynptrPlace place;
        @Child private ExpressionNode flags;

        OfPacket(DynptrPlace place, ExpressionNode flags) {
            this.place = place;
            this.flags = flags;
        }

        @Override
        public long execute(VirtualFrame frame) {
            if (flags.execute(frame) != 0) {
                place.make(frame, 0, Dynptr.PACKET);
                return -Errno.EINVAL;
            }
            place.make(frame, 1, Dynptr.PACKET | frame.getLongStatic(FrameLayout.PACKET_END) - frame.getLongStatic(FrameLayout.DATA));
            return 0;
        }
    }

    /** bpf_dynptr_from_mem. */
    static final class OfValue extends ExpressionNode {
        private final DynptrPlace place;
        @Child private ExpressionNode memory;
        @Child private ExpressionNode size;
        @Child private ExpressionNode flags;

        OfValue(DynptrPlace place, ExpressionNode memory, ExpressionNode size, ExpressionNode flags) {
            this.place = place;
            this.memory = memory;
            this.size = size;
            this.flags = flags;
        }

        @Override
        public long execute(VirtualFrame frame) {
            long address = memory.execute(frame);
            long bytes = size.execute(frame);
            boolean flagged = flags.execute(frame) != 0;
            if (bytes > Dynptr.MAX_SIZE || flagged) {
                place.make(frame, 0, Dynptr.VALUE);
                return bytes > Dynptr.MAX_SIZE ? -Errno.E2BIG : -Errno.EINVAL;
            }
            place.make(frame, address, Dynptr.VALUE | bytes);
            return 0;
        }
    }

    /** bpf_ringbuf_reserve_dynptr. */
    static final class OfRecord extends ExpressionNode {
        private final DynptrPlace place;
        @Child private MapSource<RingMap> ring;
        @Child private ExpressionNode size;
        @Child private ExpressionNode flags;

        OfRecord(DynptrPlace place, MapSource<RingMap> ring, ExpressionNode size, ExpressionNode flags) {
            this.place = place;
            this.ring = ring;
            this.size = size;
            this.flags = flags;
        }

        @Override
        public long execute(VirtualFrame frame) {
            long bytes = size.execute(frame);
            boolean flagged = flags.execute(frame) != 0;
            long record = flagged || bytes > Dynptr.MAX_SIZE ? 0 : ring.execute(frame).reserve(bytes, 0, ((Worker) frame.getArguments()[0]).cpu());
            place.make(frame, record, record == 0 ? Dynptr.RECORD : Dynptr.RECORD | bytes);
            return record != 0 ? 0 : !flagged && bytes > Dynptr.MAX_SIZE ? -Errno.E2BIG : -Errno.EINVAL;
        }
    }

    /** bpf_ringbuf_submit_dynptr and bpf_ringbuf_discard_dynptr. */
    static final class GiveBack extends ExpressionNode {
        private final boolean submits;
        private final Dynptr dynptr;
        @Child private ExpressionNode flags;

        GiveBack(boolean submits, Dynptr dynptr, ExpressionNode flags) {
            this.submits = submits;
            this.dynptr = dynptr;
            this.flags = flags;
        }

        @Override
        public long execute(VirtualFrame frame) {
            dynptr.giveBack(frame, submits, flags.execute(frame));
            return 0;
        }
    }

    /** bpf_dynptr_read and bpf_dynptr_write. */
    static final class Transfer extends ExpressionNode {
        private final boolean reads;
        private final Dynptr dynptr;
        @Child private ExpressionNode memory;
        @Child private ExpressionNode size;
        @Child private ExpressionNode offset;
        @Child private ExpressionNode flags;

        /** @param memory {@code size} bytes that the program may read or, if it {@code reads} the dynptr, write */
        Transfer(boolean reads, Dynptr dynptr, ExpressionNode memory, ExpressionNode size, ExpressionNode offset, ExpressionNode flags) {
            this.reads = reads;
            this.dynptr = dynptr;
            this.memory = memory;
            this.size = size;
            this.offset = offset;
            this.flags = flags;
        }

        @Override
        public long execute(VirtualFrame frame) {
            long address = memory.execute(frame);
            long bytes = size.execute(frame);
            long state = dynptr.state(frame);
            boolean flagged = flags.execute(frame) != 0;
            if (dynptr.isNull(frame) || flagged && reads) {
                return -Errno.EINVAL;
            }
            long found = dynptr.locate(frame, state, offset.execute(frame), bytes);
            if (found < 0) {
                return found;
            }
            if (flagged) {
                return -Errno.EINVAL;
            }
            Bytes.move(reads ? found : address, reads ? address : found, bytes);
            return 0;
        }
    }

    /** bpf_dynptr_data. */
    static final class Data extends ExpressionNode {
        private final Dynptr dynptr;
        @Child private ExpressionNode offset;
        @Child private ExpressionNode size;

        Data(Dynptr dynptr, ExpressionNode offset, ExpressionNode size) {
            this.dynptr = dynptr;
            this.offset = offset;
            this.size = size;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return dynptr.isOfPacket(dynptr.state(frame)) ? 0 : dynptr.slice(frame, offset.execute(frame), size.execute(frame));
        }
    }

    /**
     * bpf_dynptr_slice and bpf_dynptr_slice_rdwr, which differ for dynptrs that programs here cannot make. The kernel uses the program's buffer for
     * bytes that do not lie together; here the fragments of a packet do.
     */
    static final class Slice extends ExpressionNode {
        private final Dynptr dynptr;
        @Child private ExpressionNode offset;
        @Child private ExpressionNode size;

        Slice(Dynptr dynptr, ExpressionNode offset, ExpressionNode size) {
            this.dynptr = dynptr;
            this.offset = offset;
            this.size = size;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return dynptr.slice(frame, offset.execute(frame), size.execute(frame));
        }
    }

    /** bpf_dynptr_adjust. */
    static final class Adjust extends ExpressionNode {
        private final Dynptr dynptr;
        @Child private ExpressionNode start;
        @Child private ExpressionNode end;

        Adjust(Dynptr dynptr, ExpressionNode start, ExpressionNode end) {
            this.dynptr = dynptr;
            this.start = start;
            this.end = end;
        }

        @Override
        public long execute(VirtualFrame frame) {
            long state = dynptr.state(frame);
            long first = start.execute(frame);
            long last = end.execute(frame);
            if (dynptr.isNull(frame) || first > last) {
                return -Errno.EINVAL;
            }
            if (last > Dynptr.size(state)) {
                return -Errno.ERANGE;
            }
            dynptr.place().change(frame, Dynptr.adjusted(state, first, last));
            return 0;
        }
    }

    /** bpf_dynptr_is_null. */
    static final class IsNull extends ExpressionNode {
        private final Dynptr dynptr;

        IsNull(Dynptr dynptr) {
            this.dynptr = dynptr;
        }

        @Override
        public long execute(VirtualFrame frame) {
            dynptr.state(frame);
            return dynptr.isNull(frame) ? 1 : 0;
        }
    }

    /** bpf_dynptr_is_rdonly: no call of XDP programs makes one that is. */
    static final class IsReadOnly extends ExpressionNode {
        private final Dynptr dynptr;

        IsReadOnly(Dynptr dynptr) {
            this.dynptr = dynptr;
        }

        @Override
        public long execute(VirtualFrame frame) {
            dynptr.state(frame);
            return 0;
        }
    }

    /** bpf_dynptr_size. */
    static final class Size extends ExpressionNode {
        private final Dynptr dynptr;

        Size(Dynptr dynptr) {
            this.dynptr = dynptr;
        }

        @Override
        public long execute(VirtualFrame frame) {
            long state = dynptr.state(frame);
            return dynptr.isNull(frame) ? -Errno.EINVAL & 0xffff_ffffL : Dynptr.size(state);
        }
    }

    /** bpf_dynptr_clone. */
    static final class Clone extends ExpressionNode {
        private final Dynptr dynptr;
        private final DynptrPlace clone;

        Clone(Dynptr dynptr, DynptrPlace clone) {
            this.dynptr = dynptr;
            this.clone = clone;
        }

        @Override
        public long execute(VirtualFrame frame) {
            long state = dynptr.state(frame);
            clone.make(frame, dynptr.place().address(frame), state);
            return dynptr.isNull(frame) ? -Errno.EINVAL : 0;
        }
    }

    /** bpf_dynptr_copy. */
    static final class Copy extends ExpressionNode {
        private final Dynptr target;
        private final Dynptr source;
        @Child private ExpressionNode targetOffset;
        @Child private ExpressionNode sourceOffset;
        @Child private ExpressionNode size;

        Copy(Dynptr target, ExpressionNode targetOffset, Dynptr source, ExpressionNode sourceOffset, ExpressionNode size) {
            this.target = target;
            this.targetOffset = targetOffset;
            this.source = source;
            this.sourceOffset = sourceOffset;
            this.size = size;
        }

        @Override
        public long execute(VirtualFrame frame) {
            long bytes = size.execute(frame);
            long sourceState = source.state(frame);
            long targetState = target.state(frame);
            long sourceStart = sourceOffset.execute(frame);
            long targetStart = targetOffset.execute(frame);
            long from = located(frame, source, sourceState, sourceStart, bytes);
            long to = located(frame, target, targetState, targetStart, bytes);
            if (from > 0 && to > 0) {
                Bytes.move(from, to, bytes);
                return 0;
            }
            if (from > 0 || to > 0) {
                return Math.min(from, to);
            }
            boolean outside = Dynptr.isOutside(targetState, targetStart, bytes) || Dynptr.isOutside(sourceState, sourceStart, bytes);
            return outside ? -Errno.E2BIG : bytes == 0 ? 0 : from;
        }

        private static long located(VirtualFrame frame, Dynptr dynptr, long state, long offset, long bytes) {
            return dynptr.isNull(frame) ? -Errno.EINVAL : dynptr.locate(frame, state, offset, bytes);
        }
    }

    /** bpf_dynptr_memset. */
    static final class Fill extends ExpressionNode {
        private final Dynptr dynptr;
        @Child private ExpressionNode offset;
        @Child private ExpressionNode size;
        @Child private ExpressionNode value;

        Fill(Dynptr dynptr, ExpressionNode offset, ExpressionNode size, ExpressionNode value) {
            this.dynptr = dynptr;
            this.offset = offset;
            this.size = size;
            this.value = value;
        }

        @Override
        public long execute(VirtualFrame frame) {
            long bytes = size.execute(frame);
            long state = dynptr.state(frame);
            long start = offset.execute(frame);
            if (dynptr.isNull(frame)) {
                return Dynptr.isOutside(state, start, bytes) ? -Errno.E2BIG : 0;
            }
            long found = dynptr.locate(frame, state, start, bytes);
            if (found < 0) {
                return found;
            }
            Bytes.fill(found, (byte) value.execute(frame), bytes);
            return 0;
        }
    }

    /** A dynptr that can lie at several places: each has a node. */
    static final class IfAt extends ExpressionNode {
        @Child private ExpressionNode pointer;
        @Child private ExpressionNode place;
        @Child private ExpressionNode then;
        @Child private ExpressionNode otherwise;

        IfAt(ExpressionNode pointer, ExpressionNode place, ExpressionNode then, ExpressionNode otherwise) {
            this.pointer = pointer;
            this.place = place;
            this.then = then;
            this.otherwise = otherwise;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return pointer.execute(frame) == place.execute(frame) ? then.execute(frame) : otherwise.execute(frame);
        }
    }

    /** A write of which only the program's run shows whether it touches a dynptr, which it then ends. */
    static final class EndTouched extends StatementNode {
        private final DynptrPlace dynptr;
        @Child private ExpressionNode place;
        @Child private ExpressionNode address;
        @Child private ExpressionNode size;

        /** @param place the address of the dynptr's sixteen bytes */
        EndTouched(DynptrPlace dynptr, ExpressionNode place, ExpressionNode address, ExpressionNode size) {
            this.dynptr = dynptr;
            this.place = place;
            this.address = address;
            this.size = size;
        }

        @Override
        public void execute(VirtualFrame frame) {
            long distance = address.execute(frame) - place.execute(frame);
            long bytes = size.execute(frame);
            if (bytes != 0 && distance < DynptrArgument.BYTES && distance > -bytes) {
                dynptr.end(frame);
            }
        }
    }
}
