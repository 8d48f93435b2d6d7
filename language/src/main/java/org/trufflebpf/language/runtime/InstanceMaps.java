package org.trufflebpf.language.runtime;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropException;
import com.oracle.truffle.api.interop.InteropLibrary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.trufflebpf.io.memory.OutOfNativeMemoryException;
import org.trufflebpf.language.codec.BtfCodec;
import org.trufflebpf.language.nodes.InnerMaps;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.run.SocketNumber;
import org.trufflebpf.language.runtime.EbpfException.Failure;
import org.trufflebpf.language.verifier.Entry;
import org.trufflebpf.language.verifier.Safety;
import org.trufflebpf.maps.ArrayIndex;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.Codec;
import org.trufflebpf.maps.MapDefinition;
import org.trufflebpf.maps.MapException;
import org.trufflebpf.maps.MapFactory;
import org.trufflebpf.maps.MapFlags;
import org.trufflebpf.maps.MapKind;
import org.trufflebpf.maps.References;
import org.trufflebpf.maps.ValueFields;

/**
 * The maps of one instance: those of the object, its own and pinned ones, and those made later to be held by maps of maps. All stay open until the
 * instance closes, since programs may hold what they gave. Maps and programs have numbers of the instance's {@link Namespace}. Any thread may ask.
 */
final class InstanceMaps implements References, InnerMaps, MapHolder, AutoCloseable {
    private final VerifiedObject object;
    private final Safety safety;
    private final long maxMemory;
    private final long seed;
    private final Namespace namespace;
    private final int firstProgram;
    private final Map<String, BpfMap> byName = new LinkedHashMap<>();
    private final Map<String, PinnedMap> pins = new HashMap<>();
    private volatile boolean linked;
    private final AtomicLong memory = new AtomicLong();

    /** @param firstProgram the number of the object's first program; the others follow */
    InstanceMaps(VerifiedObject object, Safety safety, long maxMemory, long seed, Namespace namespace, int firstProgram) {
        this.object = object;
        this.safety = safety;
        this.maxMemory = maxMemory;
        this.seed = seed;
        this.namespace = namespace;
        this.firstProgram = firstProgram;
    }

    /** Makes the object's maps with what they hold at the start. */
    void makeAll() {
        List<MapSpec> filled = new ArrayList<>();
        for (MapSpec spec : object.spec().maps()) {
            BpfMap map = spec.pinning() == MapSpec.Pinning.NONE ? make(spec) : pin(spec);
            byName.put(spec.name(), map);
            // As libbpf: a map of maps is filled by who makes it, a program array by everybody.
            PinnedMap pinned = pins.get(spec.name());
            if (map.kind() == MapKind.PROG_ARRAY || pinned == null || pinned.maker() == this) {
                filled.add(spec);
            }
        }
        filled.forEach(this::checkValues);
        filled.forEach(this::fill);
    }

    /** Makes a map; it has no name but a number. */
    BpfMap make(MapSpec spec) {
        return guarded(spec, definition -> namespace.add(this, number -> create(spec, definition, number, this)));
    }

    private BpfMap pin(MapSpec spec) {
        PinnedMap.Name name = new PinnedMap.Name(spec.pinning() == MapSpec.Pinning.OBJECT ? object.digest() : "", spec.name());
        return guarded(spec, definition -> {
            PinnedMap pinned = namespace.pin(name, this, definition, spec.pinning() == MapSpec.Pinning.REPLACED,
                            (number, references) -> create(spec, definition, number, references));
            pins.put(spec.name(), pinned);
            return pinned.map();
        });
    }

    /** Counts the memory that a map takes; what cannot be made is a guest error. */
    private BpfMap guarded(MapSpec spec, Function<MapDefinition, BpfMap> maker) {
        try {
            MapDefinition definition = definition(spec).completed(Instance.CPUS);
            long total = memory.addAndGet(MapFactory.memoryNeeded(definition, Instance.CPUS));
            if (total > maxMemory) {
                throw new EbpfException(Failure.RESOURCES, "map '" + spec.name() + "' would bring the maps to " + (total >> 20) +
                                " MiB, more than the " + (maxMemory >> 20) + " MiB allowed: raise --ebpf.MaxMapMemory");
            }
            return maker.apply(definition);
        } catch (MapException e) {
            throw new EbpfException(Failure.RESOURCES, e.getMessage());
        } catch (OutOfNativeMemoryException e) {
            throw new EbpfException(Failure.RESOURCES, "map '" + spec.name() + "': " + e.getMessage());
        }
    }

    /** Whether a map may be taken for an inner map that is like {@code template}. */
    static boolean isLike(BpfMap map, MapSpec template) {
        return map.kind().number() == template.type() && map.keySize() == template.keySize() && map.valueSize() == template.valueSize();
    }

    private BpfMap create(MapSpec spec, MapDefinition definition, int number, References references) {
        Codec key = BtfCodec.of(object.spec().btf(), spec.keyType(), spec.keySize());
        Codec value = BtfCodec.of(object.spec().btf(), spec.valueType(), spec.valueSize());
        return MapFactory.create(definition, number, Instance.CPUS, key, value, seed, references);
    }

    private MapDefinition definition(MapSpec spec) {
        MapKind kind = MapKind.of(spec.type());
        if (kind == null) {
            throw new EbpfException(Failure.RESOURCES, "map '" + spec.name() + "' is of kind " + MapKind.kernelName(spec.type()) +
                            ", which is not supported yet");
        }
        MapDefinition definition = new MapDefinition(spec.name(), kind, spec.keySize(), spec.valueSize(), spec.maxEntries(), spec.flags(),
                        spec.inner() == null ? null : definition(spec.inner()), spec.extra());
        return definition.withFields(new ValueFields(spec.lock(), spec.timer()));
    }

