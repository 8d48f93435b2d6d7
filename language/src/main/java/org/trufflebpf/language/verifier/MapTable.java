package org.trufflebpf.language.verifier;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.trufflebpf.language.isa.Code;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.object.MapSpec;

/**
 * The maps that one program can get at, numbered: those that it names, in the order of the code, each map of maps followed by the template of its
 * inner maps, which stands for all of them.
 *
 * @param maps at most {@link #MAX_MAPS}
 * @param templates of the maps, a bit per number, those that are templates
 */
public record MapTable(List<MapSpec> maps, long templates) {
    /** MAX_USED_MAPS in the kernel. */
    public static final int MAX_MAPS = 64;
    /** BPF_F_RDONLY_PROG. */
    private static final int READ_ONLY = 1 << 7;
    /** BPF_F_WRONLY_PROG. */
    private static final int WRITE_ONLY = 1 << 8;
    private static final int ARRAY = 2;
    private static final int PERCPU_ARRAY = 6;
    private static final int DEVMAP = 14;
    private static final int DEVMAP_HASH = 25;
    private static final int RINGBUF = 27;
    private static final int BLOOM_FILTER = 30;

    public MapTable {
        maps = List.copyOf(maps);
    }

    /** @throws RejectedException when the code names a map that is not there, or too many */
    static MapTable of(Code code, Function<String, MapSpec> find) throws RejectedException {
        Set<String> names = new LinkedHashSet<>();
        List<MapSpec> maps = new ArrayList<>();
        long templates = 0;
        for (int slot = 0; slot < code.slots().size(); slot++) {
            String name = switch (code.slots().get(slot)) {
                case Instruction.LoadMap load -> load.map();
                case Instruction.LoadMapValue load -> load.map();
                case null, default -> null;
            };
            if (name != null && names.add(name)) {
                MapSpec map = find.apply(name);
                if (map == null) {
                    throw new RejectedException(slot, "refers to map '" + name + "', which does not exist");
                }
                if (maps.size() + (map.inner() == null ? 1 : 2) > MAX_MAPS) {
                    throw new RejectedException(slot, "the program uses more than " + MAX_MAPS + " maps");
                }
                maps.add(map);
                if (map.inner() != null) {
                    templates |= 1L << maps.size();
                    maps.add(map.inner());
                }
            }
        }
        return new MapTable(maps, templates);
    }

    /** Whether a number stands for the inner maps of the map before it. */
    public boolean isTemplate(int number) {
        return (templates >>> number & 1) != 0;
    }

    /** The set of all. */
    public long all() {
        return maps.size() == MAX_MAPS ? -1L : (1L << maps.size()) - 1;
    }

    /** Those of a set that hold maps. */
    long holdingMaps(long set) {
        return set & templates >>> 1;
    }

    /** The templates of a set of maps that hold maps. */
    static long innerOf(long set) {
        return set << 1;
    }

    /** The number of a map that the program names. */
    public int number(String name) {
        for (int i = 0; i < maps.size(); i++) {
            if (!isTemplate(i) && maps.get(i).name().equals(name)) {
                return i;
            }
        }
        throw new IllegalArgumentException(name);
    }

    /** How messages call a map: inner maps go by the name of the map that they are in. */
    public String nameOf(int number) {
        return isTemplate(number) ? maps.get(number - 1).name() + "[...]" : maps.get(number).name();
    }

    /** The smallest value size of a set of maps, in bytes. */
    public int smallestValue(long set) {
        int smallest = Integer.MAX_VALUE;
        for (long rest = set; rest != 0; rest &= rest - 1) {
            smallest = Math.min(smallest, maps.get(Long.numberOfTrailingZeros(rest)).valueSize());
        }
        return smallest;
    }

    int smallestKey(long set) {
        int smallest = Integer.MAX_VALUE;
        for (long rest = set; rest != 0; rest &= rest - 1) {
            smallest = Math.min(smallest, maps.get(Long.numberOfTrailingZeros(rest)).keySize());
        }
        return set == 0 ? 0 : smallest;
    }

    /** Those of a set whose values hold timers. */
    long withTimers(long set) {
        long timers = 0;
        for (long rest = set; rest != 0; rest &= rest - 1) {
            timers |= maps.get(Long.numberOfTrailingZeros(rest)).hasTimer() ? Long.lowestOneBit(rest) : 0;
        }
        return timers;
    }

    /** The bloom filters of a set of maps. */
    long bloomFilters(long set) {
        return ofType(set, BLOOM_FILTER);
    }

    private long ofType(long set, int type) {
        long found = 0;
        for (long rest = set; rest != 0; rest &= rest - 1) {
            found |= maps.get(Long.numberOfTrailingZeros(rest)).type() == type ? Long.lowestOneBit(rest) : 0;
        }
        return found;
    }

    /** The ring buffers of a set of maps. */
    public long rings(long set) {
        return ofType(set, RINGBUF);
    }

    /** Whether a map has a value at each index, whatever is done to it. */
    boolean isArray(int number) {
        return maps.get(number).type() == ARRAY || maps.get(number).type() == PERCPU_ARRAY;
    }

    /** Those maps of a set whose values programs may read, write, or both. */
    public long allowing(long set, boolean reads, boolean writes) {
        long allowing = 0;
        for (long rest = set; rest != 0; rest &= rest - 1) {
            MapSpec map = maps.get(Long.numberOfTrailingZeros(rest));
            boolean forbidden = writes && isReadOnly(map) || reads && (map.flags() & WRITE_ONLY) != 0;
            allowing |= forbidden ? 0 : Long.lowestOneBit(rest);
        }
        return allowing;
    }

    /** Whether the kernel lets no program change it: device maps are made so (dev_map_init_map). */
    static boolean isReadOnly(MapSpec map) {
        return (map.flags() & READ_ONLY) != 0 || map.type() == DEVMAP || map.type() == DEVMAP_HASH;
    }

    int largestKey(long set) {
        int largest = 0;
        for (long rest = set; rest != 0; rest &= rest - 1) {
            largest = Math.max(largest, maps.get(Long.numberOfTrailingZeros(rest)).keySize());
        }
        return largest;
    }

    int largestValue(long set) {
        int largest = 0;
        for (long rest = set; rest != 0; rest &= rest - 1) {
            largest = Math.max(largest, maps.get(Long.numberOfTrailingZeros(rest)).valueSize());
        }
        return largest;
    }
}
