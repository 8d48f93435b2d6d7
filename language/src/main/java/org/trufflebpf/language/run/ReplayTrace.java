package org.trufflebpf.language.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.cfg.Operands.MemoryAccess;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.cfg.Terminator;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.nodes.StepListener;
import org.trufflebpf.language.nodes.StepView;
import org.trufflebpf.language.verifier.HelperPrototype;
import org.trufflebpf.language.verifier.HelperPrototype.Argument;
import org.trufflebpf.language.verifier.HelperPrototype.Effect;
import org.trufflebpf.language.verifier.Prototype;
import org.trufflebpf.maps.BpfMap;

/** What each instruction of one packet's run changed: registers, packet bytes, stack, maps. */
final class ReplayTrace implements StepListener {
    /** Changes that are kept of one packet: a loop may take millions of rounds. */
    static final int MAX_CHANGES = 100_000;

    private final List<Change> changes = new ArrayList<>();
    private List<BpfMap> maps = List.of();
    private long steps;
    private int lastSlot;
    /** What to find out once the step that is running has run; null for nothing. */
    private After after;

    /**
     * @param slot the instruction
     * @param text what it changed
     * @param lasting whether it is seen outside: packet bytes, maps and calls, but neither registers nor the stack
     */
    record Change(int slot, String text, boolean lasting) {
    }

    /** Looks at the machine after a step. */
    @FunctionalInterface
    private interface After {
        Change look(StepView view);
    }

    /** @param known those of the instance that is watched */
    void begin(List<BpfMap> known) {
        maps = known;
        changes.clear();
        steps = 0;
        lastSlot = -1;
        after = null;
    }

    List<Change> changes() {
        return List.copyOf(changes);
    }

    long steps() {
        return steps;
    }

    /** Of a packet that trapped: where. */
    int lastSlot() {
        return lastSlot;
    }

    @Override
    public void step(Step step, StepView view) {
        arrive(step.slot(), view);
        after = after(step, view);
    }

    @Override
    public void end(int slot, Terminator end, StepView view) {
        arrive(slot, view);
    }

    private void arrive(int slot, StepView view) {
        if (after != null && changes.size() < MAX_CHANGES) {
            changes.add(after.look(view));
        }
        after = null;
        steps++;
        lastSlot = slot;
    }

    private After after(Step step, StepView view) {
        int slot = step.slot();
        MemoryAccess access = Operands.access(step.instruction());
        if (access != null && access.writes()) {
            return stored(step, access, view);
        }
        return switch (step.instruction()) {
            case Instruction.CallHelper call -> called(slot, Prototype.of(call), "helper " + call.helper(), view);
            case Instruction.CallKfunc call -> called(slot, Prototype.of(call), call.name(), view);
            default -> {
                int target = Operands.writes(step.instruction());
                yield target < 0 ? null : later -> new Change(slot, Registers.name(target) + " = " + later.describe(later.register(target)), false);
            }
        };
    }

    private After stored(Step step, MemoryAccess access, StepView view) {
        long address = view.register(access.base()) + access.offset();
        int size = access.bytes();
        boolean onStack = address >= view.stack() && address < view.stack() + StepView.stackBytes();
        boolean inPacket = address >= view.data() && address + size <= view.packetEnd();
        String place = view.describe(address);
        // Whether other memory may be read at all is known once the program has written there.
        String before = inPacket ? HexFormat.of().formatHex(view.bytes(address, size)) + " -> " : "";
        return later -> new Change(step.slot(), place + ": " + before + HexFormat.of().formatHex(later.bytes(address, size)), !onStack);
    }

    private After called(int slot, Optional<Prototype> found, String unknown, StepView view) {
        int count = found.map(helper -> helper.arguments().size()).orElse(0);
        long[] arguments = new long[count];
        StringBuilder call = new StringBuilder(found.map(Prototype::helperName).orElse(unknown)).append('(');
        for (int i = 0; i < count; i++) {
            arguments[i] = view.register(i + 1);
            call.append(i == 0 ? "" : ", ").append(view.describe(arguments[i]));
        }
        call.append(')');
        BpfMap map = count == 0 ? null : map(view.describe(arguments[0]));
        long length = view.packetEnd() - view.data();
        return later -> {
            long newLength = later.packetEnd() - later.data();
            String moved = newLength == length ? "" : "; the packet has " + newLength + " bytes now";
            return new Change(slot, call + " = " + later.describe(later.register(Registers.RESULT)) + entry(found, map, arguments, later) + moved,
                    !moved.isEmpty() || found.filter(helper -> helper instanceof HelperPrototype known && known.has(Effect.CHANGES_MAP)).isPresent());
        };
    }

    private BpfMap map(String description) {
        return description.startsWith("map ") ? MapFile.named(maps, description.substring("map ".length())).orElse(null) : null;
    }

    /** What a map holds under the key that a call was given, once the call has accepted the key. */
    private static String entry(Optional<Prototype> helper, BpfMap map, long[] arguments, StepView view) {
        if (helper.isEmpty() || map == null || helper.get().arguments().size() < 2 || helper.get().arguments().get(1) != Argument.MAP_KEY ||
                MapEntries.isKeyless(map)) {
            return "";
        }
        byte[] key = view.bytes(arguments[1], map.keySize());
        byte[] value = map.get(key);
        return "; " + map.name() + "[" + HexFormat.of().formatHex(key) + "] is " + (value == null ? "absent" : MapFile.valueText(map, value));
    }

    /** The first at which two runs differ in what lasts, or -1; the end of the shorter one counts. */
    static int firstDifference(List<Change> one, List<Change> other) {
        return Arrays.mismatch(one.stream().map(Change::text).toArray(), other.stream().map(Change::text).toArray());
    }
}
