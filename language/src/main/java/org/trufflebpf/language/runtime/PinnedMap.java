package org.trufflebpf.language.runtime;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.trufflebpf.language.run.SocketNumber;
import org.trufflebpf.language.runtime.EbpfException.Failure;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.Codec;
import org.trufflebpf.maps.MapDefinition;
import org.trufflebpf.maps.MapKind;
import org.trufflebpf.maps.References;

/**
 * A map that objects share by its name, and what it may refer to: the programs and maps of all of them. Keys and values are decoded with the types
 * of the object that made it. Changed under the monitor of its {@link Namespace} only.
 */
final class PinnedMap implements References, MapHolder {
    private final Name name;
    private final InstanceMaps maker;
    private final MapDefinition definition;
    private final boolean refers;
    private BpfMap map;
    /** Replaced, never changed; the maker first. */
    private volatile InstanceMaps[] users = {};

    /**
     * Under which objects find it.
     *
     * @param space empty for all objects, otherwise a digest of the one object that shares it with its copies
     */
    record Name(String space, String map) {
    }

    PinnedMap(Name name, InstanceMaps maker, MapDefinition definition) {
        this.name = name;
        this.maker = maker;
        this.definition = definition;
        this.refers = switch (definition.kind()) {
            case PROG_ARRAY, ARRAY_OF_MAPS, HASH_OF_MAPS -> true;
            // Those with a program for each port or CPU.
            case DEVMAP, DEVMAP_HASH, CPUMAP -> definition.valueSize() == Long.BYTES;
            default -> false;
        };
    }

    Name name() {
        return name;
    }

    /** Who made it, closed meanwhile perhaps. */
    InstanceMaps maker() {
        return maker;
    }

    BpfMap map() {
        return map;
    }

    void setMap(BpfMap made) {
        map = made;
    }

    /** @throws EbpfException when another object's map cannot be this one: libbpf's "parameter mismatch" */
    void check(MapDefinition other, InstanceMaps user) {
        List<String> differences = new ArrayList<>();
        compare("", other, definition, differences);
        if (!differences.isEmpty()) {
            throw new EbpfException(Failure.RESOURCES, "map '" + name.map() + "' of " + user.objectName() + " is not like the one that " +
                            maker.objectName() + " pinned by this name: " + String.join(", ", differences) +
                            " (EINVAL, parameter mismatch): declare both alike, or give one another name");
        }
    }

    private static void compare(String prefix, MapDefinition here, MapDefinition there, List<String> differences) {
        if (here.kind() != there.kind()) {
            differences.add(prefix + "type is " + here.kind() + ", not " + there.kind());
        }
        compare(prefix + "key_size", here.keySize(), there.keySize(), differences);
        compare(prefix + "value_size", here.valueSize(), there.valueSize(), differences);
        compare(prefix + "max_entries", here.maxEntries(), there.maxEntries(), differences);
        if (here.flags() != there.flags()) {
            differences.add(prefix + "map_flags are 0x" + Integer.toHexString(here.flags()) + ", not 0x" + Integer.toHexString(there.flags()));
        }
        compare(prefix + "map_extra", here.extra(), there.extra(), differences);
        compare(prefix + "offset of struct bpf_spin_lock", here.fields().lock(), there.fields().lock(), differences);
        compare(prefix + "offset of struct bpf_timer", here.fields().timer(), there.fields().timer(), differences);
        if (here.inner() != null && there.inner() != null) {
            compare(prefix + "inner ", here.inner(), there.inner(), differences);
        }
    }

    private static void compare(String field, long here, long there, List<String> differences) {
        if (here != there) {
            differences.add(field + " is " + here + ", not " + there);
        }
    }

    /** Whoever shares a map that refers to programs or maps can be led to those of the others. */
    void add(InstanceMaps user) {
        InstanceMaps[] more = Arrays.copyOf(users, users.length + 1);
        more[users.length] = user;
        users = more;
        if (refers && more.length > 1) {
            for (InstanceMaps each : more) {
                each.link();
            }
        }
    }

    /** @return whether anybody is left */
    boolean remove(InstanceMaps user) {
        users = Arrays.stream(users).filter(each -> each != user).toArray(InstanceMaps[]::new);
        return users.length > 0;
    }

    @Override
    public boolean isVisibleTo(InstanceMaps instance) {
        for (InstanceMaps user : users) {
            if (user.isVisibleTo(instance)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String programName(int id) {
        for (InstanceMaps user : users) {
            String program = user.programName(id);
            if (program != null) {
                return program;
            }
        }
        return null;
    }

    @Override
    public boolean isAttachable(int id, MapKind kind) {
        return Arrays.stream(users).anyMatch(user -> user.isAttachable(id, kind));
    }

    @Override
    public int program(Object value) {
        for (InstanceMaps user : users) {
            int program = user.program(value);
            if (program != 0) {
                return program;
            }
        }
        return 0;
    }

    @Override
    public BpfMap map(int id) {
        for (InstanceMaps user : users) {
            BpfMap found = user.map(id);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    @Override
    public BpfMap map(String other) {
        for (InstanceMaps user : users) {
            BpfMap found = user.map(other);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    @Override
    public void timerGone(long address) {
        maker.timerGone(address);
    }

    @Override
    public int socketQueue(int id) {
        return SocketNumber.queue(id);
    }

    @Override
    public Codec type(String type) {
        return maker.type(type);
    }
}
