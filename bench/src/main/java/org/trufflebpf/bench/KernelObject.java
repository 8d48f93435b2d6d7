package org.trufflebpf.bench;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.trufflebpf.io.linux.BpfException;
import org.trufflebpf.io.linux.KernelMap;
import org.trufflebpf.io.linux.KernelProgram;
import org.trufflebpf.language.isa.MapReference;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.ProgramSpec;

/** An object file in the kernel: its maps, with those inside others, and programs over them; slots of program arrays are empty. */
final class KernelObject implements AutoCloseable {
    private static final int BPF_F_RDONLY_PROG = 1 << 7;
    private static final byte PSEUDO_MAP_FD = 1;
    private static final byte PSEUDO_MAP_VALUE = 2;

    private final ObjectSpec object;
    private final Map<String, KernelMap> maps = new LinkedHashMap<>();
    private final List<KernelProgram> programs = new ArrayList<>();

    /** @throws BpfException if the kernel refuses; nothing is left then */
    KernelObject(ObjectSpec object) throws BpfException {
        this.object = object;
        try {
            for (MapSpec map : object.maps()) {
                maps.put(map.name(), create(map));
            }
            for (MapSpec map : object.maps()) {
                if (map.inner() != null) {
                    for (Map.Entry<Integer, String> slot : map.values().entrySet()) {
                        maps.get(map.name()).update(bytes(slot.getKey()), bytes(maps.get(slot.getValue()).fd()), KernelMap.ANY);
                    }
                }
            }
        } catch (BpfException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private static KernelMap create(MapSpec spec) throws BpfException {
        try (KernelMap inner = spec.inner() == null ? null : create(spec.inner())) {
            KernelMap map = KernelMap.create(spec.type(), spec.keySize(), spec.valueSize(), (int) spec.maxEntries(), spec.flags(), inner, spec.extra(), null);
            if (spec.contents() != null) {
                map.update(new byte[4], Arrays.copyOf(spec.contents(), spec.valueSize()), KernelMap.ANY);
                if ((spec.flags() & BPF_F_RDONLY_PROG) != 0) {
                    map.freeze();
                }
            }
            return map;
        }
    }

    private static byte[] bytes(int number) {
        return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array();
    }

    /** @param value of a per-CPU map those of at least as many CPUs as the kernel has, each rounded up to 8 bytes */
    void put(String map, byte[] key, byte[] value) throws BpfException {
        maps.get(map).update(key, Arrays.copyOf(value, maps.get(map).valueSize()), KernelMap.ANY);
    }

    /**
     * Loads a program of the object; it is closed with this.
     *
     * @throws BpfException if the kernel refuses it
     */
    KernelProgram program(String name) throws BpfException {
        ProgramSpec spec = object.program(name).orElseThrow();
        KernelProgram program = KernelProgram.load(linked(spec), object.license(), name);
        programs.add(program);
        return program;
    }

    /** The code with the maps' file descriptors in it. */
    private byte[] linked(ProgramSpec spec) {
        ByteBuffer code = ByteBuffer.wrap(spec.code().clone()).order(ByteOrder.LITTLE_ENDIAN);
        for (Map.Entry<Integer, MapReference> reference : spec.references().entrySet()) {
            int at = reference.getKey() * 8;
            byte source = reference.getValue().value() ? PSEUDO_MAP_VALUE : PSEUDO_MAP_FD;
            code.put(at + 1, (byte) (code.get(at + 1) & 0x0f | source << 4));
            code.putInt(at + 4, maps.get(reference.getValue().map()).fd());
        }
        return code.array();
    }

    /** A map of the object as the control plane sees it. */
    KernelTable table(String map) {
        MapSpec spec = object.map(map).orElseThrow();
        return new KernelTable(maps.get(map), spec.maxEntries(), spec.inner());
    }

    @Override
    public void close() {
        programs.forEach(KernelProgram::close);
        maps.values().forEach(KernelMap::close);
    }
}
