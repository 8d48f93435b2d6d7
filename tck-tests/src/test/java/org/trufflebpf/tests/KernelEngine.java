package org.trufflebpf.tests;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.trufflebpf.io.linux.Bpf;
import org.trufflebpf.io.linux.BpfException;
import org.trufflebpf.io.linux.KernelMap;
import org.trufflebpf.io.linux.KernelProgram;
import org.trufflebpf.io.linux.KernelRing;
import org.trufflebpf.language.isa.MapReference;
import org.trufflebpf.language.object.LoadOptions;
import org.trufflebpf.language.object.MalformedObjectException;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.ObjectLoader;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.packettest.TestEngine;
import org.trufflebpf.language.verifier.KfuncPrototype;

/**
 * The running kernel, as the oracle that the other engines are compared with. It chooses the CPU that a packet is processed on, so that of a
 * per-CPU map only sums can be compared.
 */
public final class KernelEngine implements TestEngine {
    /** Bytes; BPF_PROG_TEST_RUN refuses less than an Ethernet header. */
    private static final int SHORTEST_PACKET = 14;
    /** Bytes of packet and metadata: a page less headroom and tail room, and 17 pages of fragments. */
    private static final int LONGEST_PACKET = 3520;
    private static final int LONGEST_JUMBO = LONGEST_PACKET + 17 * 4096;

    private static final int BPF_F_RDONLY_PROG = 1 << 7;
    private static final byte PSEUDO_MAP_FD = 1;
    private static final byte PSEUDO_MAP_VALUE = 2;

    @Override
    public String name() {
        return "kernel";
    }

    @Override
    public Session load(byte[] object, String objectName, String program) throws FailedException {
        ObjectSpec spec;
        try {
            spec = ObjectLoader.load(object, new LoadOptions(null, Map.of(), KfuncPrototype.names()));
        } catch (MalformedObjectException e) {
            throw new FailedException(objectName + ": " + e.getMessage(), e);
        }
        ProgramSpec chosen = program == null && spec.programs().size() == 1 ? spec.programs().getFirst()
                : spec.program(String.valueOf(program)).orElseThrow(() -> new FailedException(objectName + " has no program " + program));
        try {
            return load(spec, chosen);
        } catch (BpfException e) {
            throw new FailedException(objectName + ": " + e.getMessage() + "\n" + e.log(), e);
        }
    }

    /** Makes the object's maps and loads one of its programs. */
    public static KernelSession load(ObjectSpec object, ProgramSpec program) throws BpfException {
        KernelSession session = new KernelSession(object);
        try {
            session.open(program);
            return session;
        } catch (BpfException e) {
            session.close();
            throw e;
        }
    }

    /** A program and its maps in the kernel. */
    public static final class KernelSession implements Session {
        private final ObjectSpec object;
        private final Map<String, KernelMap> maps = new LinkedHashMap<>();
        private final Map<String, KernelRing> rings = new HashMap<>();
        private final List<KernelProgram> others = new ArrayList<>();
        private KernelTypes types;
        private KernelProgram program;
        private int longest;

        private KernelSession(ObjectSpec object) {
            this.object = object;
        }

        private void open(ProgramSpec spec) throws BpfException {
            types = new KernelTypes(object);
            for (MapSpec map : object.maps()) {
                KernelMap created = create(map);
                maps.put(map.name(), created);
                if (map.type() == Bpf.MAP_TYPE_RINGBUF) {
                    rings.put(map.name(), KernelRing.open(created, map.maxEntries()));
                }
                if (map.contents() != null) {
                    created.update(new byte[4], Arrays.copyOf(map.contents(), map.valueSize()), KernelMap.ANY);
                    if ((map.flags() & BPF_F_RDONLY_PROG) != 0) {
                        created.freeze();
                    }
                }
            }
            for (MapSpec map : object.maps()) {
                for (Map.Entry<Integer, String> slot : map.values().entrySet()) {
                    maps.get(map.name()).update(bytes(slot.getKey()), bytes(descriptor(map, slot.getValue())), KernelMap.ANY);
                }
            }
            program = load(spec);
            longest = spec.handlesFragments() ? LONGEST_JUMBO : LONGEST_PACKET;
        }

        private KernelMap create(MapSpec map) throws BpfException {
            try (KernelMap inner = map.inner() == null ? null : create(map.inner())) {
                return KernelMap.create(map.type(), map.keySize(), map.valueSize(), (int) map.maxEntries(), map.flags(), inner, map.extra(),
                        types.of(map));
            }
        }

        /** Of what a slot holds at the start: a program, or an inner map. */
        private int descriptor(MapSpec map, String name) throws BpfException {
            if (map.inner() != null) {
                return maps.get(name).fd();
            }
            KernelProgram called = load(object.program(name).orElseThrow());
            others.add(called);
            return called.fd();
        }

        private static byte[] bytes(int number) {
            return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array();
        }

