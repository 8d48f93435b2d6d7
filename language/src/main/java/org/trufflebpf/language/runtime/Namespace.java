package org.trufflebpf.language.runtime;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import org.trufflebpf.maps.ArrayMap;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.MapDefinition;
import org.trufflebpf.maps.MapOfMaps;
import org.trufflebpf.maps.References;

/**
 * What objects that are loaded together have in common: one numbering of their maps and one of their programs, and the maps that are pinned. All
 * objects that are evaluated in a context share one; a command that loads an object for itself has its own. Numbers are positive and are never given
 * twice. Any thread may call; its monitor comes after those
 * of instances and before those of programs and maps.
 */
public final class Namespace {
    /** Maps that the first array takes; it grows by doubling. */
    private static final int FIRST_LENGTH = 16;

    /** By number. Replaced when it is full. */
    private volatile Numbered[] maps = new Numbered[FIRST_LENGTH];
    /** See {@link org.trufflebpf.language.nodes.InnerMaps#arrays}. Replaced when it is full, before the map that does not fit is known to anyone. */
    private volatile long[] arrays = new long[FIRST_LENGTH];
    private int lastMap;
    private final Set<Instance> instances = new HashSet<>();
    /** By the number of their first program. */
    private final NavigableMap<Integer, Instance> programs = new ConcurrentSkipListMap<>();
    private int lastProgram;
    private final Map<PinnedMap.Name, PinnedMap> pins = new HashMap<>();
    private final TimerQueue timers = new TimerQueue();
    private final MapWatch watch = new MapWatch();

    private record Numbered(BpfMap map, MapHolder holder) {
    }

    /**
     * Adds an instance that is being made.
     *
     * @param count its programs
     * @return the number of the first; the others follow
     */
    synchronized int add(Instance instance, int count) {
        instances.add(instance);
        int first = lastProgram + 1;
        if (count > 0) {
            programs.put(first, instance);
            lastProgram += count;
        }
        return first;
    }

    /** Whose program has a number that was given. */
    Instance instanceOf(int program) {
        return programs.floorEntry(program).getValue();
    }

    /** @param make gets the map's number */
    synchronized BpfMap add(MapHolder holder, IntFunction<BpfMap> make) {
        if (lastMap == MapOfMaps.MAX_NUMBER) {
            throw new EbpfException(EbpfException.Failure.RESOURCES, "there are no numbers left for maps: " + lastMap + " were made in this context");
        }
        BpfMap map = make.apply(lastMap + 1);
        lastMap++;
        Numbered[] next = lastMap < maps.length ? maps : Arrays.copyOf(maps, 2 * maps.length);
        next[lastMap] = new Numbered(map, holder);
        long[] nextArrays = next == maps ? arrays : Arrays.copyOf(arrays, next.length);
        nextArrays[lastMap] = map instanceof ArrayMap ? map.valuesAddress() : 0;
        arrays = nextArrays;
        maps = next;
        return map;
    }

    long[] arrays() {
        return arrays;
    }

    /** The map of that number if the instance may get at it, else null. */
    BpfMap map(int number, InstanceMaps instance) {
        Numbered[] current = maps;
        Numbered numbered = number > 0 && number < current.length ? current[number] : null;
        return numbered != null && numbered.holder().isVisibleTo(instance) ? numbered.map() : null;
    }

    /** All maps that the instance may get at by number. */
    BpfMap[] maps(InstanceMaps instance) {
        return Arrays.stream(maps).filter(numbered -> numbered != null && numbered.holder().isVisibleTo(instance)).map(Numbered::map)
                .toArray(BpfMap[]::new);
    }

    /**
     * The map that is pinned by this name; if there is none yet, it is made.
     *
     * @param replacing whether a new map takes the name whatever is there; who has the old one keeps it
     * @param make gets the map's number and what it refers to
     * @throws EbpfException if the map that is there is another one
     */
    synchronized PinnedMap pin(PinnedMap.Name name, InstanceMaps user, MapDefinition definition, boolean replacing,
            BiFunction<Integer, References, BpfMap> make) {
        PinnedMap pinned = replacing ? null : pins.get(name);
        if (pinned == null) {
            PinnedMap fresh = new PinnedMap(name, user, definition);
            fresh.setMap(add(fresh, number -> make.apply(number, fresh)));
            pins.put(name, fresh);
            pinned = fresh;
        }
        pinned.check(definition, user);
        pinned.add(user);
        return pinned;
    }

    /** The user will not use it any more; the last one closes it. */
    synchronized void unpin(PinnedMap pinned, InstanceMaps user) {
        if (!pinned.remove(user)) {
            pins.remove(pinned.name(), pinned);
            close(pinned);
        }
    }

    /** Closes the maps that somebody holds. */
    synchronized void close(MapHolder holder) {
        for (int number = 1; number <= lastMap; number++) {
            Numbered numbered = maps[number];
            if (numbered != null && numbered.holder() == holder) {
                maps[number] = null;
                timers.close(numbered.map());
                watch.forget(numbered.map());
                numbered.map().close();
            }
        }
    }

    MapWatch watch() {
        return watch;
    }

    TimerQueue timers() {
        return timers;
    }

    /** @param first as {@link #add} gave it */
    synchronized void remove(int first, Instance instance) {
        programs.remove(first, instance);
        instances.remove(instance);
        watch.removeWriters(instance);
    }

    /** Frees what is closed and where no open instance can be led. */
    synchronized void releaseClosed() {
        boolean reachable = instances.stream().anyMatch(instance -> !instance.isClosed() && instance.isLinked());
        instances.stream().filter(instance -> instance.isClosed() && !(reachable && instance.isLinked())).toList().forEach(Instance::release);
    }
}
