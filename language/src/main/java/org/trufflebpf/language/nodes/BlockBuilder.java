package org.trufflebpf.language.nodes;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.trufflebpf.language.cfg.Block;
import org.trufflebpf.language.cfg.Terminator;
import org.trufflebpf.language.verifier.Analysis;
import org.trufflebpf.language.verifier.Liveness;
import org.trufflebpf.language.verifier.Loops;
import org.trufflebpf.language.verifier.State;

/** Turns blocks of a verified program into nodes: all of them, or those of one part. */
final class BlockBuilder {
    private final Analysis analysis;
    private final Liveness liveness;
    private final ProgramBindings bindings;
    private final FrameLayout layout;
    private final StepBuilder steps;
    private final CodeLines lines;
    /** By block of the program, its number here; {@link BlockNode#EXIT} for those that are not here. */
    private final int[] numbers;
    private final Exits exits;
    private final List<BlockNode> nodes = new ArrayList<>();
    private final Map<ForwardEdge, Integer> forwardEdges = new HashMap<>();
    private final Map<Integer, Integer> exitBlocks = new HashMap<>();

    /** @param cleared variables */
    private record ForwardEdge(int to, BitSet cleared) {
    }

    /** What is to be done where control leaves the blocks. */
    interface Exits {
        /** All blocks are here. */
        Exits NONE = new Exits() {
            @Override
            public List<StatementNode> leave(int to) {
                throw new IllegalStateException("block " + to + " is missing");
            }

            @Override
            public List<StatementNode> end() {
                return List.of();
            }
        };

        /** Before the program goes on at a block that is not here. */
        List<StatementNode> leave(int to);

        /** Before it ends. */
        List<StatementNode> end();
    }

    /** @param members the blocks, all of which are reached */
    BlockBuilder(Analysis analysis, Liveness liveness, ProgramBindings bindings, FrameLayout layout, StepBuilder steps, CodeLines lines,
                    BitSet members, Exits exits) {
        this.analysis = analysis;
        this.liveness = liveness;
        this.bindings = bindings;
        this.layout = layout;
        this.steps = steps;
        this.lines = lines;
        this.exits = exits;
        this.numbers = new int[analysis.graph().blocks().size()];
        for (int block = 0; block < numbers.length; block++) {
            numbers[block] = BlockNode.EXIT;
        }
        members.stream().forEach(block -> {
            numbers[block] = nodes.size();
            nodes.add(null);
        });
        members.stream().forEach(block -> nodes.set(numbers[block], block(block)));
    }

    /** The number among the nodes of a block that is here. */
    int number(int block) {
        return numbers[block];
    }

    /** Adds a block that belongs to no instruction, and gives its number. */
    int add(List<StatementNode> statements, ConditionNode condition, int taken, int next) {
        nodes.add(new BlockNode(statements.toArray(StatementNode[]::new), null, null, 0, condition, taken, next));
        return nodes.size() - 1;
    }

    /** @param first the number of the block that comes first */
    BlocksNode build(int first) {
        return new BlocksNode(nodes, first);
    }

    private BlockNode block(int number) {
        Block block = analysis.graph().blocks().get(number);
        Body body = new Body(lines.starts().lastSlot(block), lines, lines.depths()[number]);
        State end = analysis.replay(number, (step, state) -> {
            if (bindings.watcher() != null) {
                body.statements.add(WatchNode.before(step, bindings.watcher(), layout, lines.depths()[number]));
            }
            steps.build(step, state, body.statements);
            body.fill(step.slot());
        });
        if (bindings.watcher() != null) {
            body.statements.add(WatchNode.before(block.end(), block.terminator(), bindings.watcher(), layout, lines.depths()[number]));
        }
        return switch (block.terminator()) {
            case Terminator.Exit exit -> {
                body.statements.addAll(exits.end());
                yield body.end(null, BlockNode.EXIT, BlockNode.EXIT);
            }
            case Terminator.Goto jump -> goTo(body, number, jump.target());
            case Terminator.Budget budget -> branch(body, number, new BudgetNodes.Exhausted(Math.max(1, bindings.loopBudget() / 8)), budget.exhausted(),
                            budget.fallThrough());
            case Terminator.Branch branch -> {
                ConditionNode condition = ConditionNode.create(branch.condition(), branch.wide(), steps.register(branch.left(), end),
                                steps.operand(branch.right(), end));
                yield branch(body, number, condition, branch.taken(), branch.fallThrough());
            }
        };
    }

