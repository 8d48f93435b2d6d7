package org.trufflebpf.language.nodes;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.helpers.ChecksumNode;
import org.trufflebpf.language.helpers.EnvironmentNodes;
import org.trufflebpf.language.helpers.EventNodes;
import org.trufflebpf.language.helpers.HelperEnvironment;
import org.trufflebpf.language.helpers.MapNodes;
import org.trufflebpf.language.helpers.MapOperation;
import org.trufflebpf.language.helpers.PacketNodes;
import org.trufflebpf.language.helpers.RedirectNodes;
import org.trufflebpf.language.helpers.TextNodes;
import org.trufflebpf.language.helpers.TraceNode;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.Size;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.verifier.HelperPrototype;
import org.trufflebpf.language.verifier.HelperPrototype.Argument;
import org.trufflebpf.language.verifier.Liveness;
import org.trufflebpf.language.verifier.MapTable;
import org.trufflebpf.language.verifier.MemoryArgument;
import org.trufflebpf.language.verifier.StackUse;
import org.trufflebpf.language.verifier.State;
import org.trufflebpf.language.verifier.Value;
import org.trufflebpf.language.verifier.Value.Kind;
import org.trufflebpf.maps.ArrayMap;
import org.trufflebpf.maps.ArrayOfMaps;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.CpuMap;
import org.trufflebpf.maps.DevMap;
import org.trufflebpf.maps.HashMap;
import org.trufflebpf.maps.LpmTrieMap;
import org.trufflebpf.maps.MapOfMaps;
import org.trufflebpf.maps.PerCpuArrayMap;
import org.trufflebpf.maps.PerfEventMap;
import org.trufflebpf.maps.ProgramArrayMap;
import org.trufflebpf.maps.RingMap;
import org.trufflebpf.maps.XskMap;

/** Turns a helper call into nodes made for the very map, key and memory that are known at this call. */
final class CallBuilder {
    private final StepBuilder steps;
    private final AddressBuilder addresses;
    private final FrameLayout layout;
    private final BpfMap[] maps;
    private final MapTable table;
    private final InnerMaps innerMaps;
    private final HelperEnvironment environment;

    CallBuilder(StepBuilder steps, AddressBuilder addresses, FrameLayout layout, BpfMap[] maps, MapTable table, InnerMaps innerMaps,
                    HelperEnvironment environment) {
        this.steps = steps;
        this.addresses = addresses;
        this.layout = layout;
        this.maps = maps;
        this.table = table;
        this.innerMaps = innerMaps;
        this.environment = environment;
    }

    void build(int number, int slot, State state, List<StatementNode> statements) {
        HelperPrototype helper = HelperPrototype.of(number).orElseThrow();
        Call call = new Call(helper, slot, state);
        ExpressionNode result = helper.arguments().contains(Argument.CONTEXT) ? call.withContext(() -> result(call)) : result(call);
        statements.addAll(call.before);
        steps.write(statements, Registers.RESULT, result);
        statements.addAll(call.after);
    }

