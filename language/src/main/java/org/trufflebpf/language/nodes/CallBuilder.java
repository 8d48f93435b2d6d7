package org.trufflebpf.language.nodes;

import java.util.List;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.helpers.ChecksumNode;
import org.trufflebpf.language.helpers.EnvironmentNodes;
import org.trufflebpf.language.helpers.EventNodes;
import org.trufflebpf.language.helpers.HelperEnvironment;
import org.trufflebpf.language.helpers.MapOperation;
import org.trufflebpf.language.helpers.MetadataNodes;
import org.trufflebpf.language.helpers.NetworkNodes;
import org.trufflebpf.language.helpers.PacketNodes;
import org.trufflebpf.language.helpers.PrintNodes;
import org.trufflebpf.language.helpers.RedirectNodes;
import org.trufflebpf.language.helpers.SynCookieNodes;
import org.trufflebpf.language.helpers.TextNodes;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.verifier.HelperPrototype;
import org.trufflebpf.language.verifier.HelperPrototype.Argument;
import org.trufflebpf.language.verifier.KfuncPrototype;
import org.trufflebpf.language.verifier.Prototype;
import org.trufflebpf.language.verifier.State;
import org.trufflebpf.maps.PerfEventMap;
import org.trufflebpf.maps.ProgramArrayMap;
import org.trufflebpf.maps.RingMap;
import org.trufflebpf.maps.UserRingMap;

/**
 * Turns a helper call into nodes made for the very map, key and memory that are known at this call. A helper that takes more than a line to do so
 * does it in the class of its family.
 */
final class CallBuilder {
    private final HelperCall.Scope scope;
    private final DynptrCalls dynptrs;
    private final HelperEnvironment environment;
    private final Timers timers;

    CallBuilder(HelperCall.Scope scope, DynptrCalls dynptrs, HelperEnvironment environment, Timers timers) {
        this.scope = scope;
        this.dynptrs = dynptrs;
        this.environment = environment;
        this.timers = timers;
    }

    /** @param instruction a call of what has a prototype */
    void build(Instruction instruction, int slot, State state, List<StatementNode> statements) {
        Prototype helper = Prototype.of(instruction).orElseThrow();
        HelperCall call = new HelperCall(scope, helper, slot, state);
        ExpressionNode result = helper.arguments().contains(Argument.CONTEXT) ? call.withContext(() -> result(call)) : result(call);
        statements.addAll(call.before);
        statements.addAll(call.endedDynptrs(dynptrs));
        scope.steps().write(statements, Registers.RESULT, result);
        statements.addAll(call.after);
    }

    private ExpressionNode result(HelperCall call) {
        return switch (call.helper) {
            case HelperPrototype helper -> result(call, helper);
            case KfuncPrototype kfunc -> result(call, kfunc);
        };
    }

    private ExpressionNode result(HelperCall call, KfuncPrototype kfunc) {
        return switch (kfunc) {
            case XDP_METADATA_RX_TIMESTAMP -> new MetadataNodes.Timestamp(call.fixedMemory(2));
            case XDP_METADATA_RX_HASH, XDP_METADATA_RX_VLAN_TAG -> new MetadataNodes.Unknown(call.fixedMemory(2), call.fixedMemory(3));

            case XDP_PULL_DATA -> new PacketNodes.PullData(call.argument(2));
            case DYNPTR_FROM_XDP -> dynptrs.ofPacket(call);
            case DYNPTR_SLICE, DYNPTR_SLICE_RDWR -> dynptrs.slice(call);
            case DYNPTR_ADJUST -> dynptrs.adjust(call);
            case DYNPTR_IS_NULL -> dynptrs.used(call, 1, DynptrNodes.IsNull::new);
            case DYNPTR_IS_RDONLY -> dynptrs.used(call, 1, DynptrNodes.IsReadOnly::new);
            case DYNPTR_SIZE -> dynptrs.used(call, 1, DynptrNodes.Size::new);
            case DYNPTR_CLONE -> dynptrs.cloned(call);
            case DYNPTR_COPY -> dynptrs.copy(call);
            case DYNPTR_MEMSET -> dynptrs.fill(call);
        };
    }

