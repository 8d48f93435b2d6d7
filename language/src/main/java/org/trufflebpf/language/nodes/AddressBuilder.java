package org.trufflebpf.language.nodes;

import java.util.ArrayList;
import java.util.List;
import org.trufflebpf.language.nodes.AddressNode.Regions;
import org.trufflebpf.language.nodes.AddressNode.ValueArea;
import org.trufflebpf.language.verifier.State;
import org.trufflebpf.language.verifier.StackUse;
import org.trufflebpf.language.verifier.Value;
import org.trufflebpf.language.verifier.Value.Kind;
import org.trufflebpf.maps.BpfMap;

/** Chooses the cheapest check that keeps an access inside the regions that its base can point to. */
final class AddressBuilder {
    private final StepBuilder steps;
    private final FrameLayout layout;
    private final int packetStartSlot;
    private final BpfMap[] maps;

    AddressBuilder(StepBuilder steps, FrameLayout layout, int packetStartSlot, BpfMap[] maps) {
        this.steps = steps;
        this.layout = layout;
        this.packetStartSlot = packetStartSlot;
        this.maps = maps;
    }

    /** @param verb what the instruction does, for the report of a trap */
    ExpressionNode access(int baseRegister, int offset, int size, int slot, State state, String verb) {
        Value base = state.register(baseRegister);
        if (StackUse.isFixed(base, offset, size)) {
            return new AddressNode.Stack(base.depth(), base.min() + offset);
        }
        ExpressionNode pointer = steps.register(baseRegister, state);
        if (isProved(base, offset, size) || state.isInPacket(base, offset, size)) {
            return new AddressNode.Proved(pointer, offset);
        }
        if (base.isOnly(Kind.PACKET)) {
            return new AddressNode.Packet(pointer, offset, size, packetStartSlot, new TrapSite(layout, slot, verb + " outside the packet"));
        }
        return new AddressNode.Checked(pointer, offset, new ConstantNode(size), regions(base), new TrapSite(layout, slot, verb + outside(base)));
    }

    /** Memory for a helper: {@code maxSize} bytes at most, {@code size} at run time. */
    ExpressionNode memory(int register, ExpressionNode size, long maxSize, int slot, State state, String helper) {
        Value pointer = state.register(register);
        ExpressionNode address = steps.register(register, state);
        if (isProved(pointer, 0, maxSize) || state.isInPacket(pointer, 0, maxSize)) {
            return address;
        }
        return new AddressNode.Checked(address, 0, size, regions(pointer),
                        new TrapSite(layout, slot, "gives " + helper + " memory in r" + register + " that lies" + outside(pointer)));
    }

    private boolean isProved(Value base, long offset, long size) {
        if (base.isWithin(Kind.STACK, offset, size, -FrameLayout.FRAME_BYTES, 0)) {
            return true;
        }
        if (!base.isOnly(Kind.MAP_VALUE)) {
            return false;
        }
        for (long rest = base.maps(); rest != 0; rest &= rest - 1) {
            BpfMap map = maps[Long.numberOfTrailingZeros(rest)];
            if (!base.isWithin(Kind.MAP_VALUE, offset, size, 0, map.valueSize())) {
                return false;
            }
        }
        return true;
    }

    private Regions regions(Value base) {
        List<ValueArea> areas = new ArrayList<>();
        if (base.may(Kind.MAP_VALUE)) {
            for (long rest = base.maps(); rest != 0; rest &= rest - 1) {
                BpfMap map = maps[Long.numberOfTrailingZeros(rest)];
                if (map.valuesSize() > 0) {
                    areas.add(new ValueArea(map.valuesAddress(), map.valuesSize(), map.stride(), map.valueOffset(), map.valueSize()));
                }
            }
        }
        return new Regions(base.may(Kind.PACKET), packetStartSlot, base.may(Kind.STACK), areas.toArray(ValueArea[]::new));
    }

    private String outside(Value base) {
        List<String> allowed = new ArrayList<>();
        if (base.may(Kind.PACKET)) {
            allowed.add("the packet");
        }
        if (base.may(Kind.STACK)) {
            allowed.add("the stack");
        }
        if (base.may(Kind.MAP_VALUE)) {
            for (long rest = base.maps(); rest != 0; rest &= rest - 1) {
                allowed.add("a value of map '" + maps[Long.numberOfTrailingZeros(rest)].name() + "'");
            }
        }
        return allowed.isEmpty() ? " through a number that is no pointer" : " outside " + String.join(" and ", allowed);
    }
}
