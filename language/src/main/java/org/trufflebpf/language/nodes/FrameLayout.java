package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.CompilerDirectives.CompilationFinal;
import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.frame.FrameDescriptor;
import com.oracle.truffle.api.frame.FrameSlotKind;
import com.oracle.truffle.api.frame.MaterializedFrame;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.ExplodeLoop;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.verifier.Liveness;
import org.trufflebpf.language.verifier.StackUse;
import org.trufflebpf.language.verifier.State;
import org.trufflebpf.maps.BpfMap;

/**
 * Where a program's variables live in the frame: static long slots, all of them, because a slot with a tag would need a second phi at each merge.
 * Slots below {@link #FIRST_VARIABLE} describe the packet at hand.
 */
public final class FrameLayout {
    /** Address of the packet's descriptor in the burst. */
    public static final int DESCRIPTOR = 0;
    /** Address of the first packet byte. */
    public static final int DATA = 1;
    /** Address after the last byte of the packet's first buffer, which is mostly the whole packet. */
    public static final int DATA_END = 2;
    /** Address of the first metadata byte; the same as {@link #DATA} without metadata. */
    public static final int DATA_META = 3;
    /** Back edges that this packet may still take. */
    public static final int BUDGET = 4;
    /** Address of the worker's memory for stack frames: frame d has [512 d, 512 (d + 1)). */
    public static final int STACK = 5;
    /** Address of the burst. */
    public static final int BURST = 6;
    /** Address of the ring buffer record that the program holds, 0 for none: {@link Rings}. */
    static final int RECORD = 7;
    /** Its bytes. */
    static final int RECORD_SIZE = 8;
    /** The handle of its map. */
    static final int RECORD_RING = 9;
    /** Address after the last packet byte, which lies in a fragment if it is above {@link #DATA_END}. */
    public static final int PACKET_END = 10;
    static final int FIRST_VARIABLE = 11;

    /** A report counts an address from what it lies in, else from what is at most so many bytes away: the nearer is looked for first. */
    private static final List<Integer> BESIDE = List.of(0, 64, 4096);
    static final int FRAME_BYTES = 8 * State.WORDS_PER_FRAME;
    /** What a register holds for the context: a number that is no address and that arithmetic does not make by chance. */
    public static final long CONTEXT_HANDLE = 0x7842_5000_0000_0000L;

    private final int[] slots;
    private final FrameDescriptor descriptor;
    private final TrapLog traps;
    private final InnerMaps maps;
    private final StackSlots stack;
    @CompilationFinal(dimensions = 1) private final int[] variableSlots;

    /**
     * @param variables those that the program uses, numbered as in {@link Liveness}
     * @param stackUse how stack words are divided
     * @param maps that registers may point into
     */
    FrameLayout(BitSet variables, StackUse stackUse, TrapLog traps, InnerMaps maps) {
        this.traps = traps;
        this.maps = maps;
        this.stack = new StackSlots(stackUse, this);
        this.slots = new int[variables.length()];
        this.variableSlots = new int[variables.cardinality()];
        int next = FIRST_VARIABLE;
        for (int variable = variables.nextSetBit(0); variable >= 0; variable = variables.nextSetBit(variable + 1)) {
            variableSlots[next - FIRST_VARIABLE] = next;
            slots[variable] = next++;
        }
        FrameDescriptor.Builder builder = FrameDescriptor.newBuilder();
        builder.addSlots(next, FrameSlotKind.Static);
        this.descriptor = builder.build();
    }

    FrameDescriptor descriptor() {
        return descriptor;
    }

    TrapLog traps() {
        return traps;
    }

    /** The slot of a variable that was named at construction. */
    int slot(int variable) {
        if (!has(variable)) {
            throw new IllegalStateException("no slot: variable " + variable);
        }
        return slots[variable];
    }

    boolean has(int variable) {
        return variable < slots.length && slots[variable] != 0;
    }

    StackSlots stack() {
        return stack;
    }

    @ExplodeLoop
    void clear(VirtualFrame frame) {
        for (int slot : variableSlots) {
            frame.setLongStatic(slot, 0);
        }
    }

