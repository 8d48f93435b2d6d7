package org.trufflebpf.bench;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.trufflebpf.io.linux.BpfException;
import org.trufflebpf.io.linux.KernelMap;
import org.trufflebpf.io.linux.KernelProgram;
import org.trufflebpf.language.isa.MapReference;
import org.trufflebpf.language.object.LoadOptions;
import org.trufflebpf.language.object.MalformedObjectException;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.ObjectLoader;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.ProgramSpec;

/** A program of an object file in the kernel, with the object's maps. */
final class KernelObject implements AutoCloseable {
    private static final int BPF_F_RDONLY_PROG = 1 << 7;
    private static final byte PSEUDO_MAP_FD = 1;
    private static final byte PSEUDO_MAP_VALUE = 2;

    private final Map<String, KernelMap> maps = new LinkedHashMap<>();
    private final ProgramSpec spec;
    private KernelProgram program;

    private KernelObject(ObjectSpec object, ProgramSpec spec) throws BpfException {
        this.spec = spec;
        try {
            for (MapSpec map : object.maps()) {
                maps.put(map.name(), create(map));
            }
            program = KernelProgram.load(linked(), object.license(), spec.name());
        } catch (BpfException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * The workload's program.
     *
     * @throws BpfException if the kernel refuses; nothing is left then
     */
    static KernelObject of(Workload workload) throws BpfException {
        try {
            ObjectSpec object = ObjectLoader.load(workload.object(), LoadOptions.defaults());
            return new KernelObject(object, object.programs().getFirst());
        } catch (MalformedObjectException e) {
            throw new IllegalStateException(workload.name() + ": " + e.getMessage(), e);
        }
    }

    private static KernelMap create(MapSpec spec) throws BpfException {
        KernelMap map = KernelMap.create(spec.type(), spec.keySize(), spec.valueSize(), (int) spec.maxEntries(), spec.flags(), null);
        if (spec.contents() != null) {
            map.update(new byte[4], Arrays.copyOf(spec.contents(), spec.valueSize()), KernelMap.ANY);
            if ((spec.flags() & BPF_F_RDONLY_PROG) != 0) {
                map.freeze();
            }
        }
        return map;
    }

    /** The code with the maps' file descriptors in it. */
    private byte[] linked() {
        ByteBuffer code = ByteBuffer.wrap(spec.code().clone()).order(ByteOrder.LITTLE_ENDIAN);
        for (Map.Entry<Integer, MapReference> reference : spec.references().entrySet()) {
            int at = reference.getKey() * 8;
            byte source = reference.getValue().value() ? PSEUDO_MAP_VALUE : PSEUDO_MAP_FD;
            code.put(at + 1, (byte) (code.get(at + 1) & 0x0f | source << 4));
            code.putInt(at + 4, maps.get(reference.getValue().map()).fd());
        }
        return code.array();
    }

    ProgramSpec spec() {
        return spec;
    }

    KernelProgram program() {
        return program;
    }

    @Override
    public void close() {
        if (program != null) {
            program.close();
        }
        maps.values().forEach(KernelMap::close);
    }
}
