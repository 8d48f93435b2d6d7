package org.trufflebpf.language.optimizer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.trufflebpf.language.isa.Instruction;

/**
 * The stores of a stretch of code in which nothing can tell whether they have been done: the places that they write are neither read nor, as far as
 * is known, written through other addresses. So they may as well be done at its end, in larger pieces, from memory as it is until then.
 */
final class WriteBuffer {
    private static final int MAX_STORES = 512;

    /** @param parts what it writes */
    record Stored(int step, Instruction.Store instruction, int root, long offset, Part[] parts) {
        int size() {
            return parts.length;
        }
    }

    private record Written(Part part, Stored by) {
    }

    /**
     * Bytes of a run that are written at once.
     *
     * @param source null for a store as it was
     * @param stored the last one of the code that wrote some of it
     */
    record Chunk(long offset, int size, Source source, Stored stored) {
    }

    /** Adjacent bytes. */
    static final class Run {
        final int root;
        final List<Chunk> chunks = new ArrayList<>();
        final Set<Stored> stores = new HashSet<>();

        private Run(int root) {
            this.root = root;
        }

        boolean isShorter() {
            return chunks.size() < stores.size();
        }
    }

    private final Addresses addresses;
    /** By root and offset. */
    private final Map<Integer, TreeMap<Long, Written>> bytes = new HashMap<>();
    private final List<Stored> stores = new ArrayList<>();
    private final Set<Wanted> wanted = new HashSet<>();

    private record Wanted(int root, long offset, int size) {
    }

    WriteBuffer(Addresses addresses) {
        this.addresses = addresses;
    }

    boolean isEmpty() {
        return stores.isEmpty();
    }

    List<Stored> stores() {
        return stores;
    }

    boolean isFull() {
        return stores.size() >= MAX_STORES;
    }

    void clear() {
        wanted.clear();
        bytes.clear();
        stores.clear();
    }

    void add(Stored stored) {
        stores.add(stored);
        TreeMap<Long, Written> ofRoot = bytes.computeIfAbsent(stored.root, root -> new TreeMap<>());
        for (int i = 0; i < stored.size(); i++) {
            ofRoot.put(stored.offset + i, new Written(stored.parts[i], stored));
        }
    }

    /** Some bytes are read at once soon after the buffer is emptied: processors are slow to put together what several stores wrote. */
    void want(int root, long offset, int size) {
        wanted.add(new Wanted(root, offset, size));
    }

    /** Whether a read there may see what is in the buffer. */
    boolean holdsSome(int root, long offset, int size) {
        return holdsElsewhere(root, offset, size) || bytes.containsKey(root) && !bytes.get(root).subMap(offset, offset + size).isEmpty();
    }

    /** Whether what is there may also be in the buffer under another address. */
    boolean holdsElsewhere(int root, long offset, int size) {
        for (Map.Entry<Integer, TreeMap<Long, Written>> entry : bytes.entrySet()) {
            long first = entry.getValue().firstKey();
            int length = (int) Math.min(Integer.MAX_VALUE, entry.getValue().lastKey() + 1 - first);
            if (entry.getKey() != root && addresses.overlap(root, offset, size, entry.getKey(), first, length)) {
                return true;
            }
        }
        return false;
    }

    List<Run> runs() {
        List<Run> runs = new ArrayList<>();
        bytes.forEach((root, written) -> {
            List<Written> run = new ArrayList<>();
            long next = Long.MIN_VALUE;
            for (Map.Entry<Long, Written> entry : written.entrySet()) {
                if (entry.getKey() != next && !run.isEmpty()) {
                    runs.add(run(root, next - run.size(), run));
                    run.clear();
                }
                run.add(entry.getValue());
                next = entry.getKey() + 1;
            }
            runs.add(run(root, next - run.size(), run));
        });
        return runs;
    }

    private Run run(int root, long start, List<Written> bytes) {
        Run run = new Run(root);
        bytes.forEach(written -> run.stores.add(written.by));
        for (int i = 0; i < bytes.size();) {
            Chunk chunk = chunk(root, start, bytes, i);
            if (chunk == null) {
                run.chunks.clear();
                run.stores.clear();
                return run;
            }
            run.chunks.add(chunk);
            i += chunk.size;
        }
        return run;
    }

    /** The largest piece that begins at {@code first}; null when there is no way to write it. */
    private Chunk chunk(int root, long start, List<Written> bytes, int first) {
        long offset = start + first;
        Stored whole = bytes.get(first).by;
        boolean isWhole = whole.offset == offset && first + whole.size() <= bytes.size() &&
                        bytes.subList(first, first + whole.size()).stream().allMatch(written -> written.by == whole);
        for (int size = Long.BYTES; size > (isWhole ? whole.size() : 0); size /= 2) {
            // Facts about the stack are kept by words.
            if (first + size <= bytes.size() && (!Addresses.isStack(root) || offset % size == 0)) {
                List<Written> piece = bytes.subList(first, first + size);
                Source source = Source.of(piece.stream().map(Written::part).toArray(Part[]::new));
                if (source != null) {
                    return new Chunk(offset, size, source, last(piece));
                }
            }
        }
        return !isWhole ? null : isWanted(root, whole, bytes, first)
                        ? new Chunk(offset, 2 * whole.size(), new Source.Joined(whole, bytes.get(first + whole.size()).by), last(bytes.subList(first, first + 2 * whole.size())))
                        : new Chunk(offset, whole.size(), null, whole);
    }

    /** Whether the store and the next one, of the same size, wrote what is to be read. */
    private boolean isWanted(int root, Stored low, List<Written> bytes, int first) {
        int size = low.size();
        boolean fits = first + 2 * size <= bytes.size() && (!Addresses.isStack(root) || low.offset % (2 * size) == 0);
        if (!fits || !wanted.contains(new Wanted(root, low.offset, 2 * size))) {
            return false;
        }
        Stored high = bytes.get(first + size).by;
        return high.offset == low.offset + size && high.size() == size &&
                        bytes.subList(first + size, first + 2 * size).stream().allMatch(written -> written.by == high);
    }

    private static Stored last(List<Written> piece) {
        return piece.stream().map(Written::by).reduce((a, b) -> a.step > b.step ? a : b).orElseThrow();
    }

    /** Whether one of some stores, of those before {@code step}, may change memory there. */
    boolean changes(Iterable<Stored> some, int step, int root, long offset, int size) {
        for (Stored stored : some) {
            if (stored.step < step && addresses.overlap(stored.root, stored.offset, stored.size(), root, offset, size)) {
                return true;
            }
        }
        return false;
    }
}
