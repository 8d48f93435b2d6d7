package org.trufflebpf.language.nodes;

import java.util.ArrayList;
import java.util.List;
import org.trufflebpf.language.nodes.AddressNode.Keys;
import org.trufflebpf.language.nodes.AddressNode.Regions;
import org.trufflebpf.language.nodes.AddressNode.ValueArea;
import org.trufflebpf.language.verifier.MapTable;
import org.trufflebpf.language.verifier.Proof;
import org.trufflebpf.language.verifier.Safety;
import org.trufflebpf.language.verifier.StackUse;
import org.trufflebpf.language.verifier.StackWindow;
import org.trufflebpf.language.verifier.State;
import org.trufflebpf.language.verifier.Value;
import org.trufflebpf.language.verifier.Value.Kind;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.RingMap;
import org.trufflebpf.maps.UserRingMap;

/** Chooses the cheapest check that keeps an access inside the regions that its base can point to. */
final class AddressBuilder {
    private final StepBuilder steps;
    private final FrameLayout layout;
    private final int packetStartSlot;
    private final BpfMap[] maps;
    private final MapTable table;
    private final Safety safety;
    private final InnerMaps innerMaps;
    private final boolean holdsManyRecords;

    AddressBuilder(StepBuilder steps, FrameLayout layout, int packetStartSlot, BpfMap[] maps, MapTable table, Safety safety, InnerMaps innerMaps,
                    boolean holdsManyRecords) {
        this.steps = steps;
        this.layout = layout;
        this.packetStartSlot = packetStartSlot;
        this.maps = maps;
        this.table = table;
        this.safety = safety;
        this.innerMaps = innerMaps;
        this.holdsManyRecords = holdsManyRecords;
    }

    /** What an instruction does to memory. */
    enum Use {
        LOAD("loads"), STORE("stores"), CHANGE("changes");

        private final String verb;

        Use(String verb) {
            this.verb = verb;
        }
    }

    ExpressionNode access(int baseRegister, int offset, int size, int slot, State state, Use use) {
        Value base = state.register(baseRegister);
        if (StackUse.isFixed(base, offset, size)) {
            return new AddressNode.Stack(base.depth(), base.min() + offset);
        }
        ExpressionNode pointer = steps.register(baseRegister, state);
        long allowed = allowed(base, use != Use.STORE, use != Use.LOAD);
        if (isProved(state, base, offset, size, use != Use.STORE, use != Use.LOAD)) {
            return new AddressNode.Proved(pointer, offset);
        }
        if (base.isOnly(Kind.PACKET) || base.isOnly(Kind.PACKET_SLICE)) {
            return new AddressNode.Packet(pointer, offset, size, packetStartSlot, packetEndSlot(base),
                            new TrapSite(layout, slot, Trap.Kind.ACCESS, use.verb + " outside the packet"));
        }
        Keys keys = use == Use.LOAD ? keys(base) : null;
        return new AddressNode.Checked(pointer, offset, new ConstantNode(size), regions(base, allowed, keys, offset, size),
                        new TrapSite(layout, slot, Trap.Kind.ACCESS, use.verb + outside(base, allowed)));
    }

    /** Memory for a helper: {@code maxSize} bytes at most, {@code size} at run time. */
    ExpressionNode memory(int register, ExpressionNode size, long maxSize, boolean written, int slot, State state, String helper) {
        return memory(register, state.register(register), size, maxSize, written, slot, state, helper);
    }

    /** @param pointer what r{@code register} is to be taken for */
    ExpressionNode memory(int register, Value pointer, ExpressionNode size, long maxSize, boolean written, int slot, State state, String helper) {
        long allowed = allowed(pointer, !written, written);
        ExpressionNode address = steps.register(register, state);
        if (isProved(state, pointer, 0, maxSize, !written, written)) {
            return address;
        }
        return new AddressNode.Checked(address, 0, size, regions(pointer, allowed, written ? null : keys(pointer), 0, maxSize),
                        new TrapSite(layout, slot, Trap.Kind.CALL, "gives " + helper + " memory in r" + register + " that lies" + outside(pointer, allowed)));
    }

    private boolean isProved(State state, Value base, long offset, long size, boolean reads, boolean writes) {
        return safety != Safety.OFF && Proof.holds(state, table, base, offset, size, reads, writes);
    }

