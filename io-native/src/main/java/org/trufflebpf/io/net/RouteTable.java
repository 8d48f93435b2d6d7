package org.trufflebpf.io.net;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The prefixes of one table and family. Nested prefixes are cut into ranges of addresses with one longest prefix each, in order, so that finding it
 * is a binary search: 20 comparisons for half a million routes. Immutable; a lookup allocates nothing.
 */
final class RouteTable {
    /** Routes to a prefix, those to be tried first in front. */
    static final class Entry {
        final Prefix prefix;
        final Path[] paths;
        /** The next shorter prefix around it, or null. */
        final Entry parent;

        Entry(Prefix prefix, Path[] paths, Entry parent) {
            this.prefix = prefix;
            this.paths = paths;
            this.parent = parent;
        }
    }

    /** A route with all that forwarding asks for at hand. */
    static final class Path {
        final Route.Type type;
        final int tos;
        final long metric;
        final int lockedMtu;
        final Hop[] hops;
        final long totalWeight;

        Path(Route route, Hop[] hops) {
            this.type = route.type();
            this.tos = route.tos();
            this.metric = route.metric();
            this.lockedMtu = route.lockedMtu();
            this.hops = hops;
            this.totalWeight = Arrays.stream(hops).mapToLong(hop -> hop.weight).sum();
        }
    }

    /** Where each range begins, unsigned; it ends where the next begins. */
    private final long[] high;
    private final long[] low;
    /** Null where a range has no prefix. */
    private final Entry[] entries;

    private RouteTable(long[] high, long[] low, Entry[] entries) {
        this.high = high;
        this.low = low;
        this.entries = entries;
    }

    /** The longest prefix of an address, or null. */
    Entry find(long addressHigh, long addressLow) {
        int first = 0;
        int last = high.length - 1;
        while (first < last) {
            int middle = first + last + 1 >>> 1;
            boolean isBehind = high[middle] == addressHigh ? Long.compareUnsigned(low[middle], addressLow) > 0
                    : Long.compareUnsigned(high[middle], addressHigh) > 0;
            if (isBehind) {
                last = middle - 1;
            } else {
                first = middle;
            }
        }
        return entries[first];
    }

    /** Collects the routes of a table. */
    static final class Builder {
        private static final Comparator<Prefix> ORDER = ((Comparator<Prefix>) (a, b) -> Long.compareUnsigned(a.address().high(), b.address().high()))
                .thenComparing((a, b) -> Long.compareUnsigned(a.address().low(), b.address().low())).thenComparing(Prefix::length);
        private static final Comparator<Path> PREFERENCE = Comparator.comparingInt((Path path) -> -path.tos).thenComparingLong(path -> path.metric);

        private final Map<Prefix, List<Path>> paths = new LinkedHashMap<>();
        private final List<long[]> starts = new ArrayList<>();
        private final List<Entry> entries = new ArrayList<>();

        void add(Prefix prefix, Path path) {
            paths.computeIfAbsent(prefix, key -> new ArrayList<>()).add(path);
        }

        RouteTable build() {
            start(0, 0, null);
            Deque<Entry> around = new ArrayDeque<>();
            for (Prefix prefix : paths.keySet().stream().sorted(ORDER).toList()) {
                while (!around.isEmpty() && !around.peek().prefix.contains(prefix.address())) {
                    end(around);
                }
                Path[] sorted = paths.get(prefix).stream().sorted(PREFERENCE).toArray(Path[]::new);
                Entry entry = new Entry(prefix, sorted, around.peek());
                start(prefix.address().high(), prefix.address().low(), entry);
                around.push(entry);
            }
            while (!around.isEmpty()) {
                end(around);
            }
            return new RouteTable(starts.stream().mapToLong(start -> start[0]).toArray(), starts.stream().mapToLong(start -> start[1]).toArray(),
                    entries.toArray(Entry[]::new));
        }

        /** Behind a prefix the one around it goes on. */
        private void end(Deque<Entry> around) {
            Prefix ended = around.pop().prefix;
            long nextLow = ended.lastLow() + 1;
            long nextHigh = nextLow == 0 ? ended.lastHigh() + 1 : ended.lastHigh();
            if (nextLow != 0 || nextHigh != 0) {
                start(nextHigh, nextLow, around.peek());
            }
        }

        private void start(long startHigh, long startLow, Entry entry) {
            long[] last = starts.isEmpty() ? null : starts.getLast();
            if (last != null && last[0] == startHigh && last[1] == startLow) {
                entries.set(entries.size() - 1, entry);
            } else {
                starts.add(new long[]{startHigh, startLow});
                entries.add(entry);
            }
        }
    }
}