        private KernelProgram load(ProgramSpec spec) throws BpfException {
            ByteBuffer code = ByteBuffer.wrap(spec.code().clone()).order(ByteOrder.LITTLE_ENDIAN);
            for (Map.Entry<Integer, MapReference> reference : spec.references().entrySet()) {
                int at = reference.getKey() * 8;
                byte destination = (byte) (code.get(at + 1) & 0x0f);
                byte source = reference.getValue().value() ? PSEUDO_MAP_VALUE : PSEUDO_MAP_FD;
                code.put(at + 1, (byte) (destination | source << 4));
                code.putInt(at + 4, maps.get(reference.getValue().map()).fd());
            }
            spec.kfuncs().forEach((slot, name) -> code.putInt(slot * 8 + 4, KernelTypes.function(name)));
            return KernelProgram.load(code.array(), object.license(), spec.name(), types.of(spec), spec.handlesFragments());
        }

        @Override
        public Result run(Input input) throws FailedException {
            byte[] data = Arrays.copyOf(input.metadata(), input.metadata().length + input.packet().length);
            System.arraycopy(input.packet(), 0, data, input.metadata().length, input.packet().length);
            if (input.packet().length < SHORTEST_PACKET || data.length > longest) {
                throw new UnsupportedException("the kernel's test run takes packets of 14 to " + longest + " bytes, not " + input.packet().length);
            }
            try {
                KernelProgram.Run run = program.run(data, input.metadata().length, 1, 0, 1);
                return new Result(run.result(), Arrays.copyOfRange(run.data(), run.metaLength(), run.data().length),
                        Arrays.copyOf(run.data(), run.metaLength()), null);
            } catch (BpfException e) {
                throw new FailedException(e.getMessage(), e);
            }
        }

        public List<MapSpec> maps() {
            return object.maps();
        }

        /** In the kernel's order. Without the keys that the kernel names for empty slots of ports, programs and inner maps. */
        public List<byte[]> keys(String map) throws FailedException {
            try {
                List<byte[]> keys = new ArrayList<>();
                for (byte[] key = maps.get(map).nextKey(null); key != null; key = maps.get(map).nextKey(key)) {
                    if (maps.get(map).lookup(key) != null) {
                        keys.add(key);
                    }
                }
                return keys;
            } catch (BpfException e) {
                throw new FailedException(map + ": " + e.getMessage(), e);
            }
        }

        @Override
        public MapSpec map(String name) {
            return object.map(name).orElse(null);
        }

        private boolean isPerCpu(String map) {
            return switch (map(map).type()) {
                case Bpf.MAP_TYPE_PERCPU_ARRAY, Bpf.MAP_TYPE_PERCPU_HASH, Bpf.MAP_TYPE_LRU_PERCPU_HASH -> true;
                default -> false;
            };
        }

        /** Bytes from one CPU's value to the next. */
        private int stride(String map) {
            return map(map).valueSize() + 7 & ~7;
        }

        @Override
        public void write(String map, byte[] key, byte[] value, boolean everyCpu) throws FailedException {
            try {
                KernelMap target = maps.get(map);
                byte[] values = Arrays.copyOf(value, target.valueSize());
                if (everyCpu && isPerCpu(map)) {
                    for (int at = stride(map); at < values.length; at += stride(map)) {
                        System.arraycopy(value, 0, values, at, value.length);
                    }
                }
                target.update(key, values, KernelMap.ANY);
            } catch (BpfException e) {
                throw new FailedException(map + ": " + e.getMessage(), e);
            }
        }

        @Override
        public List<byte[]> read(String map, byte[] key) throws FailedException {
            try {
                byte[] all = maps.get(map).lookup(key);
                if (all == null) {
                    return List.of();
                }
                if (!isPerCpu(map)) {
                    return List.of(all);
                }
                int size = map(map).valueSize();
                List<byte[]> values = new ArrayList<>();
                for (int at = 0; at < all.length; at += stride(map)) {
                    values.add(Arrays.copyOfRange(all, at, at + size));
                }
                return values;
            } catch (BpfException e) {
                throw new FailedException(map + ": " + e.getMessage(), e);
            }
        }

        @Override
        public boolean delete(String map, byte[] key) throws FailedException {
            try {
                return maps.get(map).delete(key);
            } catch (BpfException e) {
                throw new FailedException(map + ": " + e.getMessage(), e);
            }
        }

        @Override
        public byte[] takeRecord(String map) throws FailedException {
            KernelRing ring = rings.get(map);
            if (ring == null) {
                throw new FailedException(map + " is no ring buffer");
            }
            return ring.take();
        }

        @Override
        public long entries(String map) throws FailedException {
            return keys(map).size();
        }

        @Override
        public void close() {
            if (program != null) {
                program.close();
            }
            others.forEach(KernelProgram::close);
            rings.values().forEach(KernelRing::close);
            maps.values().forEach(KernelMap::close);
            if (types != null) {
                types.close();
            }
        }
    }
}
