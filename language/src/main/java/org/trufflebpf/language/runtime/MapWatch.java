package org.trufflebpf.language.runtime;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.trufflebpf.language.verifier.MapTable;
import org.trufflebpf.language.verifier.MapWrites;
import org.trufflebpf.maps.BpfMap;

/**
 * Who writes which maps of a {@link Namespace}, and which specialised variants of programs rely on what maps hold. Before a map changes under a
 * variant, the variant is withdrawn: bursts that begin after a control-plane write has returned run the generic variant, hence see the write. A burst
 * that is under way goes on with what it began with, as if all its packets had been processed before.
 *
 * <p>Writers pay for what they disturb: each time a write ends the use of a map too soon, that map must stay as it is for twice as long before it is
 * relied on again.
 *
 * <p>Its monitor comes after those of maps.
 */
final class MapWatch {
    /** How long a map must not have been written at first, in nanoseconds: a control program that fills maps has ended by then. */
    static final long FIRST_PATIENCE = TimeUnit.MILLISECONDS.toNanos(250);
    /** At most, in nanoseconds. */
    static final long LONGEST_PATIENCE = TimeUnit.SECONDS.toNanos(64);
    /** A map that was relied on so many times as long as it had been waited for has earned its first patience back. */
    private static final int REWARD = 16;

    private final Map<BpfMap, History> histories = new HashMap<>();
    private final List<Writer> writers = new ArrayList<>();

    /** Of one map. */
    private static final class History {
        /** Control-plane writes until now. */
        long writes;
        /** System.nanoTime of the last of them; long ago for none. */
        long lastWrite = System.nanoTime() - LONGEST_PATIENCE;
        /** Nanoseconds without a write before it is relied on. */
        long patience = FIRST_PATIENCE;
        /** System.nanoTime since when variants rely on it. */
        long reliedSince;
        final Set<Specialization> dependents = new HashSet<>();

        void beMorePatient() {
            patience = Math.min(2 * patience, LONGEST_PATIENCE);
        }

        /** When it may be relied on, if it stays as it is. */
        long quietAt() {
            return lastWrite + patience;
        }
    }

    /**
     * A program that may run.
     *
     * @param maps by number; null for templates
     */
    private record Writer(Instance owner, MapWrites writes, MapTable table, BpfMap[] maps) {
        /** Whether it is the same program, though for another run. */
        boolean isSame(Writer other) {
            return owner == other.owner && writes.equals(other.writes) && table.equals(other.table);
        }

        boolean changesElements(BpfMap map) {
            return names(writes.elements(), map);
        }

        boolean writesValues(BpfMap map) {
            return names(writes.values(), map) || writes.anywhere() && map.programsMayWrite();
        }

        private boolean names(long set, BpfMap map) {
            for (long rest = set; rest != 0; rest &= rest - 1) {
                int number = Long.numberOfTrailingZeros(rest);
                if (table.isTemplate(number) ? InstanceMaps.isLike(map, table.maps().get(number)) : maps[number] == map) {
                    return true;
                }
            }
            return false;
        }
    }

    /** A program is about to run that may write maps: variants that rely on those are withdrawn for good. */
    synchronized void addWriter(Instance owner, MapWrites writes, MapTable table, BpfMap[] maps) {
        Writer writer = new Writer(owner, writes, table, maps);
        if (writers.stream().anyMatch(writer::isSame)) {
            return;
        }
        writers.add(writer);
        histories.forEach((map, history) -> {
            if (writer.changesElements(map) || writer.writesValues(map)) {
                withdraw(history, System.nanoTime());
            }
        });
    }

    /** The programs of an instance run no more. */
    synchronized void removeWriters(Instance owner) {
        writers.removeIf(writer -> writer.owner == owner);
    }

    /** Whether only the control plane adds, replaces and takes out elements. */
    synchronized boolean hasConstantElements(BpfMap map) {
        return writers.stream().noneMatch(writer -> writer.changesElements(map));
    }

    /** Whether only the control plane changes values. */
    synchronized boolean hasConstantValues(BpfMap map) {
        return hasConstantElements(map) && writers.stream().noneMatch(writer -> writer.writesValues(map));
    }

    /** From now on writes of the control plane are heard of. */
    void watch(BpfMap map) {
        synchronized (this) {
            if (histories.putIfAbsent(map, new History()) != null) {
                return;
            }
        }
        // Not under this monitor, as the map's comes first.
        map.observe(() -> written(map));
    }

    private synchronized void written(BpfMap map) {
        History history = histories.get(map);
        if (history == null) {
            return;
        }
        long now = System.nanoTime();
        history.writes++;
        history.lastWrite = now;
        if (!history.dependents.isEmpty()) {
            if (now - history.reliedSince >= REWARD * history.patience) {
                history.patience = FIRST_PATIENCE;
            } else {
                history.beMorePatient();
            }
            withdraw(history, now);
        }
    }

    private void withdraw(History history, long now) {
        for (Specialization dependent : List.copyOf(history.dependents)) {
            forget(dependent);
            // Without this map there may still be something to gain.
            dependent.withdraw(now + Math.min(history.patience, 4 * FIRST_PATIENCE));
        }
    }

    /** The state of a map that is watched, to be compared when a variant is published. */
    synchronized long version(BpfMap map) {
        return histories.get(map).writes;
    }

    /** System.nanoTime when a map that is watched may be relied on if it stays as it is; in the past if it may be now. */
    synchronized long quietAt(BpfMap map) {
        return histories.get(map).quietAt();
    }

    /**
     * Has {@code publish} run if the maps are as they were, and lets {@code dependent} know when they change.
     *
     * @param versions as {@link #version} gave them before the contents were read
     * @param values of these maps, those whose values too must not be written by programs
     * @return false when one has changed meanwhile
     */
    synchronized boolean publish(Specialization dependent, Map<BpfMap, Long> versions, Set<BpfMap> values, Runnable publish) {
        boolean asFound = true;
        for (Map.Entry<BpfMap, Long> entry : versions.entrySet()) {
            BpfMap map = entry.getKey();
            History history = histories.get(map);
            asFound &= history != null && hasConstantElements(map) && (!values.contains(map) || hasConstantValues(map));
            if (history != null && history.writes != entry.getValue()) {
                history.beMorePatient();
                asFound = false;
            }
        }
        if (!asFound) {
            return false;
        }
        forget(dependent);
        long now = System.nanoTime();
        for (BpfMap map : versions.keySet()) {
            History history = histories.get(map);
            if (history.dependents.isEmpty()) {
                history.reliedSince = now;
            }
            history.dependents.add(dependent);
        }
        publish.run();
        return true;
    }

    /** The variant is used no more. */
    synchronized void forget(Specialization dependent) {
        histories.values().forEach(history -> history.dependents.remove(dependent));
    }

    /** The map is about to be closed. */
    synchronized void forget(BpfMap map) {
        histories.remove(map);
    }
}
