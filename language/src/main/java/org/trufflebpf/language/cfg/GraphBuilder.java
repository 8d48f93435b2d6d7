package org.trufflebpf.language.cfg;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.trufflebpf.language.isa.Code;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.Condition;
import org.trufflebpf.language.isa.Instruction.Immediate;
import org.trufflebpf.language.isa.Instruction.Operand;
import org.trufflebpf.language.isa.Instruction.Register;

/**
 * Builds the control flow graph of a program and inlines its calls: a compiled call of another call target costs 7 ns where inlined code costs
 * under 1 (measured), and facts flow through inlined code by themselves.
 *
 * <p>Each call path gets a copy of the callee, up to {@link #MAX_INLINED_STEPS}. Beyond it a function has one copy per call depth, and a
 * number in a register of its own says where a return goes; so size stays bounded by functions times depths whatever calls what.
 */
public final class GraphBuilder {
    /** Above this many instructions after inlining, copies are shared: 30,000 take 4 to 12 s from the file to machine code (measured), and time grows on. */
    static final int MAX_INLINED_STEPS = 20_000;
    /** Above this many the program is refused: analysis would take minutes and gigabytes. */
    public static final int MAX_STEPS = 200_000;

    /** Where a function body is being copied to. Shared bodies have many callers: their return sites are collected. */
    static final class Activation {
        /** The block that an inlined body returns to; -1 for the main function and for shared bodies. */
        final int returnTo;
        final int depth;
        final List<ReturnSite> returnSites = new ArrayList<>();
        final Map<Integer, Integer> blocks = new HashMap<>();
        int returnBlock = -1;

        Activation(int returnTo, int depth) {
            this.returnTo = returnTo;
            this.depth = depth;
        }
    }

    private record ReturnSite(int block, int slot) {
    }

    /** @param arguments what the code before has put into registers */
    private record Pending(Activation activation, int slot, int block, CallArguments arguments) {
    }

    private record SharedKey(int functionSlot, int depth) {
    }

    private record CallKey(Activation caller, int slot) {
    }

    /** Thrown to start again with shared bodies, or to give up. */
    private static final class TooLarge extends Exception {
        private static final long serialVersionUID = 1;
    }

    private final Code code;
    private final boolean[] leaders;
    private final boolean shared;
    private final List<Block> blocks = new ArrayList<>();
    private final ArrayDeque<Pending> pending = new ArrayDeque<>();
    private final Map<SharedKey, Activation> sharedActivations = new HashMap<>();
    private final Map<CallKey, Activation> inlinedActivations = new HashMap<>();
    private int steps;
    private int depths = 1;

    private GraphBuilder(Code code, boolean shared) {
        this.code = code;
        this.shared = shared;
        this.leaders = leaders(code);
    }

    /**
     * @param code as the decoder gives it: jumps in bounds, no recursion, at most {@link Registers#MAX_DEPTH} frames
     * @return empty if the graph would have more than {@link #MAX_STEPS} instructions
     */
    public static Optional<Graph> build(Code code) {
        return build(code, 0);
    }

    /** The same of a function that is called on its own; {@code start} is its first slot. */
    public static Optional<Graph> build(Code code, int start) {
        try {
            return Optional.of(new GraphBuilder(code, false).build(start));
        } catch (TooLarge inlining) {
            try {
                return Optional.of(new GraphBuilder(code, true).build(start));
            } catch (TooLarge shared) {
                return Optional.empty();
            }
        }
    }

    private static boolean[] leaders(Code code) {
        boolean[] leaders = new boolean[code.slots().size() + 1];
        for (int slot = 0; slot < code.slots().size(); slot++) {
            switch (code.slots().get(slot)) {
                case null -> {
                }
                case Instruction.Jump jump -> leaders[jump.slot()] = true;
                case Instruction.Branch branch -> leaders[branch.slot()] = true;
                case Instruction.MayGoto jump -> leaders[jump.slot()] = true;
                default -> {
                }
            }
        }
        return leaders;
    }

    private Graph build(int start) throws TooLarge {
        block(new Activation(-1, 0), start);
        while (!pending.isEmpty()) {
            Pending next = pending.pop();
            blocks.set(next.block, read(next.activation, next.slot, next.arguments));
        }
        for (Activation activation : sharedActivations.values()) {
            closeReturns(activation);
        }
        return NodeSplitter.split(Graph.ordered(blocks, depths));
    }

    /** The block of a function body that begins at {@code slot}. */
    int block(Activation activation, int slot) {
        return activation.blocks.computeIfAbsent(slot, start -> {
            int block = reserve();
            pending.push(new Pending(activation, start, block, new CallArguments()));
            return block;
        });
    }

    private Block read(Activation activation, int start, CallArguments arguments) throws TooLarge {
        List<Step> body = new ArrayList<>();
        int slot = start;
        while (true) {
            if (body.size() == Block.MAX_STEPS) {
                int rest = reserve();
                pending.push(new Pending(activation, slot, rest, arguments));
                return new Block(body, new Terminator.Goto(rest), slot);
            }
            if (++steps > (shared ? MAX_STEPS : MAX_INLINED_STEPS)) {
                throw new TooLarge();
            }
            Instruction instruction = code.slots().get(slot);
            int next = slot + (isTwoSlots(slot) ? 2 : 1);
            switch (instruction) {
                case Instruction.Exit exit -> {
                    return new Block(body, leave(activation), slot);
                }
                case Instruction.Jump jump -> {
                    return new Block(body, new Terminator.Goto(block(activation, jump.slot())), slot);
                }
                case Instruction.MayGoto jump -> {
                    return new Block(body, new Terminator.Budget(block(activation, jump.slot()), block(activation, next)), slot);
                }
                case Instruction.Branch branch -> {
                    return new Block(body, new Terminator.Branch(branch.condition(), branch.wide(), rename(branch.left(), activation.depth),
                                    rename(branch.right(), activation.depth), block(activation, branch.slot()), block(activation, next)), slot);
                }
                case Instruction.CallLocal call -> {
                    return new Block(body, enter(activation, call.slot(), slot, block(activation, next), next, body), slot);
                }
                case Instruction.CallHelper call when CallbackHelper.has(call.helper()) && arguments.function(2) >= 0 -> {
                    return new Block(body, CallbackLoop.of(call.helper(), this, activation, arguments, slot, next).start(body), slot);
                }
                default -> {
                    arguments.visit(instruction);
                    body.add(new Step(slot, rename(instruction, activation.depth)));
                }
            }
            slot = next;
            if (leaders[slot]) {
                return new Block(body, new Terminator.Goto(block(activation, slot)), slot);
            }
        }
    }

