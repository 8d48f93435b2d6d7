package org.trufflebpf.language.runtime;

import com.oracle.truffle.api.RootCallTarget;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.trufflebpf.language.nodes.NodeBuilder;
import org.trufflebpf.language.nodes.TailCallTargets;
import org.trufflebpf.maps.BpfMap;

/**
 * One attempt to make a specialised variant of a program, and of those that it hands packets on to: keeps in mind on which maps it comes to rely and
 * in which state it found them. For one thread.
 */
final class VariantBuilder {
    private final MapWatch watch;
    /** Whether maps are relied on that were written only just now. */
    private final boolean atOnce;
    private final long start = System.nanoTime();
    /** The state of each map before it was looked at. */
    private final Map<BpfMap, Long> looked = new HashMap<>();
    /** The same of those that it relies on. */
    private final Map<BpfMap, Long> versions = new HashMap<>();
    private final Set<BpfMap> values = new HashSet<>();
    /** By map, whether it may be relied on; asked once, so that answers agree. */
    private final Map<BpfMap, Boolean> quiet = new HashMap<>();
    private long nextQuiet = Long.MAX_VALUE;
    private final Map<String, Set<String>> notes = new LinkedHashMap<>();
    private final Map<Integer, RootCallTarget> targets = new HashMap<>();

    /** The programs of an instance and of those that tail calls lead to. */
    interface Programs {
        /** A variant of the program with that number. */
        RootCallTarget build(int program, VariantBuilder variant, TailCallTargets others);

        /** The programs that program arrays hold now. */
        int[] current();

        /** The generic variant. */
        RootCallTarget generic(int program);
    }

    /** @param atOnce whether maps are relied on that were written only just now */
    VariantBuilder(MapWatch watch, boolean atOnce) {
        this.watch = watch;
        this.atOnce = atOnce;
    }

    /** Builds the variant of a program; it is not compiled yet. */
    RootCallTarget build(int program, Programs programs) {
        TailCallTargets others = new TailCallTargets() {
            @Override
            public RootCallTarget target(int other) {
                RootCallTarget special = targets.get(other);
                return special != null ? special : programs.generic(other);
            }

            @Override
            public int[] current() {
                return programs.current();
            }
        };
        Deque<Integer> pending = new ArrayDeque<>(List.of(program));
        while (!pending.isEmpty()) {
            int next = pending.remove();
            if (!targets.containsKey(next)) {
                RootCallTarget target = programs.build(next, this, others);
                targets.put(next, target);
                if (NodeBuilder.makesTailCalls(target)) {
                    for (int other : programs.current()) {
                        pending.add(other);
                    }
                }
            }
        }
        targets.values().forEach(NodeBuilder::updateTailCalls);
        return targets.get(program);
    }

    /** All that was built, to be compiled one by one: what was asked for and what tail calls lead to, each with its parts before it. */
    Collection<RootCallTarget> targets() {
        return targets.values().stream().flatMap(target -> Stream.concat(NodeBuilder.parts(target).stream(), Stream.of(target))).toList();
    }

    private boolean isQuiet(BpfMap map) {
        return quiet.computeIfAbsent(map, key -> {
            watch.watch(key);
            long quietAt = watch.quietAt(key);
            if (atOnce || quietAt - start <= 0) {
                return true;
            }
            nextQuiet = nextQuiet == Long.MAX_VALUE ? quietAt : Math.min(nextQuiet, quietAt);
            return false;
        });
    }

    boolean mayRelyOnElements(BpfMap map) {
        return watch.hasConstantElements(map) && isQuiet(map);
    }

    boolean mayRelyOnValues(BpfMap map) {
        return watch.hasConstantValues(map) && isQuiet(map);
    }

    /** Comes before the map's contents are looked at. */
    void look(BpfMap map) {
        looked.computeIfAbsent(map, watch::version);
    }

    /** What was seen is made use of, an element's place or that there is none. @param use for people, a predicate of the map */
    void relyOnElements(BpfMap map, String use) {
        versions.put(map, looked.get(map));
        notes.computeIfAbsent(map.name(), name -> new LinkedHashSet<>()).add(use);
    }

    /** The same of a value. */
    void relyOnValues(BpfMap map, String use) {
        relyOnElements(map, use);
        values.add(map);
    }

    /** What was made use of, a line for each map. */
    List<String> notes() {
        List<String> lines = new ArrayList<>();
        notes.forEach((map, uses) -> lines.add("map " + map + " " + String.join(" and ", uses)));
        return lines;
    }

    /** The maps that the variant relies on; if there are none it is no better than the generic one. */
    Set<BpfMap> maps() {
        return Set.copyOf(versions.keySet());
    }

    /** System.nanoTime when a map may be relied on that was written too lately for this variant; Long.MAX_VALUE for none. */
    long nextQuiet() {
        return nextQuiet;
    }

    /** Has {@code publish} run if all maps are as they were found. */
    boolean publish(Specialization owner, Runnable publish) {
        return watch.publish(owner, versions, values, publish);
    }
}