    /** The registers that hold something, as {@code r1=context r2=packet+14}. */
    @TruffleBoundary
    String registers(MaterializedFrame frame) {
        StringBuilder text = new StringBuilder();
        for (int register = 0; register < Registers.NAMED; register++) {
            if (has(register) && frame.getLongStatic(slot(register)) != 0) {
                text.append(text.isEmpty() ? "" : " ").append(Registers.name(register)).append('=');
                text.append(describe(frame, frame.getLongStatic(slot(register))));
            }
        }
        return text.toString();
    }

    String describe(VirtualFrame frame, long value) {
        return describe(frame.materialize(), value);
    }

    /** A number in the words of the program: addresses of this process say nothing to a reader and differ from run to run. */
    @TruffleBoundary
    String describe(MaterializedFrame frame, long value) {
        Place place = place(frame, value);
        if (place != null) {
            return place.text();
        }
        BpfMap map = MapHandle.map(value, maps);
        if (map != null) {
            return "map " + map.name();
        }
        return value >= -9 && value <= 9 ? Long.toString(value) : "0x" + Long.toHexString(value);
    }

    /**
     * An access that must not be made. Packets and maps lie close together at times, so what the pointer was for goes before what the address is near to.
     *
     * @param packet whether the pointer was one into the packet, as far as is known
     * @param values where the values of the maps start that it can have pointed into
     */
    @TruffleBoundary
    Trap.Access access(MaterializedFrame frame, long address, long size, boolean packet, long[] values) {
        Place place = packet ? inPacket(frame, address, BESIDE.getLast()) : null;
        if (place == null && values.length > 0) {
            place = BESIDE.stream().map(beside -> inMap(address, beside, values)).filter(Objects::nonNull).findFirst().orElse(null);
        }
        if (place == null) {
            place = place(frame, address);
        }
        return place == null ? new Trap.Access(size, null, 0, describe(frame, address)) : new Trap.Access(size, place.region, place.offset, place.text);
    }

    /** Where in a program's memory an address lies, as {@link Trap.Access} says it. */
    private record Place(String region, long offset, String text) {
    }

    /** Null for what is no address in or near the program's memory; to lie in something goes before lying near to something else. */
    @TruffleBoundary
    private Place place(MaterializedFrame frame, long value) {
        long stack = frame.getLongStatic(STACK);
        if (value >= stack && value <= stack + (long) FRAME_BYTES * Registers.MAX_DEPTH) {
            long depth = Math.max(0, value - stack - 1) / FRAME_BYTES;
            long offset = value - stack - (depth + 1) * FRAME_BYTES;
            return new Place("stack", offset, Registers.name(Registers.framePointer((int) depth)) + signed(offset));
        }
        if (value >= CONTEXT_HANDLE - 64 && value <= CONTEXT_HANDLE + 64) {
            return new Place("context", value - CONTEXT_HANDLE, "context" + (value == CONTEXT_HANDLE ? "" : signed(value - CONTEXT_HANDLE)));
        }
        return MapHandle.map(value, maps) != null ? null
                        : BESIDE.stream().flatMap(beside -> Stream.of(inPacket(frame, value, beside), inMap(value, beside))).filter(Objects::nonNull).findFirst()
                        .orElse(null);
    }

    /** @param beside so many bytes before the packet or after it are near enough */
    private static Place inPacket(MaterializedFrame frame, long value, int beside) {
        long data = frame.getLongStatic(DATA);
        long length = frame.getLongStatic(PACKET_END) - data;
        boolean near = value >= data - beside && value <= data + length + beside;
        return near ? new Place("packet", value - data, "packet" + signed(value - data) + " of " + length) : null;
    }

    private Place inMap(long value, int beside, long... values) {
        BpfMap.Place place = maps.placeOf(value, beside, values);
        return place == null ? null : new Place("map " + place.map(), place.offset(), place.toString());
    }

    /** Whether {@code size} bytes lie in one value of a map. */
    @TruffleBoundary
    boolean isInValue(long address, int size) {
        BpfMap.Place place = MapHandle.map(address, maps) != null ? null : maps.placeOf(address, 0);
        return place != null && place.offset() >= 0 && place.offset() <= place.size() - size;
    }

    private static String signed(long distance) {
        return distance < 0 ? Long.toString(distance) : "+" + distance;
    }
}
