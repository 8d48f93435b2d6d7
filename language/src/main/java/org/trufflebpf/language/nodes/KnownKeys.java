package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.CompilerDirectives.CompilationFinal;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.ExplodeLoop;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import org.trufflebpf.language.isa.Instruction.Size;
import org.trufflebpf.language.runtime.Worker;

/**
 * A lookup in a map whose elements are known and few: the key is compared with each, and what is found is a constant address. No hash is computed, no
 * table is read.
 */
final class KnownKeys extends ExpressionNode {
    /** Words that a key can have: 32 bytes. */
    static final int MAX_WORDS = 4;
    /** Bits of struct bpf_lpm_trie_key in front of the data: the prefix's length. */
    private static final long LENGTH_MASK = 0xffff_ffffL;

    @Children private final ExpressionNode[] words;
    /** Of each element its key's words, one after the other. */
    @CompilationFinal(dimensions = 1) private final long[] keys;
    /** Which bits of them count. */
    @CompilationFinal(dimensions = 1) private final long[] masks;
    @CompilationFinal(dimensions = 1) private final long[] addresses;
    /** By element, how long the prefix is in bits; null where keys are no prefixes. */
    @CompilationFinal(dimensions = 1) private final int[] lengths;
    private final int longest;
    private final long cpuStride;

    private KnownKeys(List<FoldedMaps.Entry> entries, ExpressionNode[] words, int[] lengths, int keySize) {
        this.words = words;
        this.keys = new long[entries.size() * words.length];
        this.masks = new long[keys.length];
        this.addresses = entries.stream().mapToLong(FoldedMaps.Entry::address).toArray();
        this.lengths = lengths;
        this.cpuStride = entries.getFirst().cpuStride();
        this.longest = 8 * (keySize - Integer.BYTES);
        for (int i = 0; i < addresses.length; i++) {
            long[] key = words(entries.get(i).key());
            long[] mask = words(lengths == null ? ones(keySize) : prefix(lengths[i], keySize));
            System.arraycopy(key, 0, keys, i * words.length, words.length);
            System.arraycopy(mask, 0, masks, i * words.length, words.length);
        }
    }

    /** A hash: the whole key counts. @param words of the key, little-endian; bytes past its end are ignored */
    static ExpressionNode exact(List<FoldedMaps.Entry> entries, ExpressionNode[] words, int keySize) {
        return new KnownKeys(entries, words, null, keySize);
    }

    /** A trie of prefixes: the longest one that the key begins with and that is not longer than the key's own. */
    static ExpressionNode prefixes(List<FoldedMaps.Entry> entries, ExpressionNode[] words, int keySize) {
        List<FoldedMaps.Entry> longestFirst = entries.stream().sorted(Comparator.comparingInt(KnownKeys::length).reversed()).toList();
        return new KnownKeys(longestFirst, words, longestFirst.stream().mapToInt(KnownKeys::length).toArray(), keySize);
    }

    private static int length(FoldedMaps.Entry prefix) {
        return (int) words(prefix.key())[0];
    }

    /** The words of a key that lies in memory. */
    static ExpressionNode[] words(Supplier<ExpressionNode> address, int size) {
        ExpressionNode[] words = new ExpressionNode[(size + 7) / 8];
        for (int i = 0; i < words.length; i++) {
            words[i] = word(address, 8 * i, Math.min(8, size - 8 * i));
        }
        return words;
    }

    /** The words of a known key, zeros past its end. */
    static long[] words(byte[] key) {
        ByteBuffer buffer = ByteBuffer.wrap(Arrays.copyOf(key, (key.length + 7) / 8 * 8)).order(ByteOrder.LITTLE_ENDIAN);
        long[] words = new long[buffer.capacity() / 8];
        buffer.asLongBuffer().get(words);
        return words;
    }

    private static byte[] ones(int size) {
        byte[] ones = new byte[size];
        Arrays.fill(ones, (byte) 0xff);
        return ones;
    }

    /** The bits of the data that a prefix has; the first bit is the highest of the first byte. */
    private static byte[] prefix(int length, int keySize) {
        byte[] mask = new byte[keySize];
        for (int bit = 0; bit < length; bit++) {
            mask[Integer.BYTES + bit / 8] |= (byte) (0x80 >> bit % 8);
        }
        return mask;
    }

    @Override
    @ExplodeLoop
    public long execute(VirtualFrame frame) {
        long w0 = words[0].execute(frame);
        long w1 = words.length > 1 ? words[1].execute(frame) : 0;
        long w2 = words.length > 2 ? words[2].execute(frame) : 0;
        long w3 = words.length > 3 ? words[3].execute(frame) : 0;
        long length = w0 & LENGTH_MASK;
        if (lengths != null && length > longest) {
            return 0;
        }
        for (int i = 0; i < addresses.length; i++) {
            int at = i * words.length;
            if ((lengths == null || length >= lengths[i]) && matches(w0, at) && (words.length < 2 || matches(w1, at + 1)) &&
                            (words.length < 3 || matches(w2, at + 2)) && (words.length < 4 || matches(w3, at + 3))) {
                return cpuStride == 0 ? addresses[i] : addresses[i] + cpuStride * ((Worker) frame.getArguments()[0]).cpu();
            }
        }
        return 0;
    }

    private boolean matches(long word, int at) {
        return (word & masks[at]) == (keys[at] & masks[at]);
    }

    /** One to eight bytes of a key. */
    private static ExpressionNode word(Supplier<ExpressionNode> address, int offset, int bytes) {
        JoinedNode.Builder word = new JoinedNode.Builder();
        for (int done = 0, size; done < bytes; done += size) {
            size = Integer.highestOneBit(bytes - done);
            word.add(MemoryNodes.load(size(size), false, new AddressNode.Proved(address.get(), offset + done)), size);
        }
        return word.build();
    }

    private static Size size(int bytes) {
        return switch (bytes) {
            case 1 -> Size.BYTE;
            case 2 -> Size.HALF;
            case 4 -> Size.WORD;
            default -> Size.DOUBLE;
        };
    }
}