    /** That {@link #fill} will succeed: others may see what it puts into pinned maps. */
    private void checkValues(MapSpec spec) {
        spec.values().forEach((slot, name) -> {
            number(spec, name);
            if (spec.type() != MapKind.HASH_OF_MAPS.number() && Integer.toUnsignedLong(slot) >= spec.maxEntries()) {
                throw new EbpfException(Failure.RESOURCES, "map '" + spec.name() + "' has " + spec.maxEntries() + " slots, and '" + name +
                                "' for slot " + Integer.toUnsignedString(slot));
            }
        });
    }

    private void fill(MapSpec spec) {
        BpfMap map = byName.get(spec.name());
        try {
            if (spec.contents() != null && spec.contents().length > 0) {
                map.put(new byte[4], Arrays.copyOf(spec.contents(), spec.valueSize()), MapFlags.ANY);
            }
            spec.values().forEach((slot, name) -> map.put(ArrayIndex.key(slot), ArrayIndex.key(number(spec, name)), MapFlags.ANY));
        } catch (MapException e) {
            throw new EbpfException(Failure.RESOURCES, e.getMessage());
        }
    }

    /** Of what a slot of a map refers to at the start: a program or a map of the object. */
    private int number(MapSpec spec, String name) {
        if (MapKind.of(spec.type()) == MapKind.PROG_ARRAY) {
            object.program(name, Entry.XDP, safety);
            return programNumber(name);
        }
        return byName.get(name).id();
    }

    List<BpfMap> all() {
        return List.copyOf(byName.values());
    }

    /** What messages call the object. */
    String objectName() {
        return object.name();
    }

    /** The object's map of that name, or null. */
    @Override
    public BpfMap map(String name) {
        return byName.get(name);
    }

    @Override
    public BpfMap map(int id) {
        return namespace.map(id, this);
    }

    @Override
    public void timerGone(long address) {
        namespace.timers().gone(address);
    }

    @Override
    public long[] arrays() {
        return namespace.arrays();
    }

    @Override
    public int socketQueue(int id) {
        return SocketNumber.queue(id);
    }

    @Override
    public Codec type(String name) {
        return BtfCodec.named(object.spec().btf(), name);
    }

    /** From now on programs of this instance can be led to maps and programs of others by what a pinned map holds, and the other way round. */
    void link() {
        linked = true;
    }

    /** Whether others can be led here: then all is closed together. */
    boolean isLinked() {
        return linked;
    }

    @Override
    public boolean isVisibleTo(InstanceMaps instance) {
        return instance == this || linked && instance.linked;
    }

    @Override
    @TruffleBoundary
    public BpfMap.Place placeOf(long address, int beside, long... values) {
        return Arrays.stream(namespace.maps(this)).filter(map -> values.length == 0 || Arrays.stream(values).anyMatch(start -> start == map.valuesAddress()))
                .map(map -> map.placeOf(address, beside)).filter(Objects::nonNull).findFirst().orElse(null);
    }

    @Override
    @TruffleBoundary
    public boolean contain(long address, long size) {
        for (BpfMap map : namespace.maps(this)) {
            if (map.valuesSize() > 0 && (map.flags() & (MapFlags.RDONLY_PROG | MapFlags.WRONLY_PROG)) == 0) {
                long distance = address - map.valuesAddress();
                long inElement = distance % map.stride() - map.valueOffset();
                if (distance >= 0 && distance < map.valuesSize() && inElement >= 0 && size >= 0 && size <= map.valueSize() - inElement) {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    @TruffleBoundary
    public boolean containKey(long address, long size) {
        for (BpfMap map : namespace.maps(this)) {
            if (map.keysSize() > 0) {
                long distance = address - map.keysAddress();
                long inElement = distance % map.keyStride() - map.keyOffset();
                if (distance >= 0 && distance < map.keysSize() && inElement >= 0 && size >= 0 && size <= map.keySize() - inElement) {
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
        int index = id - firstProgram;
        if (index < 0 || index >= programs.size()) {
            return null;
        }
        try {
            object.program(programs.get(index).name(), Entry.XDP, safety);
            return programs.get(index).name();
        } catch (EbpfException rejected) {
            return null;
        }
    }

    @Override
    public boolean isAttachable(int id, MapKind kind) {
        ProgramSpec.Attachment wanted = kind == MapKind.CPUMAP ? ProgramSpec.Attachment.CPU_MAP : ProgramSpec.Attachment.DEVICE_MAP;
        return programName(id) != null && object.spec().programs().get(id - firstProgram).attachment() == wanted;
    }

    /** Takes programs of this object and their names; a program that came by way of another context is known by its name only. */
    @Override
    public int program(Object value) {
        if (value instanceof NumberedProgram program) {
            return programName(program.number()) == null ? 0 : program.number();
        }
        InteropLibrary interop = InteropLibrary.getUncached();
        try {
            return programNumber(interop.asString(interop.isString(value) ? value : interop.readMember(value, "name")));
        } catch (InteropException e) {
            return 0;
        }
    }

    /** The number of a program, or 0. */
    int programNumber(String name) {
        List<ProgramSpec> programs = object.spec().programs();
        for (int i = 0; i < programs.size(); i++) {
            if (programs.get(i).name().equals(name)) {
                return firstProgram + i;
            }
        }
        return 0;
    }

    @Override
    public void close() {
        namespace.close(this);
        pins.values().forEach(pinned -> namespace.unpin(pinned, this));
        pins.clear();
    }
}
