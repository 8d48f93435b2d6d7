package org.trufflebpf.language.optimizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.trufflebpf.language.cfg.Block;
import org.trufflebpf.language.cfg.Graph;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.cfg.Terminator;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.Condition;
import org.trufflebpf.language.isa.Instruction.Immediate;
import org.trufflebpf.language.isa.Instruction.Operand;
import org.trufflebpf.language.isa.Instruction.Register;
import org.trufflebpf.language.isa.Instruction.Size;
import org.trufflebpf.language.verifier.Analysis;
import org.trufflebpf.language.verifier.Liveness;
import org.trufflebpf.language.verifier.Loops;

/**
 * Puts in front of loops that copy, add up or compare bytes one by one a loop that does it with eight at a time, as long as more than eight are left;
 * then the old one does the rest, and leaves registers as it always did. Only where all accesses of the new loop are proved.
 */
final class Widener {
    private static final int WIDE = Long.BYTES;
    /** Each is tried with an analysis of its own if they cannot all be done. */
    private static final int MAX_LOOPS = 16;

    private final Analysis analysis;
    private final int[][] predecessors;
    private final Liveness liveness;

    private Widener(Analysis analysis) {
        this.analysis = analysis;
        this.predecessors = analysis.graph().predecessors();
        this.liveness = Liveness.of(analysis);
    }

    static Graph widen(Analysis analysis) {
        return mayLoop(analysis) ? new Widener(analysis).run() : analysis.graph();
    }

    private static boolean mayLoop(Analysis analysis) {
        List<Block> blocks = analysis.graph().blocks();
        for (int number = 0; number < blocks.size(); number++) {
            int header = number;
            if (analysis.isReached(number) && Arrays.stream(blocks.get(number).terminator().successors()).anyMatch(target -> target <= header)) {
                return true;
            }
        }
        return false;
    }

    private Graph run() {
        List<ByteLoop> loops = loops();
        if (loops.isEmpty()) {
            return analysis.graph();
        }
        Graph all = with(loops);
        if (isSound(all)) {
            return all;
        }
        List<ByteLoop> sound = loops.size() == 1 ? List.of() : loops.stream().filter(loop -> isSound(with(List.of(loop)))).toList();
        Graph some = sound.isEmpty() ? analysis.graph() : with(sound);
        return isSound(some) ? some : analysis.graph();
    }

    private List<ByteLoop> loops() {
        List<ByteLoop> loops = new ArrayList<>();
        Loops rounds = analysis.loops();
        rounds.rounds().forEach((header, count) -> {
            ByteLoop loop = count <= Loops.MAX_UNCOUNTED && header > 0 && loops.size() < MAX_LOOPS ? ByteLoop.at(header, analysis, liveness, predecessors) : null;
            if (loop != null && loop.last() > WIDE) {
                loops.add(loop);
            }
        });
        return loops;
    }

    private boolean isSound(Graph graph) {
        return Checks.areNoMore(analysis.of(graph), analysis);
    }

    private Graph with(List<ByteLoop> loops) {
        List<Block> blocks = new ArrayList<>(analysis.graph().blocks());
        for (ByteLoop loop : loops) {
            int entry = add(loop, blocks);
            for (int before : predecessors[loop.header()]) {
                if (Arrays.stream(loop.blocks()).noneMatch(block -> block == before)) {
                    Block block = blocks.get(before);
                    blocks.set(before, block.retarget(target -> target == loop.header() ? entry : target));
                }
            }
        }
        return Graph.ordered(blocks, analysis.graph().depths());
    }

