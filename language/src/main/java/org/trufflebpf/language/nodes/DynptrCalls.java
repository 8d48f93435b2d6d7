package org.trufflebpf.language.nodes;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.trufflebpf.language.verifier.DynptrArgument;
import org.trufflebpf.language.verifier.Liveness;
import org.trufflebpf.language.verifier.State;
import org.trufflebpf.language.verifier.Value;
import org.trufflebpf.language.verifier.Value.Kind;
import org.trufflebpf.maps.RingMap;

/** Calls on dynptrs: nodes for the places on the stack that they can be at. */
final class DynptrCalls {
    private final FrameLayout layout;
    private final AddressBuilder addresses;

    DynptrCalls(FrameLayout layout, AddressBuilder addresses) {
        this.layout = layout;
        this.addresses = addresses;
    }

    ExpressionNode ofPacket(HelperCall call) {
        return made(call, 3, place -> new DynptrNodes.OfPacket(place, call.argument(2)));
    }

    ExpressionNode ofValue(HelperCall call) {
        return made(call, 4, place -> new DynptrNodes.OfValue(place, call.valueMemory(1), call.size(2), call.argument(3)));
    }

    ExpressionNode ofRecord(HelperCall call) {
        return call.withMapSource(1, RingMap.class, "ring buffer",
                        ring -> made(call, 4, place -> new DynptrNodes.OfRecord(place, ring.get(), call.size(2), call.argument(3))));
    }

    ExpressionNode giveBack(HelperCall call, boolean submits) {
        return used(call, 1, dynptr -> new DynptrNodes.GiveBack(submits, dynptr, call.argument(2)));
    }

    ExpressionNode read(HelperCall call) {
        return used(call, 3, dynptr -> new DynptrNodes.Transfer(true, dynptr, call.memory(1), call.size(2), call.size(4), call.argument(5)));
    }

    ExpressionNode write(HelperCall call) {
        return used(call, 1, dynptr -> new DynptrNodes.Transfer(false, dynptr, call.memory(3), call.size(4), call.size(2), call.argument(5)));
    }

    ExpressionNode data(HelperCall call) {
        return used(call, 1, dynptr -> new DynptrNodes.Data(dynptr, call.size(2), call.size(3)));
    }

    ExpressionNode slice(HelperCall call) {
        return used(call, 1, dynptr -> new DynptrNodes.Slice(dynptr, call.size(2), call.size(4)));
    }

    ExpressionNode adjust(HelperCall call) {
        return call.dynptr(1).isSample(call.state()) ? call.trap("adjusts the dynptr of a sample: adjust a clone of it")
                        : used(call, 1, dynptr -> new DynptrNodes.Adjust(dynptr, call.size(2), call.size(3)));
    }

    ExpressionNode cloned(HelperCall call) {
        return used(call, 1, dynptr -> made(call, 2, place -> new DynptrNodes.Clone(dynptr, place)));
    }

    ExpressionNode copy(HelperCall call) {
        return used(call, 1, target -> used(call, 3,
                        source -> new DynptrNodes.Copy(target, call.size(2), source, call.size(4), call.size(5))));
    }

    ExpressionNode fill(HelperCall call) {
        return used(call, 1, dynptr -> new DynptrNodes.Fill(dynptr, call.size(2), call.size(3), call.argument(4)));
    }

    /** The node that {@code make} gives for the dynptr in {@code register}; where it can be at several places, the one where it is at run time. */
    ExpressionNode used(HelperCall call, int register, Function<Dynptr, ExpressionNode> make) {
        DynptrArgument argument = call.dynptr(register);
        Value described = argument.described(call.state());
        String given = "gives " + call.helper.helperName() + " in r" + register + " ";
        if (argument.isSample(call.state())) {
            Rings rings = addresses.rings(described.maps());
            return make.apply(new Dynptr(new SamplePlace(layout.slot(register), rings), described, rings, call.site(given + "no dynptr"),
                            call.site(given + "the dynptr of a sample that it does not have any more")));
        }
        return at(call, argument, given + "no dynptr", word -> make.apply(new Dynptr(place(word), described, addresses.rings(described.maps()),
                        call.site(given + "no dynptr"), call.site(given + "the dynptr of a record that it does not hold"))));
    }

    private ExpressionNode made(HelperCall call, int register, Function<DynptrPlace, ExpressionNode> make) {
        DynptrArgument argument = call.dynptr(register);
        return at(call, argument, "gives " + call.helper.helperName() + " in r" + register + " no place for a dynptr",
                        word -> make.apply(place(word, overlapped(word))));
    }

    private ExpressionNode at(HelperCall call, DynptrArgument argument, String wrong, Function<Integer, ExpressionNode> make) {
        if (argument.certain()) {
            return make.apply(argument.words().getFirst());
        }
        ExpressionNode chain = call.trap(wrong);
        for (int word : argument.words()) {
            chain = new DynptrNodes.IfAt(call.argument(argument.register()), AddressNode.Stack.ofWord(word), make.apply(word), chain);
        }
        return chain;
    }

    private DynptrPlace place(int word, int... overlapped) {
        return new DynptrPlace(layout.slot(Liveness.dynptrAddress(word)), layout.slot(Liveness.dynptrState(word)), overlapped);
    }

    private int[] overlapped(int word) {
        return IntStream.of(word - 1, word + 1).filter(other -> other >= 0 && layout.has(Liveness.dynptrState(other))).map(Liveness::dynptrState)
                        .map(layout::slot).toArray();
    }

    /**
     * What a write does to dynptrs that lie where it may write: it ends those that it touches.
     *
     * @param address of the write at run time
     * @param size bytes at run time, at most {@code maxSize}
     */
    List<StatementNode> ended(State state, Value base, int offset, long maxSize, Supplier<ExpressionNode> address, Supplier<ExpressionNode> size) {
        List<StatementNode> statements = new ArrayList<>();
        boolean fixed = base.isAt(Kind.STACK) && base.hasOneFrame() && size.get() instanceof ConstantNode;
        for (int word : DynptrArgument.ended(state, base, offset, maxSize)) {
            statements.add(fixed ? new SlotNodes.Write(layout.slot(Liveness.dynptrState(word)), new ConstantNode(0))
                            : new DynptrNodes.EndTouched(place(word), AddressNode.Stack.ofWord(word), address.get(), size.get()));
        }
        return statements;
    }
}
