package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.Frame;
import java.util.ArrayList;
import java.util.List;
import org.trufflebpf.language.nodes.SlotNodes.WriteParts.Piece;
import org.trufflebpf.language.verifier.Liveness;
import org.trufflebpf.language.verifier.StackParts;
import org.trufflebpf.language.verifier.StackUse;

/**
 * The words of the stack that lie in frame slots: one for each part ({@link StackUse#parts}), with zeros above its bytes. A part without a slot is
 * one that the program neither reads nor writes. Places are given as the word and the first byte in it, 0 to 7.
 */
final class StackSlots {
    private final StackUse use;
    private final FrameLayout layout;

    StackSlots(StackUse use, FrameLayout layout) {
        this.use = use;
        this.layout = layout;
    }

    /** Whether any part of a word has a slot. */
    boolean has(int word) {
        int parts = use.parts(word);
        for (int start = 0; start < Long.BYTES; start = StackParts.endOf(parts, start)) {
            if (layout.has(Liveness.part(word, start))) {
                return true;
            }
        }
        return false;
    }

    ExpressionNode read(int word, int first, int size, boolean signed) {
        int parts = use.parts(word);
        if (StackParts.endOf(parts, first) >= first + size) {
            return readPart(word, first, size, signed);
        }
        // Only calls read several parts at once, and they take bytes as they are.
        JoinedNode.Builder joined = new JoinedNode.Builder();
        for (int at = first, end; at < first + size; at = end) {
            end = Math.min(first + size, StackParts.endOf(parts, at));
            joined.add(readPart(word, at, end - at, false), end - at);
        }
        return joined.build();
    }

    private ExpressionNode readPart(int word, int first, int size, boolean signed) {
        int start = start(word, first);
        int variable = Liveness.part(word, start);
        if (!layout.has(variable)) {
            return new ConstantNode(0);
        }
        boolean whole = first == start && StackParts.endOf(use.parts(word), start) == start + size;
        return whole && (!signed || size == Long.BYTES) ? new SlotNodes.Read(layout.slot(variable))
                        : new SlotNodes.ReadPart(layout.slot(variable), first - start, size, signed);
    }

    StatementNode write(int word, int first, int size, ExpressionNode value) {
        int parts = use.parts(word);
        if (size == Long.BYTES && parts == 1) {
            return new SlotNodes.Write(layout.slot(Liveness.word(word)), value);
        }
        List<Piece> pieces = new ArrayList<>();
        for (int at = first, end; at < first + size; at = end) {
            end = Math.min(first + size, StackParts.endOf(parts, at));
            int start = StackParts.startOf(parts, at);
            if (layout.has(Liveness.part(word, start))) {
                long mask = ones(end - at);
                int to = 8 * (at - start);
                pieces.add(new Piece(layout.slot(Liveness.part(word, start)), ones(StackParts.endOf(parts, start) - start) & ~(mask << to), 8 * (at - first), mask, to));
            }
        }
        return new SlotNodes.WriteParts(pieces, value);
    }

    /** The slot that holds the bytes from {@code first} on, for who reads and writes there. */
    int slot(int word, int first) {
        return layout.slot(Liveness.part(word, start(word, first)));
    }

    /** The first byte in its word that {@link #slot} holds. */
    int start(int word, int first) {
        return StackParts.startOf(use.parts(word), first);
    }

    byte byteAt(Frame frame, int word, int index) {
        int start = start(word, index);
        int variable = Liveness.part(word, start);
        return layout.has(variable) ? (byte) (frame.getLongStatic(layout.slot(variable)) >>> 8 * (index - start)) : 0;
    }

    private static long ones(int bytes) {
        return -1L >>> 64 - 8 * bytes;
    }
}
