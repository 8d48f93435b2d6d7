package org.trufflebpf.language.run;

import com.oracle.truffle.api.exception.AbstractTruffleException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.packettest.TestEngine;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.EventStream;
import org.trufflebpf.maps.MapException;
import org.trufflebpf.maps.RingMap;

/** Our own engine as packet tests see it: with a clock that stands still, as the program of CPU 0. */
public final class PacketTestEngine implements TestEngine {
    /** Bytes that fit into the headroom, of which the frame's own header takes 40. */
    private static final int LONGEST_METADATA = 216;

    private final BiFunction<String, byte[], ObjectSpec> parser;
    private final Function<ObjectSpec, LoadedObject> loader;
    private final boolean compile;
    /** The object of the test before, which most tests of a file share. */
    private Parsed last;

    private record Parsed(String name, byte[] object, ObjectSpec spec) {
        boolean isOf(String otherName, byte[] otherObject) {
            return name.equals(otherName) && Arrays.equals(object, otherObject);
        }
    }

    /** @param compile whether each program is compiled before its first packet */
    public PacketTestEngine(Machine machine, boolean compile) {
        this(machine::parse, object -> machine.load(object, Surroundings.FIXED), compile);
    }

    /**
     * @param parser as {@link Machine#parse}
     * @param loader as {@link Machine#load}
     */
    public PacketTestEngine(BiFunction<String, byte[], ObjectSpec> parser, Function<ObjectSpec, LoadedObject> loader, boolean compile) {
        this.parser = parser;
        this.loader = loader;
        this.compile = compile;
    }

    @Override
    public String name() {
        return compile ? "compiled" : "interpreter";
    }

    @Override
    public Session load(byte[] object, String objectName, String program) throws FailedException {
        try {
            if (last == null || !last.isOf(objectName, object)) {
                last = new Parsed(objectName, object, parser.apply(objectName, object));
            }
            ObjectSpec spec = last.spec;
            String chosen = program(spec, objectName, program);
            LoadedObject loaded = loader.apply(spec);
            try {
                RunnableProgram runnable = loaded.program(chosen);
                if (compile) {
                    runnable.compile();
                }
                return new InstanceSession(spec, loaded, runnable);
            } catch (RuntimeException | Error e) {
                loaded.close();
                throw e;
            }
        } catch (AbstractTruffleException e) {
            throw new FailedException(e.getMessage(), e);
        }
    }

    private static String program(ObjectSpec object, String objectName, String wanted) throws FailedException {
        List<String> names = object.programs().stream().map(ProgramSpec::name).toList();
        if (wanted == null ? names.size() == 1 : names.contains(wanted)) {
            return wanted == null ? names.getFirst() : wanted;
        }
        String there = names.isEmpty() ? "it has none" : "it has " + String.join(", ", names);
        throw new FailedException(wanted == null ? objectName + ": say 'program NAME': " + there
                : objectName + " has no program " + wanted + ": " + there);
    }

    private static final class InstanceSession implements Session {
        private final ObjectSpec object;
        private final LoadedObject loaded;
        private final RunnableProgram program;
        private final SinglePackets packets;

        InstanceSession(ObjectSpec object, LoadedObject loaded, RunnableProgram program) {
            this.object = object;
            this.loaded = loaded;
            this.program = program;
            this.packets = new SinglePackets(program.newProcessor(0), program.handlesFragments());
        }

        @Override
        public Result run(Input input) throws FailedException {
            int longest = Burst.longest(program.handlesFragments());
            if (input.packet().length > longest || input.metadata().length > LONGEST_METADATA) {
                throw new UnsupportedException("the program takes packets of at most " + longest + " bytes with " + LONGEST_METADATA
                        + " bytes of metadata, not " + input.packet().length + " with " + input.metadata().length);
            }
            long traps = program.traps();
            SinglePackets.Outcome outcome = packets.run(input.packet(), input.metadata());
            String trap = program.traps() == traps ? null : "it was stopped, see its trap report";
            return new Result(outcome.result(), outcome.packet(), Arrays.copyOf(outcome.bytes(), outcome.metadata()), trap);
        }

        @Override
        public MapSpec map(String name) {
            return object.map(name).orElse(null);
        }

        private BpfMap live(String name) {
            return MapFile.named(loaded.maps(), name).orElseThrow();
        }

        @Override
        public void write(String map, byte[] key, byte[] value, boolean everyCpu) throws FailedException {
            try {
                BpfMap target = live(map);
                MapEntries.put(target, key, everyCpu || MapEntries.isKeyless(target) ? value : Arrays.copyOf(value, target.controlValueSize()));
            } catch (MapException e) {
                throw new FailedException(e.getMessage(), e);
            }
        }

        @Override
        public List<byte[]> read(String map, byte[] key) throws FailedException {
            try {
                BpfMap source = live(map);
                byte[] all = source.get(key);
                if (all == null) {
                    return List.of();
                }
                int stride = MapEntries.perCpuStride(source);
                List<byte[]> values = new ArrayList<>();
                for (int at = 0; at < all.length; at += stride == 0 ? all.length : stride) {
                    values.add(Arrays.copyOfRange(all, at, at + source.valueSize()));
                }
                return values;
            } catch (MapException e) {
                throw new FailedException(e.getMessage(), e);
            }
        }

        @Override
        public boolean delete(String map, byte[] key) throws FailedException {
            try {
                return live(map).remove(key);
            } catch (MapException e) {
                throw new FailedException(e.getMessage(), e);
            }
        }

        @Override
        public byte[] takeRecord(String map) throws FailedException {
            if (!(live(map) instanceof RingMap ring)) {
                throw new FailedException(map + " is no ring buffer");
            }
            EventStream.Event event = ring.take();
            return event == null ? null : event.bytes();
        }

        @Override
        public long entries(String map) {
            return live(map).size();
        }

        @Override
        public void close() {
            packets.close();
            loaded.close();
        }
    }
}
