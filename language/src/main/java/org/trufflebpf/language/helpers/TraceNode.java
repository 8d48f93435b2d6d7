package org.trufflebpf.language.helpers;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.ExplodeLoop;
import java.util.function.Consumer;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.language.nodes.ExpressionNode;
import org.trufflebpf.maps.Errno;

/** bpf_trace_printk. */
public final class TraceNode extends ExpressionNode {
    /** Of the text, in bytes (the kernel's BPF_TRACE_PRINTK_SIZE is 1024). */
    private static final int MAX_FORMAT = 1024;

    @Child private ExpressionNode format;
    @Child private ExpressionNode formatSize;
    @Children private final ExpressionNode[] values;
    private final Consumer<String> sink;

    public TraceNode(ExpressionNode format, ExpressionNode formatSize, ExpressionNode[] values, Consumer<String> sink) {
        this.format = format;
        this.formatSize = formatSize;
        this.values = values;
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
        return print(text, size, numbers);
    }

    @TruffleBoundary
    private long print(long text, long size, long[] numbers) {
        byte[] bytes = Memory.bytes(text, (int) Math.min(size, MAX_FORMAT));
        TraceFormat.Line line = TraceFormat.format(bytes, numbers);
        if (line == null) {
            return -Errno.EINVAL;
        }
        sink.accept(line.text().endsWith("\n") ? line.text().substring(0, line.text().length() - 1) : line.text());
        return line.length();
    }
}
