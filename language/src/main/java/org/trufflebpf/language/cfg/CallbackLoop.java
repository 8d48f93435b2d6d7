package org.trufflebpf.language.cfg;

import java.util.ArrayList;
import java.util.List;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.Condition;
import org.trufflebpf.language.isa.Instruction.Immediate;
import org.trufflebpf.language.isa.Instruction.Operand;
import org.trufflebpf.language.isa.Instruction.Register;

/**
 * A helper that calls a function of the program again and again, as the loop that it is: the callback is inlined and facts flow through it like
 * through any other loop. All take the callback in r2, its context in r3 and flags in r4, and end when the callback answers something but 0.
 */
abstract class CallbackLoop {
    private static final int EINVAL = 22;

    final GraphBuilder graph;
    /** How often the callback has been called. */
    final int count;
    /** What the callback gets as its context. */
    final int context;
    final int depth;
    private final GraphBuilder.Activation caller;
    private final int callback;
    private final int slot;
    private final int next;

    CallbackLoop(GraphBuilder graph, GraphBuilder.Activation caller, CallArguments arguments, int slot, int next) {
        this.graph = graph;
        this.caller = caller;
        this.callback = arguments.function(2);
        this.slot = slot;
        this.next = next;
        this.depth = caller.depth;
        this.count = Registers.loopCount(depth);
        this.context = Registers.loopContext(depth);
    }

    /** @param next the slot after the call at {@code slot} */
    static CallbackLoop of(int helper, GraphBuilder graph, GraphBuilder.Activation caller, CallArguments arguments, int slot, int next) {
        return switch (helper) {
            case CallbackHelper.LOOP -> new CountedLoop(graph, caller, arguments, slot, next);
            case CallbackHelper.FOR_EACH_MAP_ELEM -> new ElementLoop(graph, caller, arguments, slot, next);
            case CallbackHelper.USER_RINGBUF_DRAIN -> new SampleLoop(graph, caller, arguments, slot, next);
            default -> throw new IllegalArgumentException("helper " + helper + " calls no function");
        };
    }

    /** Adds to the block before the loop what it begins with; gives how that block ends. */
    final Terminator start(List<Step> body) {
        body.add(move(true, context, 3));
        body.add(load(count, 0));
        return start(body, graph.reserve());
    }

    /**
     * @param body goes on
     * @param test number of the block before each call of the callback
     */
    abstract Terminator start(List<Step> body, int test);

    /** No flags are known: any is an error. */
    final Terminator unlessFlags(int next) {
        return branch(Condition.NE, 4, new Immediate(0), end(error(-EINVAL)), next);
    }

    /** A block that calls the callback, and the one after it, which leads back to {@code test} or to {@code done}. */
    final int call(List<Step> arguments, int test, int done) {
        return call(arguments, List.of(), Registers.RESULT, test, done);
    }

    /** @param answer the register that has what the callback answered after the steps {@code then} */
    final int call(List<Step> arguments, List<Step> then, int answer, int test, int done) {
        int iteration = graph.reserve();
        int after = graph.reserve();
        Terminator call = graph.enter(caller, callback, slot, after, slot, arguments);
        set(iteration, arguments, call);
        set(after, then, branch(Condition.NE, answer, new Immediate(0), done, test));
        return iteration;
    }

    /** A block that ends the loop. */
    final int end(Step... result) {
        int block = graph.reserve();
        set(block, List.of(result), new Terminator.Goto(graph.block(caller, next)));
        return block;
    }

    final void set(int block, List<Step> steps, Terminator terminator) {
        graph.set(block, new Block(steps, terminator, slot));
    }

    final Step error(long result) {
        return load(Registers.RESULT, result);
    }

    final Step load(int target, long value) {
        return step(new Instruction.LoadConstant(target, value));
    }

    final Step move(boolean wide, int target, int source) {
        return step(new Instruction.Alu(AluOperation.MOV, wide, target, new Register(source)));
    }

    final Step countUp() {
        return step(new Instruction.Alu(AluOperation.ADD, true, count, new Immediate(1)));
    }

    final Step step(Instruction instruction) {
        return new Step(slot, instruction);
    }

    final Step call(int step) {
        return step(new Instruction.CallHelper(step));
    }

    static Terminator branch(Condition condition, int left, Operand right, int taken, int fallThrough) {
        return new Terminator.Branch(condition, true, left, right, taken, fallThrough);
    }