    private ExpressionNode result(HelperCall call, HelperPrototype helper) {
        return switch (helper) {
            case MAP_LOOKUP_ELEM -> MapCalls.operate(call, MapOperation.LOOKUP);
            case MAP_UPDATE_ELEM -> MapCalls.operate(call, MapOperation.UPDATE);
            case MAP_DELETE_ELEM -> MapCalls.operate(call, MapOperation.DELETE);
            case MAP_PUSH_ELEM -> MapCalls.operate(call, MapOperation.PUSH);
            case MAP_POP_ELEM -> MapCalls.operate(call, MapOperation.POP);
            case MAP_PEEK_ELEM -> MapCalls.operate(call, MapOperation.PEEK);
            case TIMER_INIT -> TimerNodes.init(call, timers);
            case TIMER_SET_CALLBACK -> new TimerNodes.SetCallback(timers, call);
            case TIMER_START -> new TimerNodes.Start(timers, call, environment.clock());
            case TIMER_CANCEL -> new TimerNodes.Cancel(timers, call);
            case MAP_LOOKUP_PERCPU_ELEM -> MapCalls.lookupOnCpu(call);
            case NEXT_ELEMENT -> MapCalls.next(call);
            case ELEMENT_KEY -> MapCalls.key(call);
            case BEGIN_DRAIN -> call.withMap(1, UserRingMap.class, "user ring buffer", ring -> new DrainNodes.Begin(ring, call.argument(2)));
            case NEXT_SAMPLE -> call.withMap(1, UserRingMap.class, "user ring buffer", ring -> new DrainNodes.Next(ring, call.argument(2)));
            case RELEASE_SAMPLE -> call.withMap(1, UserRingMap.class, "user ring buffer", DrainNodes.Release::new);
            case END_DRAIN -> call.withMap(1, UserRingMap.class, "user ring buffer", DrainNodes.End::new);
            case REDIRECT_MAP -> MapCalls.redirect(call);
            case REDIRECT -> new RedirectNodes.ByInterface(call.argument(1), call.argument(2));
            case TAIL_CALL -> call.withMap(2, ProgramArrayMap.class, "program array", programs -> new TailCallNode(programs, call.argument(3)));
            case SPIN_LOCK -> new SpinLockNode(true, call.fixedMemory(1),
                            call.site("takes a spin lock while it holds one, or waits too long for it"));
            case SPIN_UNLOCK -> new SpinLockNode(false, call.fixedMemory(1), call.site("frees a spin lock that it does not hold"));

            case RINGBUF_OUTPUT -> call.withMapSource(1, RingMap.class, "ring buffer",
                            ring -> new EventNodes.Output(ring.get(), call.memory(2), call.size(3), call.argument(4)));
            case RINGBUF_RESERVE -> call.withMap(1, RingMap.class, "ring buffer", ring -> new ReserveNode(ring, call.argument(2), call.argument(3)),
                            ring -> new EventNodes.Reserve(ring.get(), call.argument(2), call.argument(3)));
            case RINGBUF_QUERY -> call.withMapSource(1, RingMap.class, "ring buffer",
                            ring -> new EventNodes.Query(ring.get(), call.argument(2)));
            case RINGBUF_SUBMIT, RINGBUF_DISCARD -> new GiveBackNode(call.helper == HelperPrototype.RINGBUF_SUBMIT, call.rings(1), call.argument(1),
                            call.argument(2), call.site("gives back a record that it does not hold"));
            case PERF_EVENT_OUTPUT -> call.withMapSource(2, PerfEventMap.class, "perf event array",
                            events -> new EventNodes.PerfOutput(events.get(), call.argument(3), call.memory(4), call.size(5)));

            case DYNPTR_FROM_MEM -> dynptrs.ofValue(call);
            case RINGBUF_RESERVE_DYNPTR -> dynptrs.ofRecord(call);
            case RINGBUF_SUBMIT_DYNPTR, RINGBUF_DISCARD_DYNPTR -> dynptrs.giveBack(call, call.helper == HelperPrototype.RINGBUF_SUBMIT_DYNPTR);
            case DYNPTR_READ -> dynptrs.read(call);
            case DYNPTR_WRITE -> dynptrs.write(call);
            case DYNPTR_DATA -> dynptrs.data(call);

            case TRACE_PRINTK -> new PrintNodes.Trace(call.memory(1), call.size(2),
                            new ExpressionNode[]{call.argument(3), call.argument(4), call.argument(5)}, call.programMemory(), environment.trace());
            case TRACE_VPRINTK -> new PrintNodes.TraceArray(call.memory(1), call.size(2), call.memory(3), call.size(4), call.programMemory(),
                            environment.trace());

            case KTIME_GET_NS, KTIME_GET_BOOT_NS, KTIME_GET_COARSE_NS -> EnvironmentNodes.time(environment.clock());
            case KTIME_GET_TAI_NS -> EnvironmentNodes.wallTime(environment.clock());
            case JIFFIES64 -> EnvironmentNodes.jiffies(environment.clock());
            case GET_PRANDOM_U32 -> new EnvironmentNodes.Random();
            case GET_SMP_PROCESSOR_ID -> new EnvironmentNodes.Cpu();
            case GET_NUMA_NODE_ID -> new ConstantNode(0);

            case STRTOL -> TextNodes.parse(true, call.memory(1), call.size(2), call.argument(3), call.fixedMemory(4));
            case STRTOUL -> TextNodes.parse(false, call.memory(1), call.size(2), call.argument(3), call.fixedMemory(4));
            case SNPRINTF -> new PrintNodes.ToMemory(call.memory(1), call.size(2), call.text(3), call.textSize(3), call.memory(4), call.size(5),
                            call.programMemory());
            case STRNCMP -> new TextNodes.Compare(call.memory(1), call.size(2), call.text(3), call.textSize(3));
            case CSUM_DIFF -> new ChecksumNode(environment.foldsChecksums(), call.memory(1), call.size(2), call.memory(3), call.size(4), call.argument(5));

            case TCP_RAW_GEN_SYNCOOKIE_IPV4, TCP_RAW_GEN_SYNCOOKIE_IPV6 -> new SynCookieNodes.Make(environment.cookies(),
                            call.helper == HelperPrototype.TCP_RAW_GEN_SYNCOOKIE_IPV6, call.fixedMemory(1), call.memory(2), call.size(3),
                            EnvironmentNodes.time(environment.clock()));
            case TCP_RAW_CHECK_SYNCOOKIE_IPV4, TCP_RAW_CHECK_SYNCOOKIE_IPV6 -> new SynCookieNodes.Check(environment.cookies(),
                            call.helper == HelperPrototype.TCP_RAW_CHECK_SYNCOOKIE_IPV6, call.fixedMemory(1), call.fixedMemory(2),
                            EnvironmentNodes.time(environment.clock()));

            case FIB_LOOKUP -> new NetworkNodes.FindRoute(environment.network(), call.memory(2), call.size(3), call.argument(4));
            case SK_LOOKUP_TCP, SK_LOOKUP_UDP, SKC_LOOKUP_TCP -> new ConstantNode(0);
            case CHECK_MTU -> new NetworkNodes.CheckMtu(environment.network(), call.argument(2), call.fixedMemory(3), call.argument(4), call.argument(5));

            case XDP_ADJUST_HEAD -> new PacketNodes.AdjustHead(call.argument(2));
            case XDP_ADJUST_TAIL -> new PacketNodes.AdjustTail(call.handlesFragments(), call.argument(2));
            case XDP_ADJUST_META -> new PacketNodes.AdjustMeta(call.argument(2));
            case XDP_GET_BUFF_LEN -> new PacketNodes.Length();
            case XDP_LOAD_BYTES -> new PacketNodes.LoadBytes(call.argument(2), call.memory(3), call.size(4));
            case XDP_STORE_BYTES -> new PacketNodes.StoreBytes(call.argument(2), call.memory(3), call.size(4));
        };
    }
}