    private ExpressionNode result(Call call) {
        return switch (call.helper) {
            case MAP_LOOKUP_ELEM -> call.withMap(map -> lookup(call, map));
            case MAP_UPDATE_ELEM -> call.withMap(map -> operate(call, MapOperation.UPDATE, map));
            case MAP_DELETE_ELEM -> call.withMap(map -> operate(call, MapOperation.DELETE, map));
            case MAP_PUSH_ELEM -> call.withMap(map -> operate(call, MapOperation.PUSH, map));
            case MAP_POP_ELEM -> call.withMap(map -> operate(call, MapOperation.POP, map));
            case MAP_PEEK_ELEM -> call.withMap(map -> operate(call, MapOperation.PEEK, map));
            case REDIRECT_MAP -> call.withMap(map -> redirect(call, map));
            case RINGBUF_OUTPUT -> call.withRing(ring -> new EventNodes.Output(ring, call.memory(2), call.size(3), call.argument(4)));
            case RINGBUF_RESERVE -> call.withRing(ring -> new EventNodes.Reserve(ring, call.argument(2), call.argument(3)));
            case RINGBUF_QUERY -> call.withRing(ring -> new EventNodes.Query(ring, call.argument(2)));
            case RINGBUF_SUBMIT, RINGBUF_DISCARD -> new GiveBackNode(call.helper == HelperPrototype.RINGBUF_SUBMIT, addresses.rings(call.state.register(1)),
                            call.argument(1), call.argument(2), call.site("gives back a record that it does not hold"));
            case PERF_EVENT_OUTPUT -> call.withMap(2, map -> map instanceof PerfEventMap events
                            ? new EventNodes.PerfOutput(events, call.argument(3), call.memory(4), call.size(5))
                            : call.trap("gives bpf_perf_event_output map '" + map.name() + "', which is no perf event array"));
            case TAIL_CALL -> call.withMap(2, map -> map instanceof ProgramArrayMap programs ? new TailCallNode(programs, call.argument(3))
                            : call.trap("gives bpf_tail_call map '" + map.name() + "', which is no program array"));
            case SPIN_LOCK -> new SpinLockNode(true, call.fixedMemory(1), call.site("takes a spin lock while it holds one, or waits too long for it"));
            case SPIN_UNLOCK -> new SpinLockNode(false, call.fixedMemory(1), call.site("frees a spin lock that it does not hold"));
            case REDIRECT -> new RedirectNodes.ByInterface(call.argument(1), call.argument(2));
            case MAP_LOOKUP_PERCPU_ELEM -> call.withMap(map -> new MapNodes.LookupOnCpu(map, call.memory(2, map.keySize()), call.argument(3)));
            case KTIME_GET_NS, KTIME_GET_BOOT_NS, KTIME_GET_COARSE_NS -> EnvironmentNodes.time(environment.clock());
            case KTIME_GET_TAI_NS -> EnvironmentNodes.wallTime(environment.clock());
            case JIFFIES64 -> EnvironmentNodes.jiffies(environment.clock());
            case GET_NUMA_NODE_ID -> new ConstantNode(0);
            case STRTOL -> TextNodes.parse(true, call.memory(1), call.size(2), call.argument(3), call.fixedMemory(4));
            case STRTOUL -> TextNodes.parse(false, call.memory(1), call.size(2), call.argument(3), call.fixedMemory(4));
            case STRNCMP -> new TextNodes.Compare(call.memory(1), call.size(2), call.text(3), call.textSize(3));
            case GET_PRANDOM_U32 -> new EnvironmentNodes.Random();
            case GET_SMP_PROCESSOR_ID -> new EnvironmentNodes.Cpu();
            case TRACE_PRINTK -> new TraceNode(call.memory(1), call.size(2), new ExpressionNode[]{call.argument(3), call.argument(4), call.argument(5)},
                            environment.trace());
            case CSUM_DIFF -> new ChecksumNode(call.memory(1), call.size(2), call.memory(3), call.size(4), call.argument(5));
            case XDP_ADJUST_HEAD -> new PacketNodes.AdjustHead(call.argument(2));
            case XDP_ADJUST_TAIL -> new PacketNodes.AdjustTail(call.argument(2));
            case XDP_ADJUST_META -> new PacketNodes.AdjustMeta(call.argument(2));
            case XDP_GET_BUFF_LEN -> new PacketNodes.Length();
            case XDP_LOAD_BYTES -> new PacketNodes.LoadBytes(call.argument(2), call.memory(3), call.size(4));
            case XDP_STORE_BYTES -> new PacketNodes.StoreBytes(call.argument(2), call.memory(3), call.size(4));
            default -> throw new IllegalStateException(call.helper + " has a contract but no node");
        };
    }

    private static ExpressionNode redirect(Call call, BpfMap map) {
        return switch (map) {
            case DevMap devices -> new RedirectNodes.ByMap(devices, call.argument(2), call.argument(3));
            case CpuMap _, XskMap _ -> new RedirectNodes.ToCpuOrSocket(map, call.argument(2), call.argument(3));
            default -> call.trap("gives bpf_redirect_map map '" + map.name() + "', which holds nothing to redirect to");
        };
    }

    private ExpressionNode lookup(Call call, BpfMap map) {
        return switch (map) {
            case ArrayMap array -> new MapNodes.ArrayLookup(array, call.index(2));
            case PerCpuArrayMap array -> new MapNodes.PerCpuArrayLookup(array, call.index(2));
            case HashMap hash when call.keyWords(2, hash.keySize()) instanceof ExpressionNode[] words -> MapNodes.HashLookup.create(hash, words);
            case LpmTrieMap rules when rules.keySize() <= LpmTrieMap.MAX_REGISTER_KEY && call.keyWords(2, rules.keySize()) instanceof ExpressionNode[] words ->
                MapNodes.PrefixLookup.create(rules, words);
            case ArrayOfMaps outer -> new InnerMapNodes.FindAt(outer, call.index(2));
            case MapOfMaps outer -> new InnerMapNodes.Find(outer, call.memory(2, map.keySize()));
            default -> operate(call, MapOperation.LOOKUP, map);
        };
    }

