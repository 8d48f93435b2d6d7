package org.trufflebpf.language.runtime;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropException;
import com.oracle.truffle.api.interop.InteropLibrary;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.trufflebpf.io.memory.OutOfNativeMemoryException;
import org.trufflebpf.language.btf.Btf;
import org.trufflebpf.language.codec.BtfCodec;
import org.trufflebpf.language.nodes.InnerMaps;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.runtime.EbpfException.Failure;
import org.trufflebpf.language.verifier.Entry;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.Codec;
import org.trufflebpf.maps.MapDefinition;
import org.trufflebpf.maps.MapException;
import org.trufflebpf.maps.MapFactory;
import org.trufflebpf.maps.MapFlags;
import org.trufflebpf.maps.MapKind;
import org.trufflebpf.maps.References;

/**
 * The maps of one instance, by name and by number: those of the object and those made later to be held by maps of maps. Numbers of programs are their
 * places in the object, from 1 on. All stay open until the instance closes, since programs may hold what they gave. Any thread may ask.
 */
final class InstanceMaps implements References, InnerMaps, AutoCloseable {
    private final VerifiedObject object;
    private final long maxMemory;
    private final long seed;
    private final Map<String, BpfMap> byName = new LinkedHashMap<>();
    /** Replaced, never changed, when a map comes; the number is the index. */
    private volatile BpfMap[] byNumber = {null};
    private long memory;

    InstanceMaps(VerifiedObject object, long maxMemory, long seed) {
        this.object = object;
        this.maxMemory = maxMemory;
        this.seed = seed;
    }

    /** Makes the object's maps with what they hold at the start. */
    void makeAll() {
        for (MapSpec spec : object.spec().maps()) {
            byName.put(spec.name(), make(spec));
        }
        for (MapSpec spec : object.spec().maps()) {
            fill(spec);
        }
    }

    /** Makes a map; it has no name but a number. */
    synchronized BpfMap make(MapSpec spec) {
        try {
            MapDefinition definition = definition(spec).completed(Instance.CPUS);
            memory += MapFactory.memoryNeeded(definition, Instance.CPUS);
            if (memory > maxMemory) {
                throw new EbpfException(Failure.RESOURCES, "map '" + spec.name() + "' would bring the maps to " + (memory >> 20) +
                                " MiB, more than the " + (maxMemory >> 20) + " MiB allowed: raise --ebpf.MaxMapMemory");
            }
            BpfMap[] next = Arrays.copyOf(byNumber, byNumber.length + 1);
            Codec key = BtfCodec.of(object.spec().btf(), spec.keyType(), spec.keySize());
            Codec value = BtfCodec.of(object.spec().btf(), spec.valueType(), spec.valueSize());
            BpfMap map = MapFactory.create(definition, byNumber.length, Instance.CPUS, key, value, seed, this);
            next[byNumber.length] = map;
            byNumber = next;
            return map;
        } catch (MapException e) {
            throw new EbpfException(Failure.RESOURCES, e.getMessage());
        } catch (OutOfNativeMemoryException e) {
            throw new EbpfException(Failure.RESOURCES, "map '" + spec.name() + "': " + e.getMessage());
        }
    }

    private MapDefinition definition(MapSpec spec) {
        MapKind kind = MapKind.of(spec.type());
        if (kind == null) {
            throw new EbpfException(Failure.RESOURCES, "map '" + spec.name() + "' is of kind " + MapKind.kernelName(spec.type()) + ", which is not supported yet");
        }
        MapDefinition definition = new MapDefinition(spec.name(), kind, spec.keySize(), spec.valueSize(), spec.maxEntries(), spec.flags(),
                        spec.inner() == null ? null : definition(spec.inner()), spec.extra());
        Btf types = object.spec().btf();
        OptionalInt lock = types == null ? OptionalInt.empty() : types.offsetOf(spec.valueType(), "bpf_spin_lock");
        return lock.isPresent() ? definition.withLock(lock.getAsInt()) : definition;
    }

    private void fill(MapSpec spec) {
        BpfMap map = byName.get(spec.name());
        try {
            if (spec.contents() != null && spec.contents().length > 0) {
                map.put(new byte[4], Arrays.copyOf(spec.contents(), spec.valueSize()), MapFlags.ANY);
            }
            spec.values().forEach((slot, name) -> map.put(bytes(slot), bytes(number(spec, name)), MapFlags.ANY));
        } catch (MapException e) {
            throw new EbpfException(Failure.RESOURCES, e.getMessage());
        }
    }

    /** Of what a slot of a map refers to at the start: a program or a map of the object. */
    private int number(MapSpec spec, String name) {
        if (MapKind.of(spec.type()) == MapKind.PROG_ARRAY) {
            object.program(name, Entry.XDP);
            return program(name);
        }
        return byName.get(name).id();
    }

    private static byte[] bytes(int number) {
        return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array();
    }

    List<BpfMap> all() {
        return List.copyOf(byName.values());
    }

    /** The object's map of that name, or null. */
    BpfMap get(String name) {
        return byName.get(name);
    }

    @Override
    public BpfMap map(int id) {
        BpfMap[] maps = byNumber;
        return id > 0 && id < maps.length ? maps[id] : null;
    }

    @Override
    public Codec type(String name) {
        return BtfCodec.named(object.spec().btf(), name);
    }

    @Override
    @TruffleBoundary
    public boolean contain(long address, long size) {
        for (BpfMap map : byNumber) {
            if (map != null && map.valuesSize() > 0 && (map.flags() & (MapFlags.RDONLY_PROG | MapFlags.WRONLY_PROG)) == 0) {
                long distance = address - map.valuesAddress();
                long inElement = distance % map.stride() - map.valueOffset();
                if (distance >= 0 && distance < map.valuesSize() && inElement >= 0 && size >= 0 && size <= map.valueSize() - inElement) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Null for a program that is rejected as well: no program array may hold it. */
    @Override
    public String programName(int id) {
        List<ProgramSpec> programs = object.spec().programs();
        if (id <= 0 || id > programs.size()) {
            return null;
        }
        try {
            object.program(programs.get(id - 1).name(), Entry.XDP);
            return programs.get(id - 1).name();
        } catch (EbpfException rejected) {
            return null;
        }
    }

    @Override
    public int program(Object value) {
        InteropLibrary interop = InteropLibrary.getUncached();
        try {
            return program(interop.asString(interop.isString(value) ? value : interop.readMember(value, "name")));
        } catch (InteropException e) {
            return 0;
        }
    }

    /** The number of a program, or 0. */
    int program(String name) {
        List<ProgramSpec> programs = object.spec().programs();
        for (int i = 0; i < programs.size(); i++) {
            if (programs.get(i).name().equals(name)) {
                return i + 1;
            }
        }
        return 0;
    }

    @Override
    public synchronized void close() {
        for (BpfMap map : byNumber) {
            if (map != null) {
                map.close();
            }
        }
    }
}
