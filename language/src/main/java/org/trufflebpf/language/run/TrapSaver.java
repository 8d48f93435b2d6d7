package org.trufflebpf.language.run;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.burst.DelegatingProcessor;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.io.pcap.CaptureWriter;
import org.trufflebpf.language.nodes.Trap;
import org.trufflebpf.language.nodes.TrapListener;
import org.trufflebpf.language.object.OneLine;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.runtime.Clock;
import org.trufflebpf.maps.BpfMap;

/**
 * Saves the first packet that trapped at each place, as it came, with what the maps hold soon after, so that replay can show it. To have the packet as it
 * came each burst is copied before its program runs, until there are as many files as there may be. Packets longer than replay takes are not
 * saved. One thread asks for processors and closes; each processor belongs to its worker.
 */
final class TrapSaver implements AutoCloseable {
    /** Places of which packets are saved. */
    static final int MAX_PLACES = 20;
    private static final int LONGEST_NAME = 100;
    /** Bytes of a copy with its metadata. */
    private static final int LONGEST = Burst.HEADROOM + Burst.LONGEST_PACKET;

    private final CommandFiles files;
    private final String folder;
    private final Surroundings surroundings;
    private final BackgroundWriter writer;
    private final Consumer<String> output;
    private final Set<Place> places = new HashSet<>();
    private final List<Recorder> recorders = new ArrayList<>();
    private volatile boolean full;
    private volatile CommandException failure;

    private record Place(String program, int slot) {
    }

    /** What is to be written. */
    private record Found(SavedTrap trap, byte[] packet, String base, List<BpfMap> maps) {
    }

    /**
     * @param folder that is there
     * @param writer for runs that must not wait; null where the worker that met the trap can write, so that maps are saved as its burst left them
     * @param output takes a line for each packet that was saved
     */
    TrapSaver(CommandFiles files, String folder, Surroundings surroundings, BackgroundWriter writer, Consumer<String> output) {
        this.files = files;
        this.folder = folder;
        this.surroundings = surroundings;
        this.writer = writer;
        this.output = output;
    }

    /** A processor of a program for one worker, as the program itself gives it. */
    BurstProcessor processor(RunnableProgram program, String name, List<BpfMap> maps, int cpu) {
        Recorder recorder = new Recorder(name, maps);
        recorder.processor = program.newProcessor(cpu, recorder);
        recorders.add(recorder);
        return recorder;
    }

    /** Waits until everything is written. No worker may run any more. Gives why something could not be written, or null. */
    CommandException finish() {
        if (writer != null) {
            writer.close();
        }
        return failure;
    }

    private synchronized boolean isNew(Place place) {
        boolean added = !full && places.add(place);
        full = places.size() >= MAX_PLACES;
        return added;
    }

    private void write(Found found) {
        String base = folder + "/" + found.base;
        try {
            try (WholeFile file = files.create(folder + "/" + found.trap.maps())) {
                OutputStream stream = Channels.newOutputStream(file.channel());
                new MapFile(found.maps).write(stream);
                stream.flush();
                file.commit();
            }
            try (CaptureWriter capture = new CaptureWriter(files.create(folder + "/" + found.trap.packet()));
                    NativeBlock block = new NativeBlock(Math.max(1, found.packet.length))) {
                Memory.copyFrom(found.packet, 0, block.address(), found.packet.length);
                capture.write(found.trap.time(), block.address(), found.packet.length);
                capture.commit();
            }
            files.writeText(base + ".json", found.trap.json());
            output.accept("saved the packet: ebpf replay OBJECT --trap " + base + ".json shows it");
        } catch (IOException e) {
            failure = CommandException.failed(base + ": cannot be written: " + CommandFiles.reason(e));
        } catch (CommandException e) {
            failure = e;
        }
    }

    @Override
    public void close() {
        finish();
        recorders.forEach(recorder -> recorder.block.close());
    }

