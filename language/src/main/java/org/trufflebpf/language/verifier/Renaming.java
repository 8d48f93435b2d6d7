package org.trufflebpf.language.verifier;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;

/**
 * Joins the ids of two states: values that are the same distance apart in both of them, having an id in each, have an id in the joined state.
 * Ids of the first state stay where that is possible, so that joining again changes nothing.
 */
final class Renaming {
    private record Pair(int mine, int others, long distance) {
    }

    private final IntSupplier newId;
    private final Map<Pair, Integer> ids = new HashMap<>();
    private final Map<Integer, Pair> firstOf = new HashMap<>();

    /** @param newId gives ids that neither state has */
    Renaming(IntSupplier newId) {
        this.newId = newId;
    }

    /** A value that covers both. */
    Value join(Value mine, Value others) {
        Value joined = mine.join(others);
        return mine.id() == 0 || others.id() == 0 ? joined
                        : joined.withId(id(new Pair(mine.id(), others.id(), others.delta() - mine.delta())), mine.delta());
    }

    private int id(Pair pair) {
        return ids.computeIfAbsent(pair, key -> {
            boolean isMeta = key.mine == Value.META_ID;
            boolean staysMeta = key.others == Value.META_ID && key.distance == 0;
            if (isMeta ? staysMeta : firstOf.putIfAbsent(key.mine, key) == null) {
                return key.mine;
            }
            return newId.getAsInt();
        });
    }

    /**
     * What is known of the packet from the numbers on that the new ids stand for.
     *
     * @param widen what shrank is forgotten
     */
    Map<Integer, Long> joinRanges(Map<Integer, Long> mine, Map<Integer, Long> others, boolean widen) {
        if (mine.isEmpty() || others.isEmpty()) {
            return Map.of();
        }
        Map<Integer, Long> joined = new HashMap<>();
        ids.forEach((pair, id) -> {
            Long one = mine.get(pair.mine);
            Long other = others.get(pair.others);
            if (one != null && other != null) {
                long least = Math.min(one, other - pair.distance);
                if (!widen || least == one) {
                    joined.put(id, least);
                }
            }
        });
        return joined;
    }

    /** Whether the ids in use have what they had. */
    boolean sameRanges(Map<Integer, Long> before, Map<Integer, Long> after) {
        return ids.values().stream().allMatch(id -> !before.containsKey(id) || before.get(id).equals(after.get(id)));
    }

    /**
     * Records held on either side, unless they are null. Different ids stay different records: one that has several ids, or none, on the other side
     * keeps an id that no value has, and can be given back no more.
     */
    Map<Integer, Integer> joinHeld(Map<Integer, Integer> mine, Map<Integer, Integer> others) {
        if (mine.isEmpty() && others.isEmpty()) {
            return mine;
        }
        Map<Integer, Integer> joined = new HashMap<>(mine);
        others.forEach((id, slot) -> {
            List<Integer> names = ids.entrySet().stream().filter(entry -> entry.getKey().others == id).map(Map.Entry::getValue).toList();
            if (names.size() == 1) {
                joined.putIfAbsent(names.getFirst(), slot);
            } else {
                names.forEach(joined::remove);
                if (!joined.containsValue(slot)) {
                    joined.put(newId.getAsInt(), slot);
                }
            }
        });
        // What was removed is not lost.
        mine.values().stream().filter(slot -> !joined.containsValue(slot)).distinct().toList().forEach(slot -> joined.put(newId.getAsInt(), slot));
        return joined;
    }
}
