package org.trufflebpf.language.verifier;

import java.util.BitSet;
import java.util.List;
import org.trufflebpf.language.cfg.Block;
import org.trufflebpf.language.cfg.Graph;
import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.cfg.Operands.MemoryAccess;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.cfg.Terminator;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.Size;
import org.trufflebpf.language.verifier.Value.Kind;

/**
 * Which variables are read later, at the start of each block. Variables are the registers by number, then the stack words
 * ({@link #word}). A base register is no use where the analysis knows the place that is accessed, as then only the place is read.
 *
 * <p>Dead variables are cleared on the edges between blocks: without that, loop headers keep every variable as a phi, code is 2.5 times larger
 * and xdp_lb takes 356 instead of 150 ns (measured).
 */
public final class Liveness {
    /** Where the stack words begin among the variables. */
    public static final int FIRST_WORD = Registers.COUNT;

    private final Analysis analysis;
    private final BitSet[] liveIn;
    private final BitSet[] used;
    private final BitSet[] defined;
    private final BitSet[] touched;

    private Liveness(Analysis analysis) {
        this.analysis = analysis;
        int blocks = analysis.graph().blocks().size();
        this.liveIn = new BitSet[blocks];
        this.used = new BitSet[blocks];
        this.defined = new BitSet[blocks];
        this.touched = new BitSet[blocks];
    }

    public static Liveness of(Analysis analysis) {
        Liveness liveness = new Liveness(analysis);
        for (int block = 0; block < liveness.liveIn.length; block++) {
            liveness.liveIn[block] = new BitSet();
            liveness.used[block] = new BitSet();
            liveness.defined[block] = new BitSet();
            liveness.touched[block] = new BitSet();
            if (analysis.isReached(block)) {
                liveness.summarize(block);
            }
        }
        liveness.solve();
        return liveness;
    }

    /** The variable of a stack word. */
    public static int word(int word) {
        return FIRST_WORD + word;
    }

    /** Variables read at or after the start of {@code block} before they are written. */
    public BitSet liveIn(int block) {
        return (BitSet) liveIn[block].clone();
    }

    /** Variables that can hold something when {@code block} ends. */
    public BitSet filledAtEnd(int block) {
        BitSet filled = liveIn(block);
        filled.or(touched[block]);
        return filled;
    }

    /** All variables that the program reads or writes. */
    public BitSet variables() {
        BitSet variables = new BitSet();
        for (int block = 0; block < used.length; block++) {
            variables.or(used[block]);
            variables.or(touched[block]);
        }
        return variables;
    }

    private void solve() {
        Graph graph = analysis.graph();
        int[][] predecessors = graph.predecessors();
        BitSet work = new BitSet();
        work.set(0, liveIn.length);
        // Highest number first: the order of the edges backwards.
        for (int block = work.length() - 1; block >= 0; block = work.length() - 1) {
            work.clear(block);
            BitSet live = new BitSet();
            for (int successor : graph.blocks().get(block).terminator().successors()) {
                live.or(liveIn[successor]);
            }
            live.andNot(defined[block]);
            live.or(used[block]);
            if (!live.equals(liveIn[block])) {
                liveIn[block] = live;
                for (int predecessor : predecessors[block]) {
                    work.set(predecessor);
                }
            }
        }
    }

    private void summarize(int number) {
        Block block = analysis.graph().blocks().get(number);
        Summary summary = new Summary(used[number], defined[number], touched[number]);
        analysis.replay(number, (step, state) -> summary.visit(step, state, analysis.maps()));
        switch (block.terminator()) {
            case Terminator.Branch branch -> {
                summary.use(branch.left());
                for (int register : Operands.registers(branch.right())) {
                    summary.use(register);
                }
            }
            case Terminator.Exit exit -> summary.use(Registers.RESULT);
            case Terminator.Goto jump -> {
            }
            case Terminator.Budget budget -> {
            }
        }
    }

    /** What one block reads before it writes, writes wholly, and writes at all. */
    private record Summary(BitSet used, BitSet defined, BitSet touched) {

        void use(int variable) {
            if (!defined.get(variable) && !Registers.isFramePointer(variable)) {
                used.set(variable);
            }
        }

        void define(int variable) {
            defined.set(variable);
            touched.set(variable);
        }

        void visit(Step step, State state, MapTable maps) {
            Instruction instruction = step.instruction();
            for (int register : Operands.reads(instruction)) {
                use(register);
            }
            MemoryAccess access = Operands.access(instruction);
            if (access != null) {
                access(access, state.register(access.base()));
            } else if (instruction instanceof Instruction.CallHelper call) {
                call(HelperPrototype.of(call.helper()).orElseThrow(), state, maps);
            }
            int target = Operands.writes(instruction);
            if (target >= 0) {
                define(target);
            }
        }

        private void access(MemoryAccess access, Value base) {
            if (StackUse.isFixed(base, access.offset(), access.bytes())) {
                int word = word(State.word(base.depth(), base.min() + access.offset()));
                if (access.reads() || access.size() != Size.DOUBLE) {
                    use(word);
                }
                if (access.writes()) {
                    define(word);
                }
                return;
            }
            if (!base.isAt(Kind.CONTEXT)) {
                use(access.base());
            }
            if (access.reads()) {
                useWindow(StackWindow.of(base, access.offset(), access.bytes()));
            }
        }

        private void useWindow(StackWindow window) {
            window.words().forEach(word -> use(word(word)));
        }

        private void call(HelperPrototype helper, State state, MapTable maps) {
            List<MemoryArgument> memory = MemoryArgument.of(helper, state, maps);
            for (int register = 1; register <= helper.arguments().size(); register++) {
                if (!isPlace(register, memory, state)) {
                    use(register);
                }
            }
            for (MemoryArgument argument : memory) {
                Value pointer = state.register(argument.register());
                if (StackUse.isFixed(pointer, argument)) {
                    fixed(pointer, argument);
                } else if (!argument.written()) {
                    useWindow(StackWindow.of(pointer, 0, argument.maxSize()));
                }
            }
            define(Registers.RESULT);
            for (int register = 1; register <= 5; register++) {
                define(register);
            }
        }

        /** Whether an argument is memory at a known place, so that its number is not looked at. */
        private static boolean isPlace(int register, List<MemoryArgument> memory, State state) {
            return memory.stream().anyMatch(argument -> argument.register() == register && StackUse.isFixed(state.register(register), argument));
        }

        /** A helper that fails may leave its output as it was, so what it writes counts as read too. */
        private void fixed(Value pointer, MemoryArgument argument) {
            if (argument.maxSize() == 0) {
                return;
            }
            int last = State.word(pointer.depth(), pointer.min() + argument.maxSize() - 1);
            for (int word = State.word(pointer.depth(), pointer.min()); word <= last; word++) {
                use(word(word));
                if (argument.written()) {
                    define(word(word));
                }
            }
        }
    }
}