    private BlockNode goTo(Body body, int from, int to) {
        body.statements.addAll(edge(from, to));
        return body.end(null, BlockNode.EXIT, target(to));
    }

    private BlockNode branch(Body body, int from, ConditionNode condition, int taken, int fallThrough) {
        if (!analysis.isReached(taken)) {
            return goTo(body, from, fallThrough);
        }
        if (!analysis.isReached(fallThrough)) {
            return goTo(body, from, taken);
        }
        return body.end(condition, edgeBlock(from, taken), edgeBlock(from, fallThrough));
    }

    /** What has to happen between two blocks, as a block of its own if it is anything. Those that only clear the same are one: Graal counts blocks. */
    private int edgeBlock(int from, int to) {
        List<StatementNode> statements = edge(from, to);
        if (statements.isEmpty()) {
            return target(to);
        }
        if (to > from) {
            return forwardEdges.computeIfAbsent(new ForwardEdge(to, cleared(from, to)), edge -> add(statements, null, BlockNode.EXIT, target(to)));
        }
        return add(statements, null, BlockNode.EXIT, target(to));
    }

    /** The number of a block, or of one that leaves for it. */
    private int target(int block) {
        if (numbers[block] != BlockNode.EXIT || !analysis.isReached(block)) {
            return numbers[block];
        }
        return exitBlocks.computeIfAbsent(block, to -> add(exits.leave(to), null, BlockNode.EXIT, BlockNode.EXIT));
    }

    private List<StatementNode> edge(int from, int to) {
        List<StatementNode> statements = new ArrayList<>();
        int[] slots = cleared(from, to).stream().filter(layout::has).map(layout::slot).toArray();
        if (slots.length > 0) {
            statements.add(new SlotNodes.Clear(slots));
        }
        if (to <= from && analysis.loops().rounds(to) > Loops.MAX_UNCOUNTED) {
            statements.add(new BudgetNodes.BackEdge(new TrapSite(layout, analysis.graph().blocks().get(from).end(), Trap.Kind.LOOP,
                            "takes more than " + bindings.loopBudget() + " loop iterations for one packet")));
        }
        return statements;
    }

    /** The variables that may hold something at the end of one block and that the other does not look at. */
    private BitSet cleared(int from, int to) {
        BitSet dead = liveness.filledAtEnd(from);
        dead.andNot(liveness.liveIn(to));
        return dead;
    }

    /** A block's statements, and for each the instruction that it came from. */
    private static final class Body {
        final List<StatementNode> statements = new ArrayList<>();
        private final List<Integer> slots = new ArrayList<>();
        private final int end;
        private final CodeLines lines;
        private final int depth;

        Body(int end, CodeLines lines, int depth) {
            this.end = end;
            this.lines = lines;
            this.depth = depth;
        }

        /** The statements added since the last call came from the instruction at {@code slot}. */
        void fill(int slot) {
            while (slots.size() < statements.size()) {
                slots.add(slot);
            }
        }

        private void markLines() {
            for (int i = statements.size(); i >= 0; i--) {
                StatementNode mark = i == statements.size() || lines.sampled().differ(slots.get(i), slots.get(i + 1)) ? lines.sampled().endOf(slots.get(i)) : null;
                if (mark != null) {
                    int after = Math.min(i + 1, statements.size());
                    statements.add(after, mark);
                    slots.add(after, slots.get(i));
                }
            }
        }

        BlockNode end(ConditionNode condition, int taken, int next) {
            fill(end);
            slots.add(end);
            if (lines.sampled() != null) {
                markLines();
            }
            return new BlockNode(statements.toArray(StatementNode[]::new), slots.stream().mapToInt(Integer::intValue).toArray(), lines.starts(), depth,
                            condition, taken, next);
        }
    }
}