    /** Adds the new loop; gives its first block. */
    private static int add(ByteLoop loop, List<Block> blocks) {
        int slot = blocks.get(loop.header()).end();
        int header = loop.header();
        Register index = new Register(loop.index());
        int entry = blocks.size();
        int first = entry;
        if (loop.work() instanceof ByteLoop.Copy) {
            // Where the target begins less than eight bytes after the source, each byte is read after others were written.
            int distance = Edits.local(0);
            Code code = new Code(slot);
            code.add(new Instruction.Alu(AluOperation.MOV, true, distance, new Register(loop.second().base())));
            code.add(new Instruction.Alu(AluOperation.SUB, true, distance, new Register(loop.first().base())));
            code.add(new Instruction.Alu(AluOperation.ADD, true, distance, new Immediate(loop.second().offset() - loop.first().offset() - 1)));
            blocks.add(code.branch(Condition.LT, distance, WIDE - 1, header, first + 1));
            first++;
        }
        int body = first + 2;
        // What is known of the index in the new loop: a constant that the verifier understands.
        blocks.add(new Code(slot).branch(Condition.GT, loop.index(), (int) (loop.last() - WIDE), header, first + 1));
        Code left = new Code(slot);
        left.add(new Instruction.Alu(AluOperation.MOV, true, Edits.local(0), loop.limit()));
        left.add(new Instruction.Alu(AluOperation.SUB, true, Edits.local(0), index));
        blocks.add(left.branch(Condition.SLE, Edits.local(0), WIDE, header, body));
        Code work = new Code(slot);
        work.load(Edits.local(0), loop.first(), index);
        switch (loop.work()) {
            case ByteLoop.Copy _ -> {
                work.address(Edits.local(1), loop.second(), index);
                work.add(new Instruction.Store(Size.DOUBLE, Edits.local(1), loop.second().offset(), new Register(Edits.local(0))), loop.second().proved());
            }
            case ByteLoop.Sum(int register, boolean wide) -> work.addLanes(loop.unit(), register, wide);
            case ByteLoop.Compare _ -> {
                work.load(Edits.local(1), loop.second(), index);
                blocks.add(new Block(work.steps, new Terminator.Branch(Condition.NE, true, Edits.local(0), new Register(Edits.local(1)), header, body + 1), slot));
                work = new Code(slot);
            }
        }
        work.add(new Instruction.Alu(AluOperation.ADD, true, loop.index(), new Immediate(WIDE)));
        blocks.add(new Block(work.steps, new Terminator.Goto(first), slot));
        return entry;
    }

    private static final class Code {
        private static final long BYTES = 0x00ff_00ff_00ff_00ffL;
        private static final long HALVES = 0x0000_ffff_0000_ffffL;
        private static final long ADD_LANES = 0x0001_0001_0001_0001L;

        final List<Step> steps = new ArrayList<>();
        private final int slot;

        Code(int slot) {
            this.slot = slot;
        }

        void add(Instruction instruction) {
            steps.add(new Step(slot, instruction));
        }

        /** What was made sure of for each number holds for eight bytes of them. */
        void add(Instruction access, boolean proved) {
            steps.add(new Step(slot, access, proved));
        }

        void address(int target, ByteLoop.Place place, Operand index) {
            add(Edits.move(target, place.base()));
            add(new Instruction.Alu(AluOperation.ADD, true, target, index));
        }

        void load(int target, ByteLoop.Place place, Operand index) {
            address(target, place, index);
            add(new Instruction.Load(Size.DOUBLE, false, target, target, place.offset()), place.proved());
        }

        /** Adds the bytes or halves of the first local register to another: odd and even ones in lanes twice as wide, then these. */
        void addLanes(int unit, int sum, boolean wide) {
            int even = Edits.local(0);
            int odd = Edits.local(1);
            int mask = Edits.local(2);
            add(new Instruction.LoadConstant(mask, unit == 1 ? BYTES : HALVES));
            add(Edits.move(odd, even));
            add(new Instruction.Alu(AluOperation.RSH, true, odd, new Immediate(8 * unit)));
            add(new Instruction.Alu(AluOperation.AND, true, odd, new Register(mask)));
            add(new Instruction.Alu(AluOperation.AND, true, even, new Register(mask)));
            add(new Instruction.Alu(AluOperation.ADD, true, even, new Register(odd)));
            if (unit == 1) {
                add(new Instruction.LoadConstant(mask, ADD_LANES));
                add(new Instruction.Alu(AluOperation.MUL, true, even, new Register(mask)));
                add(new Instruction.Alu(AluOperation.RSH, true, even, new Immediate(48)));
            } else {
                add(Edits.move(odd, even));
                add(new Instruction.Alu(AluOperation.RSH, true, odd, new Immediate(32)));
                add(new Instruction.Alu(AluOperation.ADD, false, even, new Register(odd)));
            }
            add(new Instruction.Alu(AluOperation.ADD, wide, sum, new Register(even)));
        }

        Block branch(Condition condition, int left, int right, int taken, int fallThrough) {
            return new Block(steps, new Terminator.Branch(condition, true, left, new Immediate(right), taken, fallThrough), slot);
        }
    }
}