    private static ExpressionNode operate(Call call, MapOperation operation, BpfMap map) {
        return new MapNodes.Operate(operation, map, key(call, operation, map.keySize()), value(call, operation, map.valueSize()), flags(call, operation));
    }

    /** A call on an inner map: only what the template says is known of it. */
    private ExpressionNode inner(Call call, int register, MapSpec template) {
        MapOperation operation = switch (call.helper) {
            case MAP_LOOKUP_ELEM -> MapOperation.LOOKUP;
            case MAP_UPDATE_ELEM -> MapOperation.UPDATE;
            case MAP_DELETE_ELEM -> MapOperation.DELETE;
            case MAP_PUSH_ELEM -> MapOperation.PUSH;
            case MAP_POP_ELEM -> MapOperation.POP;
            case MAP_PEEK_ELEM -> MapOperation.PEEK;
            default -> null;
        };
        if (operation == null) {
            return call.trap("gives " + call.helper.helperName() + " in r" + register + " an inner map, which is not supported yet");
        }
        return new InnerMapNodes.Operate(operation, innerMaps, template, call.argument(1), key(call, operation, template.keySize()),
                        value(call, operation, template.valueSize()), flags(call, operation),
                        call.site("gives " + call.helper.helperName() + " a map that is not like the inner maps"));
    }

    private static ExpressionNode key(Call call, MapOperation operation, int size) {
        return switch (operation) {
            case LOOKUP, UPDATE, DELETE -> call.memory(2, size);
            case PUSH, POP, PEEK -> new ConstantNode(0);
        };
    }

    private static ExpressionNode value(Call call, MapOperation operation, int size) {
        return switch (operation) {
            case UPDATE -> call.memory(3, size);
            case PUSH, POP, PEEK -> call.memory(2, size);
            case LOOKUP, DELETE -> new ConstantNode(0);
        };
    }

    private static ExpressionNode flags(Call call, MapOperation operation) {
        return switch (operation) {
            case UPDATE -> call.argument(4);
            case PUSH -> call.argument(3);
            case LOOKUP, DELETE, POP, PEEK -> new ConstantNode(0);
        };
    }

    /** One call: gives nodes for its arguments, and collects what must happen before and after it to stack words that it gets in memory. */
    private final class Call {
        final HelperPrototype helper;
        final List<StatementNode> before = new ArrayList<>();
        final List<StatementNode> after = new ArrayList<>();
        private final int slot;
        private final State state;
        private final List<MemoryArgument> memory;
        private int passed;

        Call(HelperPrototype helper, int slot, State state) {
            this.helper = helper;
            this.slot = slot;
            this.state = state;
            this.memory = MemoryArgument.of(helper, state, table);
        }

        ExpressionNode argument(int register) {
            return steps.register(register, state);
        }

        /** A size argument: 32 bits. */
        ExpressionNode size(int register) {
            return ArithmeticNode.create(AluOperation.MOV, false, null, argument(register));
        }

        TrapSite site(String what) {
            return new TrapSite(layout, slot, what);
        }

        ExpressionNode trap(String what) {
            return new TrapNode(site(what));
        }

        /** The node that {@code make} gives, where r1 is the context as the program got it. */
        ExpressionNode withContext(Supplier<ExpressionNode> make) {
            Value context = state.register(1);
            if (context.isAt(Kind.CONTEXT) && context.min() == 0) {
                return make.get();
            }
            ExpressionNode trap = trap("gives " + helper.helperName() + " an r1 that is not the context");
            return context.may(Kind.CONTEXT) ? new MapNodes.IfHandle(argument(1), FrameLayout.CONTEXT_HANDLE, make.get(), trap) : trap;
        }

        /** The node that {@code make} gives for the map in r1; where it can be several maps, the one that it is at run time. */
        ExpressionNode withMap(Function<BpfMap, ExpressionNode> make) {
            return withMap(1, make);
        }

        ExpressionNode withRing(Function<RingMap, ExpressionNode> make) {
            return withMap(map -> map instanceof RingMap ring ? make.apply(ring)
                            : trap("gives " + helper.helperName() + " map '" + map.name() + "', which is no ring buffer"));
        }

        ExpressionNode withMap(int register, Function<BpfMap, ExpressionNode> make) {
            Value handle = state.register(register);
            if (handle.isOnly(Kind.MAP) && handle.hasOneMap()) {
                return allowed(handle.map(), register, make);
            }
            ExpressionNode chain = trap("gives " + helper.helperName() + " in r" + register + " what is no map");
            if (handle.may(Kind.MAP)) {
                long inner = handle.maps() & table.templates();
                if (inner != 0) {
                    // The kernel knows one template at each call.
                    chain = Long.bitCount(inner) == 1 ? allowed(Long.numberOfTrailingZeros(inner), register, make)
                                    : trap("gives " + helper.helperName() + " in r" + register + " an inner map of one of several maps");
                }
                for (long rest = handle.maps() & ~inner; rest != 0; rest &= rest - 1) {
                    int number = Long.numberOfTrailingZeros(rest);
                    chain = new MapNodes.IfHandle(argument(register), MapHandle.of(maps[number]), allowed(number, register, make), chain);
                }
            }
            return chain;
        }

