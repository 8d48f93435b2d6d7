package org.trufflebpf.language.isa;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * What must hold between instructions: jumps stay inside their function, functions end, every instruction can be reached, calls nest at
 * most {@value #MAX_CALL_DEPTH} deep and never recurse. Everything here takes time proportional to the code's length.
 */
final class Structure {

    /** Frames, the main function's included (Linux MAX_CALL_FRAMES). */
    static final int MAX_CALL_DEPTH = 8;

    /** Helper bpf_timer_set_callback: the function that it takes runs later, not within the caller. */
    private static final int TIMER_SET_CALLBACK = 170;

    private final List<Instruction> slots;
    private final int[] starts;

    private Structure(Code code) {
        slots = code.slots();
        starts = code.functionStarts();
    }

    static void check(Code code, Strictness strictness) throws MalformedCodeException {
        for (int slot = 0; slot < code.slots().size(); slot++) {
            checkFunctionTarget(code, slot);
        }
        Structure structure = new Structure(code);
        structure.checkJumps();
        if (strictness == Strictness.KERNEL) {
            structure.checkReachable();
        }
        structure.checkCalls();
    }

    private static void checkFunctionTarget(Code code, int slot) throws MalformedCodeException {
        int target = switch (code.slots().get(slot)) {
            case Instruction.CallLocal(int function) -> function;
            case Instruction.LoadFunction(int _, int function) -> function;
            case null, default -> 0;
        };
        if (target < 0 || target >= code.slots().size() || code.slots().get(target) == null) {
            throw new MalformedCodeException(slot, "there is no function at instruction " + target);
        }
    }

    private void checkJumps() throws MalformedCodeException {
        for (int function = 0; function < starts.length; function++) {
            int start = starts[function];
            int end = end(function);
            for (int slot = start; slot < end; slot++) {
                int target = jumpTarget(slots.get(slot), slot);
                if (target < start || target >= end) {
                    String bounds = "jump to instruction %d, outside the function's %d to %d".formatted(target, start, end - 1);
                    throw new MalformedCodeException(slot, bounds);
                }
                if (target != slot && slots.get(target) == null) {
                    throw new MalformedCodeException(slot, "jump to instruction " + target + ", the second slot of a 64-bit constant");
                }
            }
            if (!(slots.get(end - 1) instanceof Instruction.Exit || slots.get(end - 1) instanceof Instruction.Jump)) {
                throw new MalformedCodeException(end - 1, "the function's last instruction must be exit or an unconditional jump");
            }
        }
    }

    private int end(int function) {
        return function + 1 < starts.length ? starts[function + 1] : slots.size();
    }

    /** Where {@code instruction} can jump to; its own slot when it does not jump (a jump to itself is as good). */
    private static int jumpTarget(Instruction instruction, int slot) {
        return switch (instruction) {
            case Instruction.Jump jump -> jump.slot();
            case Instruction.Branch branch -> branch.slot();
            case Instruction.MayGoto(int target) -> target;
            case null, default -> slot;
        };
    }

    private void checkReachable() throws MalformedCodeException {
        BitSet reached = new BitSet(slots.size());
        int[] pending = new int[slots.size()];
        int count = 0;
        reached.set(0);
        pending[count++] = 0;
        while (count > 0) {
            int slot = pending[--count];
            Instruction instruction = slots.get(slot);
            int next = switch (instruction) {
                case Instruction.Exit _, Instruction.Jump _ -> slot;
                default -> slot + instruction.slotCount();
            };
            int other = switch (instruction) {
                case Instruction.CallLocal(int function) -> function;
                case Instruction.LoadFunction(int _, int function) -> function;
                default -> jumpTarget(instruction, slot);
            };
            if (!reached.get(next)) {
                reached.set(next);
                pending[count++] = next;
            }
            if (!reached.get(other)) {
                reached.set(other);
                pending[count++] = other;
            }
        }
        for (int slot = reached.nextClearBit(0); slot < slots.size(); slot = reached.nextClearBit(slot + 1)) {
            if (slots.get(slot) != null) {
                throw new MalformedCodeException(slot, "unreachable instruction");
            }
        }
    }

    private record Call(int slot, int function) {
    }

    /** Depth first over the call graph; {@code depth} counts the frames below a function, its own included, once all its calls are known. */
    private void checkCalls() throws MalformedCodeException {
        List<List<Call>> calls = new ArrayList<>();
        for (int function = 0; function < starts.length; function++) {
            calls.add(calls(function));
        }
        int[] depth = new int[starts.length];
        int[] next = new int[starts.length];
        BitSet active = new BitSet();
        int[] path = new int[starts.length];
        for (int root = 0; root < starts.length; root++) {
            int length = 0;
            if (depth[root] == 0) {
                path[length++] = root;
                active.set(root);
            }
            while (length > 0) {
                int function = path[length - 1];
                List<Call> list = calls.get(function);
                if (next[function] == list.size()) {
                    depth[function] = 1 + list.stream().mapToInt(call -> depth[call.function()]).max().orElse(0);
                    active.clear(function);
                    length--;
                    continue;
                }
                Call call = list.get(next[function]++);
                if (active.get(call.function())) {
                    throw new MalformedCodeException(call.slot(), "recursive call of the function at instruction " + starts[call.function()]);
                }
                if (depth[call.function()] == 0) {
                    active.set(call.function());
                    path[length++] = call.function();
                }
            }
            for (Call call : calls.get(root)) {
                if (depth[call.function()] >= MAX_CALL_DEPTH) {
                    throw new MalformedCodeException(call.slot(), "calls nest deeper than " + MAX_CALL_DEPTH + " frames");
                }
            }
        }
    }

    private List<Call> calls(int function) {
        List<Call> calls = new ArrayList<>();
        boolean timers = false;
        for (int slot = starts[function]; slot < end(function); slot++) {
            switch (slots.get(slot)) {
                case Instruction.CallLocal(int target) -> calls.add(new Call(slot, Arrays.binarySearch(starts, target)));
                case Instruction.LoadFunction(int _, int target) -> calls.add(new Call(slot, Arrays.binarySearch(starts, target)));
                case Instruction.CallHelper(int helper) -> timers |= helper == TIMER_SET_CALLBACK;
                case null, default -> {
                }
            }
        }
        if (timers) {
            calls.removeIf(call -> slots.get(call.slot()) instanceof Instruction.LoadFunction);
        }
        return calls;
    }
}
