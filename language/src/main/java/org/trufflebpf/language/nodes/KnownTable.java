package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.CompilerDirectives.CompilationFinal;
import com.oracle.truffle.api.frame.VirtualFrame;
import org.trufflebpf.language.runtime.Worker;

/** A lookup in a map whose elements are known and not few: the key's place in a {@link KeyTable} has it, or no place has. */
final class KnownTable extends ExpressionNode {
    @Children private final ExpressionNode[] words;
    @CompilationFinal(dimensions = 1) private final long[] multipliers;
    /** Its elements are no constants: they would be megabytes of machine code. */
    private final long[] places;
    private final int shift;
    private final long cpuStride;

    /** @param words of the key, little-endian, zeros past its end */
    KnownTable(KeyTable table, ExpressionNode[] words) {
        this.words = words;
        this.multipliers = table.multipliers();
        this.places = table.places();
        this.shift = table.shift();
        this.cpuStride = table.cpuStride();
    }

    @Override
    public long execute(VirtualFrame frame) {
        long w0 = words[0].execute(frame);
        long w1 = words.length > 1 ? words[1].execute(frame) : 0;
        long w2 = words.length > 2 ? words[2].execute(frame) : 0;
        long w3 = words.length > 3 ? words[3].execute(frame) : 0;
        long sum = w0 * multipliers[0] + product(w1, 1) + product(w2, 2) + product(w3, 3);
        int at = (int) (sum >>> shift) * (words.length + 1);
        if (places[at] != w0 || words.length > 1 && places[at + 1] != w1 || words.length > 2 && places[at + 2] != w2 ||
                        words.length > 3 && places[at + 3] != w3) {
            return 0;
        }
        long address = places[at + words.length];
        return cpuStride == 0 || address == 0 ? address : address + cpuStride * ((Worker) frame.getArguments()[0]).cpu();
    }

    private long product(long word, int index) {
        return index < words.length ? word * multipliers[index] : 0;
    }
}
