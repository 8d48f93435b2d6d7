package org.trufflebpf.language.helpers;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.frame.VirtualFrame;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.language.nodes.ExpressionNode;
import org.trufflebpf.language.nodes.FrameLayout;
import org.trufflebpf.maps.Errno;

/** Helpers on the packet's place and bytes; limits and errors as in the kernel's net/core/filter.c. */
public final class PacketNodes {
    /** ETH_HLEN: what a packet keeps at least. */
    private static final int MIN_LENGTH = 14;
    /** XDP metadata is a multiple of this many bytes, */
    private static final int META_ALIGNMENT = 4;
    /** and at most so many: what fits the u8 of skb_shared_info (xdp_metalen_invalid of Linux 6.18). */
    private static final int MAX_META = 252;
    /** bpf_xdp_pointer refuses more as an offset or a length. */
    private static final int MAX_OFFSET = 0xffff;

    private PacketNodes() {
    }

    private static long data(VirtualFrame frame) {
        return frame.getLongStatic(FrameLayout.DATA);
    }

    private static long dataEnd(VirtualFrame frame) {
        return frame.getLongStatic(FrameLayout.DATA_END);
    }

    /** That of the packet with its fragments; {@link #dataEnd} is that of its first buffer. */
    private static long packetEnd(VirtualFrame frame) {
        return frame.getLongStatic(FrameLayout.PACKET_END);
    }

    /** The lowest address that the packet and its metadata may take. */
    private static long lowest(VirtualFrame frame) {
        return Memory.getLong(frame.getLongStatic(FrameLayout.DESCRIPTOR) + Burst.FRAME) + Burst.FRAME_HEADER;
    }

    /** Tells the port how far down the program can have written, though the packet's start may move up again. */
    private static void reached(VirtualFrame frame, long address) {
        long descriptor = frame.getLongStatic(FrameLayout.DESCRIPTOR);
        int offset = (int) (address - Memory.getLong(descriptor + Burst.FRAME));
        if (offset < Memory.getInt(descriptor + Burst.LOWEST)) {
            Memory.putInt(descriptor + Burst.LOWEST, offset);
        }
    }

    private static long highestEnd(VirtualFrame frame) {
        long descriptor = frame.getLongStatic(FrameLayout.DESCRIPTOR);
        return Memory.getLong(descriptor + Burst.FRAME) + Memory.getInt(descriptor + Burst.FRAME_SIZE) - Burst.TAIL_RESERVE;
    }

    /** bpf_xdp_adjust_head. */
    public static final class AdjustHead extends ExpressionNode {
        @Child private ExpressionNode distance;

        public AdjustHead(ExpressionNode distance) {
            this.distance = distance;
        }

        @Override
        public long execute(VirtualFrame frame) {
            int offset = (int) distance.execute(frame);
            long data = data(frame);
            long meta = frame.getLongStatic(FrameLayout.DATA_META);
            long newData = data + offset;
            if (newData < lowest(frame) + (data - meta) || newData > dataEnd(frame) - MIN_LENGTH) {
                return -Errno.EINVAL;
            }
            if (offset < 0) {
                Bytes.moveDown(meta, meta + offset, data - meta);
            } else {
                Bytes.moveUp(meta, meta + offset, data - meta);
            }
            frame.setLongStatic(FrameLayout.DATA, newData);
            frame.setLongStatic(FrameLayout.DATA_META, meta + offset);
            reached(frame, meta + offset);
            return 0;
        }
    }

    /**
     * bpf_xdp_pull_data: so many bytes are to be in the first buffer. It ends at the same place of the frame always, so the packet moves down as a whole,
     * and with it the ends of its fragments, of which the first gets shorter.
     */
    public static final class PullData extends ExpressionNode {
        @Child private ExpressionNode length;

        public PullData(ExpressionNode length) {
            this.length = length;
        }

        @Override
        public long execute(VirtualFrame frame) {
            long wanted = length.execute(frame) & 0xffff_ffffL;
            long data = data(frame);
            long distance = wanted - (dataEnd(frame) - data);
            if (distance <= 0) {
                return 0;
            }
            long end = packetEnd(frame);
            long meta = frame.getLongStatic(FrameLayout.DATA_META);
            if (wanted > end - data || distance > meta - lowest(frame)) {
                return -Errno.EINVAL;
            }
            move(meta, meta - distance, end - meta);
            frame.setLongStatic(FrameLayout.DATA, data - distance);
            frame.setLongStatic(FrameLayout.DATA_META, meta - distance);
            frame.setLongStatic(FrameLayout.PACKET_END, end - distance);
            reached(frame, meta - distance);
            long size = frame.getLongStatic(FrameLayout.DESCRIPTOR) + Burst.FRAME_SIZE;
            Memory.putInt(size, Memory.getInt(size) - (int) distance);
            dropFragments(frame, end - distance);
            return 0;
        }

        @TruffleBoundary
        private static void move(long source, long target, long length) {
            Memory.copy(source, target, length);
        }
    }