    /**
     * The program of one worker, whose bursts are copied before it runs. What traps in programs of map entries is reported and counted, but not saved:
     * they see packets that another program has changed.
     */
    private final class Recorder implements DelegatingProcessor, TrapListener {
        private final String program;
        private final List<BpfMap> maps;
        private final List<Found> found = new ArrayList<>();
        private BurstProcessor processor;
        private NativeBlock block = new NativeBlock(0);
        private int[] metadata = new int[0];
        private int[] lengths = new int[0];
        /** Whose program runs, or null. */
        private Burst burst;

        Recorder(String program, List<BpfMap> maps) {
            this.program = program;
            this.maps = maps;
        }

        @Override
        public void process(Burst next) {
            if (full || next.count() == 0) {
                processor.process(next);
                return;
            }
            copy(next);
            burst = next;
            processor.process(next);
            burst = null;
            // Not before: now the program holds no lock of a map any more.
            found.forEach(this::write);
            found.clear();
        }

        private void write(Found each) {
            if (writer == null) {
                TrapSaver.this.write(each);
            } else {
                writer.execute(() -> TrapSaver.this.write(each));
            }
        }

        private void copy(Burst next) {
            if (lengths.length < next.capacity()) {
                block.close();
                block = new NativeBlock((long) next.capacity() * LONGEST);
                metadata = new int[next.capacity()];
                lengths = new int[next.capacity()];
            }
            for (int i = 0; i < next.count(); i++) {
                long descriptor = next.descriptor(i);
                metadata[i] = Memory.getInt(descriptor + Burst.META_LENGTH);
                lengths[i] = Memory.getInt(descriptor + Burst.LENGTH);
                if (lengths[i] <= Burst.LONGEST_PACKET) {
                    Memory.copy(Memory.getLong(descriptor + Burst.DATA) - metadata[i], block.address() + (long) i * LONGEST, (long) metadata[i] + lengths[i]);
                }
            }
        }

        @Override
        public void trapped(ProgramSpec trapped, Trap trap) {
            int packet = burst == null ? -1 : number(trap.descriptor());
            if (packet < 0 || !isNew(new Place(trapped.name(), trap.slot()))) {
                return;
            }
            ProgramSpec.Line line = trapped.lineAt(trap.slot());
            String fault = "program '" + trapped.name() + "', instruction " + trap.slot() + (line == null ? "" : " (" + OneLine.of(line) + ")") + " " + trap.text();
            String base = (program.equals(trapped.name()) ? "" : fileName(program) + "-") + fileName(trapped.name()) + "-" + trap.slot();
            long time = surroundings.clock() instanceof Clock.Fixed fixed ? fixed.nanoseconds() : Memory.getLong(trap.descriptor() + Burst.TIMESTAMP);
            long copy = block.address() + (long) packet * LONGEST;
            SavedTrap saved = new SavedTrap(program, fault, burst.ingressIfindex(), Memory.getInt(burst.address() + Burst.RX_QUEUE),
                    Memory.getInt(burst.address() + Burst.CPU), surroundings.seed(), time, Memory.bytes(copy, metadata[packet]), base + ".pcap", base + ".maps.json");
            found.add(new Found(saved, Memory.bytes(copy + metadata[packet], lengths[packet]), base, maps));
        }

        /** The place of a packet in the burst; -1 if it is in another one or was too long to be copied. */
        private int number(long descriptor) {
            long distance = descriptor - burst.descriptor(0);
            if (distance < 0 || distance >= (long) burst.count() * Burst.DESCRIPTOR_SIZE) {
                return -1;
            }
            int packet = (int) (distance / Burst.DESCRIPTOR_SIZE);
            return lengths[packet] <= Burst.LONGEST_PACKET ? packet : -1;
        }

        @Override
        public BurstProcessor processor() {
            return processor;
        }
    }

    /** Names of programs come with the object. */
    private static String fileName(String program) {
        String name = program.replaceAll("[^A-Za-z0-9_]", "_");
        return name.substring(0, Math.min(LONGEST_NAME, name.length()));
    }
}
