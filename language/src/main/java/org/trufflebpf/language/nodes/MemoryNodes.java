package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.language.isa.Instruction.Size;

/** Loads and stores, a class per size (RFC 9669 sections 5.2 and 5.3). The address node has checked the access. */
public final class MemoryNodes {
    private MemoryNodes() {
    }

    static ExpressionNode load(Size size, boolean signed, ExpressionNode address) {
        return switch (size) {
            case BYTE -> signed ? new LoadSignedByte(address) : new LoadByte(address);
            case HALF -> signed ? new LoadSignedHalf(address) : new LoadHalf(address);
            case WORD -> signed ? new LoadSignedWord(address) : new LoadWord(address);
            case DOUBLE -> new LoadDouble(address);
        };
    }

    static StatementNode store(Size size, ExpressionNode address, ExpressionNode value) {
        return switch (size) {
            case BYTE -> new StoreByte(address, value);
            case HALF -> new StoreHalf(address, value);
            case WORD -> new StoreWord(address, value);
            case DOUBLE -> new StoreDouble(address, value);
        };
    }

    private abstract static class LoadNode extends ExpressionNode {
        @Child ExpressionNode address;

        LoadNode(ExpressionNode address) {
            this.address = address;
        }
    }

    private abstract static class StoreNode extends StatementNode {
        @Child ExpressionNode address;
        @Child ExpressionNode value;

        StoreNode(ExpressionNode address, ExpressionNode value) {
            this.address = address;
            this.value = value;
        }
    }

    private static final class LoadByte extends LoadNode {
        LoadByte(ExpressionNode address) {
            super(address);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return Byte.toUnsignedLong(Memory.getByte(address.execute(frame)));
        }
    }

    private static final class LoadSignedByte extends LoadNode {
        LoadSignedByte(ExpressionNode address) {
            super(address);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return Memory.getByte(address.execute(frame));
        }
    }

    private static final class LoadHalf extends LoadNode {
        LoadHalf(ExpressionNode address) {
            super(address);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return Short.toUnsignedLong(Memory.getShort(address.execute(frame)));
        }
    }

    private static final class LoadSignedHalf extends LoadNode {
        LoadSignedHalf(ExpressionNode address) {
            super(address);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return Memory.getShort(address.execute(frame));
        }
    }

    private static final class LoadWord extends LoadNode {
        LoadWord(ExpressionNode address) {
            super(address);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return Integer.toUnsignedLong(Memory.getInt(address.execute(frame)));
        }
    }

    private static final class LoadSignedWord extends LoadNode {
        LoadSignedWord(ExpressionNode address) {
            super(address);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return Memory.getInt(address.execute(frame));
        }
    }

    private static final class LoadDouble extends LoadNode {
        LoadDouble(ExpressionNode address) {
            super(address);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return Memory.getLong(address.execute(frame));
        }
    }

    private static final class StoreByte extends StoreNode {
        StoreByte(ExpressionNode address, ExpressionNode value) {
            super(address, value);
        }

        @Override
        public void execute(VirtualFrame frame) {
            Memory.putByte(address.execute(frame), (byte) value.execute(frame));
        }
    }

    private static final class StoreHalf extends StoreNode {
        StoreHalf(ExpressionNode address, ExpressionNode value) {
            super(address, value);
        }

        @Override
        public void execute(VirtualFrame frame) {
            Memory.putShort(address.execute(frame), (short) value.execute(frame));
        }
    }

    private static final class StoreWord extends StoreNode {
        StoreWord(ExpressionNode address, ExpressionNode value) {
            super(address, value);
        }

        @Override
        public void execute(VirtualFrame frame) {
            Memory.putInt(address.execute(frame), (int) value.execute(frame));
        }
    }

    private static final class StoreDouble extends StoreNode {
        StoreDouble(ExpressionNode address, ExpressionNode value) {
            super(address, value);
        }

        @Override
        public void execute(VirtualFrame frame) {
            Memory.putLong(address.execute(frame), value.execute(frame));
        }
    }

    /** Orders like a load-acquire: later accesses stay behind it. */
    static final class LoadAcquire extends ExpressionNode {
        @Child private ExpressionNode load;

        LoadAcquire(ExpressionNode load) {
            this.load = load;
        }

        @Override
        public long execute(VirtualFrame frame) {
            long value = load.execute(frame);
            Memory.acquireFence();
            return value;
        }
    }

    /** Orders like a store-release: earlier accesses stay before it. */
    static final class StoreRelease extends StatementNode {
        @Child private StatementNode store;

        StoreRelease(StatementNode store) {
            this.store = store;
        }

        @Override
        public void execute(VirtualFrame frame) {
            Memory.releaseFence();
            store.execute(frame);
        }
    }
}