    private boolean isTwoSlots(int slot) {
        return slot + 1 < code.slots().size() && code.slots().get(slot + 1) == null;
    }

    /** Goes to a function, which will go on at {@code returnTo}, the block of {@code returnSlot}. */
    Terminator enter(Activation caller, int functionSlot, int callSlot, int returnTo, int returnSlot, List<Step> body) {
        depths = Math.max(depths, caller.depth + 2);
        if (!shared) {
            Activation callee = inlinedActivations.computeIfAbsent(new CallKey(caller, callSlot), key -> new Activation(returnTo, caller.depth + 1));
            return new Terminator.Goto(block(callee, functionSlot));
        }
        Activation callee = sharedActivations.computeIfAbsent(new SharedKey(functionSlot, caller.depth + 1), key -> new Activation(-1, key.depth));
        body.add(new Step(callSlot, new Instruction.LoadConstant(Registers.returnNumber(callee.depth), callee.returnSites.size())));
        callee.returnSites.add(new ReturnSite(returnTo, returnSlot));
        return new Terminator.Goto(block(callee, functionSlot));
    }

    /** A block that {@link #set} will fill. */
    int reserve() {
        blocks.add(null);
        return blocks.size() - 1;
    }

    void set(int number, Block block) {
        blocks.set(number, block);
    }

    private Terminator leave(Activation activation) {
        if (activation.returnTo >= 0) {
            return new Terminator.Goto(activation.returnTo);
        }
        if (activation.depth == 0) {
            return new Terminator.Exit();
        }
        if (activation.returnBlock < 0) {
            activation.returnBlock = reserve();
        }
        return new Terminator.Goto(activation.returnBlock);
    }

    /** A chain of comparisons of the return number, one per return site. */
    private void closeReturns(Activation activation) {
        if (activation.returnBlock < 0) {
            return;
        }
        int current = activation.returnBlock;
        int last = activation.returnSites.size() - 1;
        for (int i = 0; i <= last; i++) {
            ReturnSite site = activation.returnSites.get(i);
            if (i == last) {
                blocks.set(current, new Block(List.of(), new Terminator.Goto(site.block), site.slot));
            } else {
                int rest = reserve();
                blocks.set(current, new Block(List.of(), new Terminator.Branch(Condition.EQ, true, Registers.returnNumber(activation.depth),
                                new Immediate(i), site.block, rest), site.slot));
                current = rest;
            }
        }
    }

    private static Operand rename(Operand operand, int depth) {
        return operand instanceof Register register ? new Register(rename(register.number(), depth)) : operand;
    }

    private static int rename(int register, int depth) {
        return Registers.of(register, depth);
    }

    private static Instruction rename(Instruction instruction, int d) {
        if (d == 0) {
            return instruction;
        }
        return switch (instruction) {
            case Instruction.Alu i -> new Instruction.Alu(i.operation(), i.wide(), rename(i.target(), d), rename(i.source(), d));
            case Instruction.Negate i -> new Instruction.Negate(i.wide(), rename(i.target(), d));
            case Instruction.MoveSignExtended i -> new Instruction.MoveSignExtended(i.wide(), rename(i.target(), d), rename(i.source(), d), i.bits());
            case Instruction.SwapBytes i -> new Instruction.SwapBytes(i.order(), rename(i.target(), d), i.bits());
            case Instruction.LoadConstant i -> new Instruction.LoadConstant(rename(i.target(), d), i.value());
            case Instruction.LoadMap i -> new Instruction.LoadMap(rename(i.target(), d), i.map());
            case Instruction.LoadMapValue i -> new Instruction.LoadMapValue(rename(i.target(), d), i.map(), i.offset());
            case Instruction.LoadFunction i -> new Instruction.LoadFunction(rename(i.target(), d), i.functionSlot());
            case Instruction.Load i -> new Instruction.Load(i.size(), i.signed(), rename(i.target(), d), rename(i.base(), d), i.offset());
            case Instruction.Store i -> new Instruction.Store(i.size(), rename(i.base(), d), i.offset(), rename(i.source(), d));
            case Instruction.Atomic i ->
                            new Instruction.Atomic(i.operation(), i.fetch(), i.size(), rename(i.base(), d), i.offset(), rename(i.source(), d));
            case Instruction.LoadAcquire i -> new Instruction.LoadAcquire(i.size(), rename(i.target(), d), rename(i.base(), d), i.offset());
            case Instruction.StoreRelease i -> new Instruction.StoreRelease(i.size(), rename(i.base(), d), i.offset(), rename(i.source(), d));
            case Instruction.Jump i -> i;
            case Instruction.Branch i -> i;
            case Instruction.MayGoto i -> i;
            case Instruction.CallHelper i -> i;
            case Instruction.CallKfunc i -> i;
            case Instruction.CallLocal i -> i;
            case Instruction.Exit i -> i;
        };
    }
}