    /** The maps that {@code base} can point into and that programs may use so; a bit per number. */
    private long allowed(Value base, boolean reads, boolean writes) {
        return base.may(Kind.MAP_VALUE) ? table.allowing(base.maps(), reads, writes) : 0;
    }

    /** All that the program may read. */
    ProgramMemory programMemory() {
        long readable = table.allowing(table.all(), true, false);
        return new ProgramMemory(packetStartSlot, new Regions(true, packetStartSlot, FrameLayout.DATA_END, StackWindow.ALL, areas(readable), rings(table.all()),
                        keys(table.all()), table.templates() == 0 ? null : innerMaps));
    }

    /** Slices of a packet may lie in its fragments. */
    private static int packetEndSlot(Value base) {
        return base.may(Kind.PACKET_SLICE) ? FrameLayout.PACKET_END : FrameLayout.DATA_END;
    }

    private Regions regions(Value base, long allowed, Keys keys, long offset, long maxSize) {
        return new Regions(base.may(Kind.PACKET) || base.may(Kind.PACKET_SLICE), packetStartSlot, packetEndSlot(base), StackWindow.of(base, offset, maxSize), areas(allowed),
                        rings(base), keys, (allowed & table.templates()) != 0 ? innerMaps : null);
    }

    private ValueArea[] areas(long allowed) {
        List<ValueArea> areas = new ArrayList<>();
        for (long rest = allowed & ~table.templates(); rest != 0; rest &= rest - 1) {
            BpfMap map = maps[Long.numberOfTrailingZeros(rest)];
            if (map.valuesSize() > 0) {
                areas.add(ValueArea.ofValues(map));
            }
        }
        return areas.toArray(ValueArea[]::new);
    }

    /** The keys that a pointer can point to, or null. */
    private Keys keys(Value base) {
        return base.may(Kind.MAP_KEY) ? keys(base.maps()) : null;
    }

    private Keys keys(long numbers) {
        List<ValueArea> areas = new ArrayList<>();
        for (long rest = numbers & ~table.templates(); rest != 0; rest &= rest - 1) {
            BpfMap map = maps[Long.numberOfTrailingZeros(rest)];
            if (map.keysSize() > 0) {
                areas.add(ValueArea.ofKeys(map));
            }
        }
        return new Keys(areas.toArray(ValueArea[]::new), (numbers & table.templates()) != 0 ? innerMaps : null);
    }

    /** The ring buffers that a pointer can be a record of. */
    Rings rings(Value base) {
        return rings(base.may(Kind.RECORD) ? base.maps() : 0);
    }

    /** The ring buffers of a set of maps. */
    Rings rings(long set) {
        List<RingMap> rings = new ArrayList<>();
        List<UserRingMap> user = new ArrayList<>();
        for (long rest = set & ~table.templates(); rest != 0; rest &= rest - 1) {
            switch (maps[Long.numberOfTrailingZeros(rest)]) {
                case RingMap ring -> rings.add(ring);
                case UserRingMap ring -> user.add(ring);
                default -> {
                }
            }
        }
        return new Rings(rings, holdsManyRecords, user, (table.rings(set) & table.templates()) != 0);
    }

    private String outside(Value base, long allowed) {
        List<String> regions = new ArrayList<>();
        if (base.may(Kind.PACKET) || base.may(Kind.PACKET_SLICE)) {
            regions.add("the packet");
        }
        if (base.may(Kind.STACK)) {
            regions.add("the stack");
        }
        for (long rest = allowed; rest != 0; rest &= rest - 1) {
            regions.add("a value of map '" + table.nameOf(Long.numberOfTrailingZeros(rest)) + "'");
        }
        if (base.may(Kind.MAP_KEY)) {
            regions.add("a map key, which may only be read");
        }
        for (long rest = base.may(Kind.RECORD) ? table.rings(base.maps()) : 0; rest != 0; rest &= rest - 1) {
            regions.add("a record of map '" + table.nameOf(Long.numberOfTrailingZeros(rest)) + "'");
        }
        if (regions.isEmpty()) {
            return base.may(Kind.MAP_VALUE) ? " in a map that forbids it to programs" : " through a number that is no pointer";
        }
        return " outside " + String.join(" and ", regions);
    }
}
