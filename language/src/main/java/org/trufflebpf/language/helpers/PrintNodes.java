package org.trufflebpf.language.helpers;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.ExplodeLoop;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.language.nodes.ExpressionNode;
import org.trufflebpf.language.nodes.ProgramMemory;
import org.trufflebpf.maps.Errno;

/** Helpers that print: into memory, or to where traces go. They work outside compiled code and may allocate. */
public final class PrintNodes {
    /** MAX_BPRINTF_BUF: most bytes of a trace, with its terminating zero. */
    private static final int MAX_TRACE = 1024;
    /** MAX_BPRINTF_VARARGS. */
    private static final int MAX_VALUES = 12;

    private PrintNodes() {
    }

    /** Traces end at a zero that they print, and need no line end of their own. */
    private static int trace(PrintFormat.Line line, Consumer<String> sink) {
        if (line.length() >= 0) {
            String text = new String(line.text(), StandardCharsets.UTF_8);
            int end = text.indexOf(0);
            text = end < 0 ? text : text.substring(0, end);
            sink.accept(text.endsWith("\n") ? text.substring(0, text.length() - 1) : text);
        }
        return line.length();
    }

    /** Up to the terminating zero, if there is one. */
    private static byte[] format(long address, long size) {
        int length = 0;
        while (length < size && Memory.getByte(address + length) != 0) {
            length++;
        }
        return Memory.bytes(address, (int) Math.min(size, length + 1L));
    }

    /** The array of values that a program gives, or null where the kernel does not take it. */
    private static long[] values(long address, long size) {
        if (size % Long.BYTES != 0 || size > MAX_VALUES * Long.BYTES || size != 0 && address == 0) {
            return null;
        }
        long[] values = new long[(int) size / Long.BYTES];
        for (int i = 0; i < values.length; i++) {
            values[i] = Memory.getLong(address + (long) i * Long.BYTES);
        }
        return values;
    }

    /** bpf_trace_printk: the values come in registers. */
    public static final class Trace extends ExpressionNode {
        @Child private ExpressionNode format;
        @Child private ExpressionNode formatSize;
        @Children private final ExpressionNode[] values;
        private final ProgramMemory memory;
        private final Consumer<String> sink;

        public Trace(ExpressionNode format, ExpressionNode formatSize, ExpressionNode[] values, ProgramMemory memory, Consumer<String> sink) {
            this.format = format;
            this.formatSize = formatSize;
            this.values = values;
            this.memory = memory;
            this.sink = sink;
        }

        @Override
        @ExplodeLoop
        public long execute(VirtualFrame frame) {
            long text = format.execute(frame);
            long size = formatSize.execute(frame);
            long[] numbers = new long[values.length];
            for (int i = 0; i < values.length; i++) {
                numbers[i] = values[i].execute(frame);
            }
            return print(text, size, numbers, memory.at(frame));
        }

        @TruffleBoundary
        private long print(long text, long size, long[] numbers, ReadableMemory view) {
            return trace(PrintFormat.print(format(text, size), numbers, view, MAX_TRACE), sink);
        }
    }

    /** bpf_trace_vprintk: the values come in an array. */
    public static final class TraceArray extends ExpressionNode {
        @Child private ExpressionNode format;
        @Child private ExpressionNode formatSize;
        @Child private ExpressionNode values;
        @Child private ExpressionNode valuesSize;
        private final ProgramMemory memory;
        private final Consumer<String> sink;

        public TraceArray(ExpressionNode format, ExpressionNode formatSize, ExpressionNode values, ExpressionNode valuesSize, ProgramMemory memory,
                        Consumer<String> sink) {
            this.format = format;
            this.formatSize = formatSize;
            this.values = values;
            this.valuesSize = valuesSize;
            this.memory = memory;
            this.sink = sink;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return print(format.execute(frame), formatSize.execute(frame), values.execute(frame), valuesSize.execute(frame), memory.at(frame));
        }

        @TruffleBoundary
        private long print(long text, long size, long array, long arraySize, ReadableMemory view) {
            long[] numbers = values(array, arraySize);
            return numbers == null ? -Errno.EINVAL : trace(PrintFormat.print(format(text, size), numbers, view, MAX_TRACE), sink);
        }
    }

    /** bpf_snprintf. */
    public static final class ToMemory extends ExpressionNode {
        @Child private ExpressionNode target;
        @Child private ExpressionNode targetSize;
        @Child private ExpressionNode format;
        @Child private ExpressionNode values;
        @Child private ExpressionNode valuesSize;
        private final int formatSize;
        private final ProgramMemory memory;

        /** @param formatSize readable bytes at {@code format} */
        public ToMemory(ExpressionNode target, ExpressionNode targetSize, ExpressionNode format, int formatSize, ExpressionNode values,
                        ExpressionNode valuesSize, ProgramMemory memory) {
            this.target = target;
            this.targetSize = targetSize;
            this.format = format;
            this.formatSize = formatSize;
            this.values = values;
            this.valuesSize = valuesSize;
            this.memory = memory;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return print(target.execute(frame), targetSize.execute(frame), format.execute(frame), values.execute(frame), valuesSize.execute(frame),
                            memory.at(frame));
        }

        @TruffleBoundary
        private long print(long to, long room, long text, long array, long arraySize, ReadableMemory view) {
            long[] numbers = values(array, arraySize);
            if (numbers == null) {
                return -Errno.EINVAL;
            }
            PrintFormat.Line line = PrintFormat.print(format(text, formatSize), numbers, view, (int) Math.min(room, Integer.MAX_VALUE));
            if (line.length() < 0) {
                return line.length();
            }
            if (room > 0) {
                Memory.copyFrom(line.text(), 0, to, line.text().length);
                Memory.putByte(to + line.text().length, (byte) 0);
            }
            return line.length() + 1L;
        }
    }
}
