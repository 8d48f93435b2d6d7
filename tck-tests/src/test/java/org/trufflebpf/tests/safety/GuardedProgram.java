package org.trufflebpf.tests.safety;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.language.EbpfContext;
import org.trufflebpf.language.nodes.StackMemory;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.run.Surroundings;
import org.trufflebpf.language.runtime.Instance;
import org.trufflebpf.language.runtime.Program;
import org.trufflebpf.language.runtime.Worker;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.EventStream;
import org.trufflebpf.maps.MapKind;

/**
 * A program with canaries around all memory that it may use: its frame, which programs may not have the first and last bytes of, its stack, and,
 * as blocks that lie where the allocator puts them, its maps. Of the maps themselves everything must hang together after each packet: what
 * lies between the values, keys, links and counts. The context that it belongs to is entered.
 */
final class GuardedProgram implements AutoCloseable {
    /** Of all sizes that maps have, lying between their blocks where the allocator puts them. */
    private static final List<NativeBlock> NEIGHBOURS = neighbours();

    private final Canary frame = new Canary("the packet", Burst.DEFAULT_FRAME_SIZE);
    private final Canary stack = new Canary("the stack", StackMemory.BYTES);
    private final Burst burst = new Burst(1);
    private final Instance instance;
    private final Program program;
    private final BurstProcessor processor;

    /** What one packet came to. */
    record Outcome(int result, String bytes, boolean trapped) {
    }

    /** @throws org.trufflebpf.language.runtime.EbpfException if it is rejected */
    GuardedProgram(ObjectSpec object, String name) {
        instance = (Instance) EbpfContext.machine().load(object, Surroundings.FIXED);
        try {
            program = instance.program(name);
        } catch (RuntimeException | Error e) {
            instance.close();
            release();
            throw e;
        }
        processor = program.newProcessor(new Worker(0, 0, stack.block(), stack.offset()));
        burst.setOrigin(1, 0, 0);
    }

    private static List<NativeBlock> neighbours() {
        List<NativeBlock> kept = new ArrayList<>();
        List<NativeBlock> gaps = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            for (int size : new int[]{128, 256, 512, 1024, 4096}) {
                NativeBlock block = new NativeBlock(size);
                Canary.mark(block.address(), size);
                (i % 2 == 0 ? kept : gaps).add(block);
            }
        }
        gaps.forEach(NativeBlock::close);
        return kept;
    }

    void compile() {
        program.compile();
        assertTrue(program.isCompiled(), "not compiled");
    }

    Outcome run(byte[] packet) {
        long start = frame.address();
        Memory.fill(start, Burst.DEFAULT_FRAME_SIZE, (byte) 0);
        Canary.mark(start, Burst.FRAME_HEADER);
        Canary.mark(start + Burst.DEFAULT_FRAME_SIZE - Burst.TAIL_RESERVE, Burst.TAIL_RESERVE);
        Memory.copyFrom(packet, 0, start + Burst.HEADROOM, packet.length);
        burst.setPacket(0, start, Burst.DEFAULT_FRAME_SIZE, Burst.HEADROOM, packet.length, 0);
        burst.setCount(1);
        long traps = program.traps();
        processor.process(burst);
        long descriptor = burst.descriptor(0);
        checkMemory(descriptor);
        int metadata = Memory.getInt(descriptor + Burst.META_LENGTH);
        int length = Memory.getInt(descriptor + Burst.LENGTH);
        byte[] bytes = Memory.bytes(Memory.getLong(descriptor + Burst.DATA) - metadata, metadata + length);
        return new Outcome(Memory.getInt(descriptor + Burst.RESULT), HexFormat.of().formatHex(bytes), program.traps() != traps);
    }

    /** How many packets ended in a trap. */
    long traps() {
        return program.traps();
    }

    private void checkMemory(long descriptor) {
        frame.check();
        stack.check();
        Canary.check("the frame's header", frame.address(), Burst.FRAME_HEADER);
        Canary.check("the frame's reserve", frame.address() + Burst.DEFAULT_FRAME_SIZE - Burst.TAIL_RESERVE, Burst.TAIL_RESERVE);
        for (NativeBlock neighbour : NEIGHBOURS) {
            Canary.check("another block", neighbour.address(), neighbour.size());
        }
        assertEquals(frame.address(), Memory.getLong(descriptor + Burst.FRAME));
        assertEquals(Burst.DEFAULT_FRAME_SIZE, Memory.getInt(descriptor + Burst.FRAME_SIZE));
        long data = Memory.getLong(descriptor + Burst.DATA) - frame.address();
        int length = Memory.getInt(descriptor + Burst.LENGTH);
        assertTrue(data >= Burst.FRAME_HEADER && length >= 0 && length <= Burst.LONGEST_PACKET + Burst.HEADROOM, data + ", " + length);
        assertTrue(data + length <= Burst.DEFAULT_FRAME_SIZE - Burst.TAIL_RESERVE, data + ", " + length);
        instance.maps().forEach(GuardedProgram::check);
    }

    private static void check(BpfMap map) {
        if (map instanceof EventStream) {
            return;
        }
        Iterator<BpfMap.Entry> entries = map.entries();
        long count = 0;
        while (entries.hasNext()) {
            BpfMap.Entry entry = entries.next();
            count++;
            if (map.keySize() > 0) {
                assertArrayEquals(entry.value(), map.get(entry.key()), map.name());
            }
        }
        assertEquals(map.size(), count, map.name());
        if (map.kind() == MapKind.ARRAY || map.kind() == MapKind.PERCPU_ARRAY) {
            for (long offset = map.valueSize(); offset < map.valuesSize(); offset += map.stride()) {
                for (long i = 0; i < map.stride() - map.valueSize(); i++) {
                    assertEquals(0, Memory.getByte(map.valuesAddress() + offset + i), "between the values of " + map.name());
                }
            }
        }
    }

    /** All entries, in hexadecimal, by map and key. */
    Map<String, Map<String, String>> maps() {
        Map<String, Map<String, String>> result = new TreeMap<>();
        for (BpfMap map : instance.maps()) {
            Map<String, String> entries = new TreeMap<>();
            Iterator<BpfMap.Entry> iterator = map.entries();
            while (iterator.hasNext()) {
                BpfMap.Entry entry = iterator.next();
                String key = map.keySize() == 0 ? Integer.toString(entries.size()) : HexFormat.of().formatHex(entry.key());
                entries.put(key, HexFormat.of().formatHex(entry.value(), 0, map.valueSize()));
            }
            result.put(map.name(), entries);
        }
        return result;
    }

    @Override
    public void close() {
        instance.close();
        release();
    }

    private void release() {
        burst.close();
        frame.block().close();
        stack.block().close();
    }
}
