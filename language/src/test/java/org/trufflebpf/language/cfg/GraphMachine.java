package org.trufflebpf.language.cfg;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.trufflebpf.language.isa.Arithmetic;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.Immediate;
import org.trufflebpf.language.isa.Instruction.Operand;
import org.trufflebpf.language.isa.Instruction.Register;

/**
 * Runs a graph, step by step, on plain numbers: the reference that what is proved of graphs is tested against. Memory is a packet, the stack
 * frames, the context and one map value, each at an address far from the others.
 */
public final class GraphMachine {
    public static final long PACKET = 0x10_0000;
    public static final long STACK = 0x20_0000;
    public static final long CONTEXT = 0x30_0000;
    public static final long MAP_VALUE = 0x40_0000;
    public static final long MAP_HANDLE = 0x50_0000;
    public static final int FRAME = 512;
    /** Bytes in front of the packet and behind it, so that it can be moved. */
    private static final int ROOM = 256;

    /** Looks at each step and at each end of a block before it is done. */
    public interface Visitor {
        /** Returns whether the machine may go on. */
        boolean visit(int block, int step);
    }

    /** How a run ended. */
    public enum End {
        EXIT, FAULT, STOPPED, STEPS_USED_UP
    }

    private final Graph graph;
    private final Random random;
    private final long[] registers = new long[Registers.COUNT];
    private final ByteBuffer stack = ByteBuffer.allocate(FRAME * Registers.MAX_DEPTH).order(ByteOrder.LITTLE_ENDIAN);
    private final ByteBuffer packet;
    private final ByteBuffer mapValue;
    private final List<Integer> slots = new ArrayList<>();
    private long data;
    private long dataEnd;

    /** @param random what the program cannot know: the contents of packet and map value, and what helpers give */
    public GraphMachine(Graph graph, Random random, int packetBytes, int mapValueBytes) {
        this.graph = graph;
        this.random = random;
        this.packet = filled(packetBytes + 2 * ROOM);
        this.mapValue = filled(mapValueBytes);
        data = PACKET + ROOM;
        dataEnd = data + packetBytes;
        for (int depth = 0; depth < Registers.MAX_DEPTH; depth++) {
            registers[Registers.framePointer(depth)] = STACK + FRAME * (depth + 1L);
        }
        registers[Registers.CONTEXT_ARGUMENT] = CONTEXT;
        registers[Registers.CONTEXT] = CONTEXT;
    }