    /** Takes off the fragments in which nothing is left when the packet ends at {@code end}. */
    private static void dropFragments(VirtualFrame frame, long end) {
        long descriptor = frame.getLongStatic(FrameLayout.DESCRIPTOR);
        long linearEnd = Memory.getLong(descriptor + Burst.FRAME) + Burst.LINEAR_END;
        long room = highestEnd(frame) - end;
        if (end <= linearEnd) {
            Memory.putInt(descriptor + Burst.FRAME_SIZE, Burst.DEFAULT_FRAME_SIZE);
        } else if (room >= Burst.FRAGMENT) {
            Memory.putInt(descriptor + Burst.FRAME_SIZE, Memory.getInt(descriptor + Burst.FRAME_SIZE) - (int) (room & -Burst.FRAGMENT));
        }
    }

    /** bpf_xdp_adjust_tail, which works on the last buffer. */
    public static final class AdjustTail extends ExpressionNode {
        private final boolean fragments;
        @Child private ExpressionNode distance;

        /** @param fragments whether the program knows packets of several buffers */
        public AdjustTail(boolean fragments, ExpressionNode distance) {
            this.fragments = fragments;
            this.distance = distance;
        }

        @Override
        public long execute(VirtualFrame frame) {
            int offset = (int) distance.execute(frame);
            long end = packetEnd(frame);
            long newEnd = end + offset;
            if (newEnd > highestEnd(frame) || newEnd < data(frame) + MIN_LENGTH) {
                return -Errno.EINVAL;
            }
            if (offset > 0) {
                Bytes.zero(end, offset);
            }
            frame.setLongStatic(FrameLayout.PACKET_END, newEnd);
            if (fragments && end > dataEnd(frame)) {
                dropFragments(frame, newEnd);
                frame.setLongStatic(FrameLayout.DATA_END, Math.min(newEnd, dataEnd(frame)));
            } else {
                frame.setLongStatic(FrameLayout.DATA_END, newEnd);
            }
            return 0;
        }
    }

    /** bpf_xdp_adjust_meta. */
    public static final class AdjustMeta extends ExpressionNode {
        @Child private ExpressionNode distance;

        public AdjustMeta(ExpressionNode distance) {
            this.distance = distance;
        }

        @Override
        public long execute(VirtualFrame frame) {
            long data = data(frame);
            long meta = frame.getLongStatic(FrameLayout.DATA_META) + (int) distance.execute(frame);
            if (meta < lowest(frame) || meta > data) {
                return -Errno.EINVAL;
            }
            if ((data - meta) % META_ALIGNMENT != 0 || data - meta > MAX_META) {
                return -Errno.EACCES;
            }
            frame.setLongStatic(FrameLayout.DATA_META, meta);
            reached(frame, meta);
            return 0;
        }
    }

    /** bpf_xdp_get_buff_len. */
    public static final class Length extends ExpressionNode {
        @Override
        public long execute(VirtualFrame frame) {
            return packetEnd(frame) - data(frame);
        }
    }

    /** Where {@code length} bytes of the packet from {@code offset} on begin, or a negative error (bpf_xdp_pointer in the kernel). */
    public static long place(VirtualFrame frame, long offset, long length) {
        if (offset > MAX_OFFSET || length > MAX_OFFSET) {
            return -Errno.EFAULT;
        }
        return offset + length > packetEnd(frame) - data(frame) ? -Errno.EINVAL : data(frame) + offset;
    }

    /** The same for bytes that the program looks at itself: the kernel copies what bpf_xdp_pointer refuses. */
    public static long slice(VirtualFrame frame, long offset, long length) {
        return offset + length > packetEnd(frame) - data(frame) ? -Errno.EINVAL : data(frame) + offset;
    }

    /** bpf_xdp_load_bytes. */
    public static final class LoadBytes extends ExpressionNode {
        @Child private ExpressionNode offset;
        @Child private ExpressionNode target;
        @Child private ExpressionNode size;

        public LoadBytes(ExpressionNode offset, ExpressionNode target, ExpressionNode size) {
            this.offset = offset;
            this.target = target;
            this.size = size;
        }

        @Override
        public long execute(VirtualFrame frame) {
            long to = target.execute(frame);
            long length = size.execute(frame);
            long from = place(frame, offset.execute(frame) & 0xffff_ffffL, length);
            if (from < 0) {
                return from;
            }
            Bytes.copy(from, to, length);
            return 0;
        }
    }

    /** bpf_xdp_store_bytes. */
    public static final class StoreBytes extends ExpressionNode {
        @Child private ExpressionNode offset;
        @Child private ExpressionNode source;
        @Child private ExpressionNode size;

        public StoreBytes(ExpressionNode offset, ExpressionNode source, ExpressionNode size) {
            this.offset = offset;
            this.source = source;
            this.size = size;
        }

        @Override
        public long execute(VirtualFrame frame) {
            long from = source.execute(frame);
            long length = size.execute(frame);
            long to = place(frame, offset.execute(frame) & 0xffff_ffffL, length);
            if (to < 0) {
                return to;
            }
            Bytes.copy(from, to, length);
            return 0;
        }
    }
}