    /**
     * bpf_loop(count, callback, context, flags). Limits, order of checks and result as in the kernel's bpf_loop. Where it knows that there are no
     * flags it does the same (inline_bpf_loop), which shows: the count is then compared in 64 bits, and the error is a 32-bit number.
     */
    private static final class CountedLoop extends CallbackLoop {
        private static final int MAX_LOOPS = 1 << 23;
        private static final int E2BIG = 7;

        private final boolean inKernelInlined;
        private final int limit;

        CountedLoop(GraphBuilder graph, GraphBuilder.Activation caller, CallArguments arguments, int slot, int next) {
            super(graph, caller, arguments, slot, next);
            this.inKernelInlined = arguments.isZero(4);
            this.limit = Registers.loopSubject(depth);
        }

        @Override
        Terminator start(List<Step> body, int test) {
            body.add(move(inKernelInlined, limit, 1));
            int done = end(move(true, Registers.RESULT, count));
            int checked = graph.reserve();
            int tooMany = end(error(inKernelInlined ? -E2BIG & 0xffff_ffffL : -E2BIG));
            set(checked, List.of(), branch(Condition.GT, limit, new Immediate(MAX_LOOPS), tooMany, test));
            int iteration = call(new ArrayList<>(List.of(move(true, 1, count), move(true, 2, context), countUp())), test, done);
            set(test, List.of(), branch(Condition.GE, count, new Register(limit), done, iteration));
            return unlessFlags(checked);
        }
    }

    /**
     * bpf_for_each_map_elem(map, callback, context, flags), whose callback gets map, key, value and context. What it deletes or adds on the way is as
     * in the kernel: the loop goes on to the element that followed when the callback began.
     */
    private static final class ElementLoop extends CallbackLoop {
        private final int map;
        private final int value;

        ElementLoop(GraphBuilder graph, GraphBuilder.Activation caller, CallArguments arguments, int slot, int next) {
            super(graph, caller, arguments, slot, next);
            this.map = Registers.loopSubject(depth);
            this.value = Registers.loopElement(depth);
        }

        @Override
        Terminator start(List<Step> body, int test) {
            body.add(move(true, map, 1));
            int done = end(move(true, Registers.RESULT, count));
            List<Step> arguments = List.of(move(true, value, Registers.RESULT), move(true, 1, map), load(2, depth), call(CallbackHelper.ELEMENT_KEY),
                            move(true, 1, map), move(true, 2, Registers.RESULT), move(true, 3, value), move(true, 4, context), countUp());
            int iteration = call(new ArrayList<>(arguments), test, done);
            set(test, List.of(move(true, 1, map), load(2, depth), move(true, 3, count), call(CallbackHelper.NEXT_ELEMENT)),
                            branch(Condition.EQ, Registers.RESULT, new Immediate(0), done, iteration));
            return unlessFlags(test);
        }

    }

    /** bpf_user_ringbuf_drain(map, callback, context, flags), whose callback gets the dynptr of a sample and the context. */
    private static final class SampleLoop extends CallbackLoop {
        private final int map;
        private final int answer;

        SampleLoop(GraphBuilder graph, GraphBuilder.Activation caller, CallArguments arguments, int slot, int next) {
            super(graph, caller, arguments, slot, next);
            this.map = Registers.loopSubject(depth);
            this.answer = Registers.loopElement(depth);
        }

        @Override
        Terminator start(List<Step> body, int test) {
            body.add(move(true, map, 1));
            body.add(move(true, 2, 4));
            body.add(call(CallbackHelper.BEGIN_DRAIN));
            int done = end(move(true, 1, map), call(CallbackHelper.END_DRAIN), move(true, Registers.RESULT, count));
            List<Step> release = List.of(move(true, answer, Registers.RESULT), move(true, 1, map), call(CallbackHelper.RELEASE_SAMPLE));
            int iteration = call(new ArrayList<>(List.of(move(true, 1, Registers.RESULT), move(true, 2, context), countUp())), release, answer, test,
                            done);
            set(test, List.of(move(true, 1, map), move(true, 2, count), call(CallbackHelper.NEXT_SAMPLE)),
                            branch(Condition.EQ, Registers.RESULT, new Immediate(0), done, iteration));
            return branch(Condition.NE, Registers.RESULT, new Immediate(0), end(), test);
        }
    }
}