    private ByteBuffer filled(int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    public long register(int number) {
        return registers[number];
    }

    /** The bytes of the packet as it is now. */
    public byte[] packet() {
        byte[] bytes = new byte[(int) (dataEnd - data)];
        packet.get((int) (data - PACKET), bytes);
        return bytes;
    }

    public byte[] mapValue() {
        return mapValue.array().clone();
    }

    /** A word of the stack, numbered as in the analysis. */
    public long stackWord(int word) {
        return stack.getLong(8 * word);
    }

    public long data() {
        return data;
    }

    public long dataEnd() {
        return dataEnd;
    }

    public long result() {
        return registers[Registers.RESULT];
    }

    /** Where the instructions stood that ran. */
    public List<Integer> slots() {
        return slots;
    }

    public End run(int maxSteps, Visitor visitor) {
        int number = 0;
        for (int left = maxSteps; left > 0;) {
            Block block = graph.blocks().get(number);
            for (int i = 0; i < block.steps().size(); i++, left--) {
                if (!visitor.visit(number, i)) {
                    return End.STOPPED;
                }
                // Return numbers are no instructions of the program.
                if (!(block.steps().get(i).instruction() instanceof Instruction.LoadConstant load &&
                                load.target() >= Registers.of(6, Registers.MAX_DEPTH))) {
                    slots.add(block.steps().get(i).slot());
                }
                if (!step(block.steps().get(i).instruction())) {
                    return End.FAULT;
                }
            }
            if (!visitor.visit(number, block.steps().size())) {
                return End.STOPPED;
            }
            left--;
            switch (block.terminator()) {
                case Terminator.Goto jump -> number = jump.target();
                case Terminator.Branch branch -> number = Arithmetic.test(branch.condition(), branch.wide(), registers[branch.left()],
                                value(branch.right())) ? branch.taken() : branch.fallThrough();
                case Terminator.Budget budget -> number = random.nextInt(4) == 0 ? budget.exhausted() : budget.fallThrough();
                case Terminator.Exit _ -> {
                    return End.EXIT;
                }
            }
        }
        return End.STEPS_USED_UP;
    }

    private long value(Operand operand) {
        return switch (operand) {
            case Register register -> registers[register.number()];
            case Immediate immediate -> immediate.value();
        };
    }

    private boolean step(Instruction instruction) {
        switch (instruction) {
            case Instruction.Alu i -> registers[i.target()] = Arithmetic.evaluate(i.operation(), i.wide(), registers[i.target()], value(i.source()));
            case Instruction.Negate i -> registers[i.target()] = Arithmetic.evaluate(AluOperation.SUB, i.wide(), 0, registers[i.target()]);
            case Instruction.MoveSignExtended i -> {
                long extended = Arithmetic.signExtend(registers[i.source()], i.bits());
                registers[i.target()] = i.wide() ? extended : extended & 0xffff_ffffL;
            }
            case Instruction.SwapBytes i -> registers[i.target()] = Arithmetic.swap(i.order(), registers[i.target()], i.bits());
            case Instruction.LoadConstant i -> registers[i.target()] = i.value();
            case Instruction.LoadMap i -> registers[i.target()] = MAP_HANDLE;
            case Instruction.LoadMapValue i -> registers[i.target()] = MAP_VALUE + i.offset();
            case Instruction.LoadFunction i -> registers[i.target()] = i.functionSlot();
            case Instruction.Load i -> {
                return load(i.target(), registers[i.base()] + i.offset(), i.size().bytes(), i.signed());
            }
            case Instruction.LoadAcquire i -> {
                return load(i.target(), registers[i.base()] + i.offset(), i.size().bytes(), false);
            }
            case Instruction.Store i -> {
                return store(registers[i.base()] + i.offset(), i.size().bytes(), value(i.source()));
            }
            case Instruction.StoreRelease i -> {
                return store(registers[i.base()] + i.offset(), i.size().bytes(), registers[i.source()]);
            }
            case Instruction.Atomic i -> {
                return atomic(i);
            }
            case Instruction.CallHelper i -> {
                return call(i.helper());
            }
            case Instruction.CallKfunc _, Instruction.Jump _, Instruction.Branch _, Instruction.MayGoto _, Instruction.CallLocal _,
                            Instruction.Exit _ ->
                throw new AssertionError(instruction);
        }
        return true;
    }

    private ByteBuffer memory(long address, int size) {
        if (address >= data && address <= dataEnd - size) {
            return packet.slice((int) (address - PACKET), size).order(ByteOrder.LITTLE_ENDIAN);
        }
        if (address >= STACK && address <= STACK + stack.capacity() - size) {
            return stack.slice((int) (address - STACK), size).order(ByteOrder.LITTLE_ENDIAN);
        }
        if (address >= MAP_VALUE && address <= MAP_VALUE + mapValue.capacity() - size) {
            return mapValue.slice((int) (address - MAP_VALUE), size).order(ByteOrder.LITTLE_ENDIAN);
        }
        return null;
    }

    private boolean load(int target, long address, int size, boolean signed) {
        if (address >= CONTEXT && address < CONTEXT + 24) {
            switch ((int) (address - CONTEXT)) {
                case 0, 8 -> registers[target] = data;
                case 4 -> registers[target] = dataEnd;
                default -> registers[target] = random.nextInt(3);
            }
            return size == 4 && (address & 3) == 0;
        }
        ByteBuffer memory = memory(address, size);
        if (memory == null) {
            return false;
        }
        long value = get(memory, size);
        registers[target] = signed ? Arithmetic.signExtend(value, 8 * size) : value;
        return true;
    }

    private boolean store(long address, int size, long value) {
        ByteBuffer memory = memory(address, size);
        if (memory != null) {
            put(memory, size, value);
        }
        return memory != null;
    }

    private static long get(ByteBuffer memory, int size) {
        return switch (size) {
            case 1 -> memory.get(0) & 0xffL;
            case 2 -> memory.getShort(0) & 0xffffL;
            case 4 -> memory.getInt(0) & 0xffff_ffffL;
            default -> memory.getLong(0);
        };
    }

    private static void put(ByteBuffer memory, int size, long value) {
        switch (size) {
            case 1 -> memory.put(0, (byte) value);
            case 2 -> memory.putShort(0, (short) value);
            case 4 -> memory.putInt(0, (int) value);
            default -> memory.putLong(0, value);
        }
    }

    private boolean atomic(Instruction.Atomic i) {
        int size = i.size().bytes();
        ByteBuffer memory = memory(registers[i.base()] + i.offset(), size);
        if (memory == null) {
            return false;
        }
        long old = get(memory, size);
        long operand = registers[i.source()];
        long mask = -1L >>> 64 - 8 * size;
        switch (i.operation()) {
            case ADD -> put(memory, size, old + operand);
            case OR -> put(memory, size, old | operand);
            case AND -> put(memory, size, old & operand);
            case XOR -> put(memory, size, old ^ operand);
            case EXCHANGE -> put(memory, size, operand);
            case COMPARE_EXCHANGE -> put(memory, size, old == (registers[Registers.RESULT] & mask) ? operand : old);
        }
        if (i.operation() == Instruction.AtomicOperation.COMPARE_EXCHANGE) {
            registers[Registers.RESULT] = old;
        } else if (i.fetch()) {
            registers[i.source()] = old;
        }
        return true;
    }

    /** The map has one value, at index 0; the packet moves or does not; all other helpers give any number. */
    private boolean call(int helper) {
        switch (helper) {
            case 1 -> {
                ByteBuffer key = memory(registers[2], 4);
                if (registers[1] != MAP_HANDLE || key == null) {
                    return false;
                }
                registers[Registers.RESULT] = key.getInt(0) == 0 ? MAP_VALUE : 0;
            }
            case 44 -> {
                if (registers[1] != CONTEXT) {
                    return false;
                }
                long moved = data + random.nextInt(-32, 33);
                boolean fits = moved <= dataEnd - 14;
                data = fits ? moved : data;
                registers[Registers.RESULT] = fits ? 0 : -22;
            }
            default -> registers[Registers.RESULT] = random.nextLong() >> random.nextInt(64);
        }
        for (int register = 1; register <= 5; register++) {
            registers[register] = random.nextLong();
        }
        return true;
    }
}