        private ExpressionNode allowed(int map, int register, Function<BpfMap, ExpressionNode> make) {
            if (helper.changesMap() && table.allowing(1L << map, false, true) == 0) {
                return trap("changes map '" + table.nameOf(map) + "', which is read-only for programs");
            }
            return table.isTemplate(map) ? inner(this, register, table.maps().get(map)) : make.apply(maps[map]);
        }

        /** Memory whose size is the next argument's. */
        ExpressionNode memory(int register) {
            MemoryArgument use = use(register);
            return fixed(register, use) ? passed(register, use)
                            : addresses.memory(register, size(register + 1), use.maxSize(), use.written(), slot, state, helper.helperName());
        }

        /** Memory of a size that the map says. */
        ExpressionNode memory(int register, int size) {
            MemoryArgument use = use(register);
            return fixed(register, use) ? passed(register, use)
                            : addresses.memory(register, new ConstantNode(size), size, use.written(), slot, state, helper.helperName());
        }

        /** Memory of a size that the helper says. */
        ExpressionNode fixedMemory(int register) {
            return memory(register, (int) use(register).maxSize());
        }

        /** A text in a map value. */
        ExpressionNode text(int register) {
            return state.register(register).isAt(Kind.MAP_VALUE) ? fixedMemory(register)
                            : trap("gives " + helper.helperName() + " in r" + register + " no constant text");
        }

        /** Bytes up to the end of the value that a text lies in. */
        int textSize(int register) {
            return (int) use(register).maxSize();
        }

        private MemoryArgument use(int register) {
            for (MemoryArgument use : memory) {
                if (use.register() == register) {
                    return use;
                }
            }
            throw new IllegalStateException(helper + " has no memory in r" + register);
        }

        private boolean fixed(int register, MemoryArgument use) {
            return StackUse.isFixed(state.register(register), use);
        }

        /** Words that live in frame slots are written to their place in memory for the call, and read back if the helper writes. */
        private ExpressionNode passed(int register, MemoryArgument use) {
            Value pointer = state.register(register);
            if (use.maxSize() > 0 && (passed & 1 << register) == 0) {
                passed |= 1 << register;
                int last = State.word(pointer.depth(), pointer.min() + use.maxSize() - 1);
                for (int word = State.word(pointer.depth(), pointer.min()); word <= last; word++) {
                    int variable = Liveness.word(word);
                    if (layout.has(variable)) {
                        before.add(MemoryNodes.store(Size.DOUBLE, AddressNode.Stack.ofWord(word), new SlotNodes.Read(layout.slot(variable))));
                        if (use.written()) {
                            after.add(new SlotNodes.Write(layout.slot(variable), MemoryNodes.load(Size.DOUBLE, false, AddressNode.Stack.ofWord(word))));
                        }
                    }
                }
            }
            return new AddressNode.Stack(pointer.depth(), pointer.min());
        }

        /** A 32-bit key. */
        ExpressionNode index(int register) {
            ExpressionNode[] words = keyWords(register, 4);
            return words != null ? words[0] : MemoryNodes.load(Size.WORD, false, memory(register, 4));
        }

        /** A key straight from frame slots, as little-endian words, or null when it does not lie there. Keys of up to 32 bytes. */
        ExpressionNode[] keyWords(int register, int size) {
            Value pointer = state.register(register);
            MemoryArgument use = use(register);
            int first = (int) (pointer.min() & 7);
            if (!fixed(register, use) || use.maxSize() != size || size > 32 || (first != 0 && first + size > 8)) {
                return null;
            }
            ExpressionNode[] words = new ExpressionNode[(size + 7) / 8];
            for (int i = 0; i < words.length; i++) {
                int variable = Liveness.word(State.word(pointer.depth(), pointer.min() + 8L * i));
                if (!layout.has(variable)) {
                    return null;
                }
                int bytes = Math.min(8, size - 8 * i);
                words[i] = bytes == 8 ? new SlotNodes.Read(layout.slot(variable)) : new SlotNodes.ReadPart(layout.slot(variable), first, bytes, false);
            }
            return words;
        }
    }
}
