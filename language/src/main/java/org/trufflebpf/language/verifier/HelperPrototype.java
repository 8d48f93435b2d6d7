package org.trufflebpf.language.verifier;

import static org.trufflebpf.language.verifier.HelperPrototype.Argument.ANYTHING;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.CONTEXT;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.DYNPTR;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.DYNPTR_OUT;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.DYNPTR_RECORD;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.INT_IN_OUT;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.IPV4_HEADER;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.IPV6_HEADER;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.LOCK;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.LONG_OUT;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.MAP;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.MAP_KEY;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.MAP_VALUE_IN;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.MAP_VALUE_OUT;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.MEMORY_IN;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.MEMORY_OUT;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.OPTIONAL;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.RECORD;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.SIZE;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.SIZE_OR_ZERO;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.TCP_HEADER;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.TEXT;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.TIMER;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.VALUE_MEMORY;
import static org.trufflebpf.language.verifier.HelperPrototype.Effect.CHANGES_MAP;
import static org.trufflebpf.language.verifier.HelperPrototype.Effect.FOLLOWS_ADDRESSES;
import static org.trufflebpf.language.verifier.HelperPrototype.Effect.GIVES_RECORD_BACK;
import static org.trufflebpf.language.verifier.HelperPrototype.Effect.MOVES_PACKET;
import static org.trufflebpf.language.verifier.HelperPrototype.Result.KEY_IN_MAP;
import static org.trufflebpf.language.verifier.HelperPrototype.Result.MAP_VALUE_OR_NULL;
import static org.trufflebpf.language.verifier.HelperPrototype.Result.NO_SOCKET;
import static org.trufflebpf.language.verifier.HelperPrototype.Result.RECORD_OR_NULL;
import static org.trufflebpf.language.verifier.HelperPrototype.Result.SAMPLE_OR_NULL;
import static org.trufflebpf.language.verifier.HelperPrototype.Result.SCALAR;
import static org.trufflebpf.language.verifier.HelperPrototype.Result.SLICE_OR_NULL;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.trufflebpf.language.cfg.CallbackHelper;

/**
 * The helper functions that programs can call: what each demands of its arguments, r1 to r5, leaves in r0, and does besides (the kernel's struct
 * bpf_func_proto of each). {@link HelperNames} has the names of all that Linux has; those that call the program back are here as the steps that
 * {@link CallbackHelper} makes of them.
 */
public enum HelperPrototype implements Prototype {
    MAP_LOOKUP_ELEM(1, MAP_VALUE_OR_NULL, takes(MAP, MAP_KEY)),
    MAP_UPDATE_ELEM(2, SCALAR, takes(MAP, MAP_KEY, MAP_VALUE_IN, ANYTHING), CHANGES_MAP),
    MAP_DELETE_ELEM(3, SCALAR, takes(MAP, MAP_KEY), CHANGES_MAP),
    KTIME_GET_NS(5, SCALAR, takes()),
    TRACE_PRINTK(6, SCALAR, takes(MEMORY_IN, SIZE, OPTIONAL, OPTIONAL, OPTIONAL), FOLLOWS_ADDRESSES),
    GET_PRANDOM_U32(7, SCALAR, takes()),
    GET_SMP_PROCESSOR_ID(8, SCALAR, takes()),
    TAIL_CALL(12, SCALAR, takes(CONTEXT, MAP, ANYTHING)),
    REDIRECT(23, SCALAR, takes(ANYTHING, ANYTHING)),
    PERF_EVENT_OUTPUT(25, SCALAR, takes(CONTEXT, MAP, ANYTHING, MEMORY_IN, SIZE_OR_ZERO)),
    CSUM_DIFF(28, SCALAR, takes(MEMORY_IN, SIZE_OR_ZERO, MEMORY_IN, SIZE_OR_ZERO, ANYTHING)),
    GET_NUMA_NODE_ID(42, SCALAR, takes()),
    XDP_ADJUST_HEAD(44, SCALAR, takes(CONTEXT, ANYTHING), MOVES_PACKET),
    REDIRECT_MAP(51, SCALAR, takes(MAP, ANYTHING, ANYTHING)),
    XDP_ADJUST_META(54, SCALAR, takes(CONTEXT, ANYTHING), MOVES_PACKET),
    XDP_ADJUST_TAIL(65, SCALAR, takes(CONTEXT, ANYTHING), MOVES_PACKET),
    FIB_LOOKUP(69, SCALAR, takes(CONTEXT, MEMORY_OUT, SIZE, ANYTHING)),
    SK_LOOKUP_TCP(84, NO_SOCKET, takes(CONTEXT, MEMORY_IN, SIZE, ANYTHING, ANYTHING)),
    SK_LOOKUP_UDP(85, NO_SOCKET, takes(CONTEXT, MEMORY_IN, SIZE, ANYTHING, ANYTHING)),
    MAP_PUSH_ELEM(87, SCALAR, takes(MAP, MAP_VALUE_IN, ANYTHING), CHANGES_MAP),
    MAP_POP_ELEM(88, SCALAR, takes(MAP, MAP_VALUE_OUT), CHANGES_MAP),
    MAP_PEEK_ELEM(89, SCALAR, takes(MAP, MAP_VALUE_OUT)),
    SPIN_LOCK(93, SCALAR, takes(LOCK)),
    SPIN_UNLOCK(94, SCALAR, takes(LOCK)),
    SKC_LOOKUP_TCP(99, NO_SOCKET, takes(CONTEXT, MEMORY_IN, SIZE, ANYTHING, ANYTHING)),
    STRTOL(105, SCALAR, takes(MEMORY_IN, SIZE, ANYTHING, LONG_OUT)),
    STRTOUL(106, SCALAR, takes(MEMORY_IN, SIZE, ANYTHING, LONG_OUT)),
    JIFFIES64(118, SCALAR, takes()),
    KTIME_GET_BOOT_NS(125, SCALAR, takes()),
    RINGBUF_OUTPUT(130, SCALAR, takes(MAP, MEMORY_IN, SIZE_OR_ZERO, ANYTHING)),
    RINGBUF_RESERVE(131, RECORD_OR_NULL, takes(MAP, ANYTHING, ANYTHING)),
    RINGBUF_SUBMIT(132, SCALAR, takes(RECORD, ANYTHING), GIVES_RECORD_BACK),
    RINGBUF_DISCARD(133, SCALAR, takes(RECORD, ANYTHING), GIVES_RECORD_BACK),
    RINGBUF_QUERY(134, SCALAR, takes(MAP, ANYTHING)),
    KTIME_GET_COARSE_NS(160, SCALAR, takes()),
    CHECK_MTU(163, SCALAR, takes(CONTEXT, ANYTHING, INT_IN_OUT, ANYTHING, ANYTHING)),
    SNPRINTF(165, SCALAR, takes(MEMORY_OUT, SIZE_OR_ZERO, TEXT, MEMORY_IN, SIZE_OR_ZERO), FOLLOWS_ADDRESSES),
    TIMER_INIT(169, SCALAR, takes(TIMER, MAP, ANYTHING)),
    TIMER_SET_CALLBACK(170, SCALAR, takes(TIMER, ANYTHING)),
    TIMER_START(171, SCALAR, takes(TIMER, ANYTHING, ANYTHING)),
    TIMER_CANCEL(172, SCALAR, takes(TIMER)),
    TRACE_VPRINTK(177, SCALAR, takes(MEMORY_IN, SIZE, MEMORY_IN, SIZE_OR_ZERO), FOLLOWS_ADDRESSES),
    STRNCMP(182, SCALAR, takes(MEMORY_IN, SIZE, TEXT)),
    XDP_GET_BUFF_LEN(188, SCALAR, takes(CONTEXT)),
    XDP_LOAD_BYTES(189, SCALAR, takes(CONTEXT, ANYTHING, MEMORY_OUT, SIZE)),
    XDP_STORE_BYTES(190, SCALAR, takes(CONTEXT, ANYTHING, MEMORY_IN, SIZE)),
    MAP_LOOKUP_PERCPU_ELEM(195, MAP_VALUE_OR_NULL, takes(MAP, MAP_KEY, ANYTHING)),
    DYNPTR_FROM_MEM(197, SCALAR, takes(VALUE_MEMORY, SIZE_OR_ZERO, ANYTHING, DYNPTR_OUT)),
    RINGBUF_RESERVE_DYNPTR(198, SCALAR, takes(MAP, ANYTHING, ANYTHING, DYNPTR_OUT)),
    RINGBUF_SUBMIT_DYNPTR(199, SCALAR, takes(DYNPTR_RECORD, ANYTHING), GIVES_RECORD_BACK),
    RINGBUF_DISCARD_DYNPTR(200, SCALAR, takes(DYNPTR_RECORD, ANYTHING), GIVES_RECORD_BACK),
    DYNPTR_READ(201, SCALAR, takes(MEMORY_OUT, SIZE_OR_ZERO, DYNPTR, ANYTHING, ANYTHING)),
    DYNPTR_WRITE(202, SCALAR, takes(DYNPTR, ANYTHING, MEMORY_IN, SIZE_OR_ZERO, ANYTHING)),
    DYNPTR_DATA(203, SLICE_OR_NULL, takes(DYNPTR, ANYTHING, ANYTHING)),
    TCP_RAW_GEN_SYNCOOKIE_IPV4(204, SCALAR, takes(IPV4_HEADER, MEMORY_IN, SIZE_OR_ZERO)),
    TCP_RAW_GEN_SYNCOOKIE_IPV6(205, SCALAR, takes(IPV6_HEADER, MEMORY_IN, SIZE_OR_ZERO)),
    TCP_RAW_CHECK_SYNCOOKIE_IPV4(206, SCALAR, takes(IPV4_HEADER, TCP_HEADER)),
    TCP_RAW_CHECK_SYNCOOKIE_IPV6(207, SCALAR, takes(IPV6_HEADER, TCP_HEADER)),
    KTIME_GET_TAI_NS(208, SCALAR, takes()),
    // Steps of helpers that call the program back.
    NEXT_ELEMENT(CallbackHelper.NEXT_ELEMENT, MAP_VALUE_OR_NULL, takes(MAP, ANYTHING, ANYTHING)),
    ELEMENT_KEY(CallbackHelper.ELEMENT_KEY, KEY_IN_MAP, takes(MAP, ANYTHING)),
    BEGIN_DRAIN(CallbackHelper.BEGIN_DRAIN, SCALAR, takes(MAP, ANYTHING)),
    NEXT_SAMPLE(CallbackHelper.NEXT_SAMPLE, SAMPLE_OR_NULL, takes(MAP, ANYTHING)),
    RELEASE_SAMPLE(CallbackHelper.RELEASE_SAMPLE, SCALAR, takes(MAP), GIVES_RECORD_BACK),
    END_DRAIN(CallbackHelper.END_DRAIN, SCALAR, takes(MAP));

    /** What a register must hold at a call. */
    public enum Argument {
        /** The program's context, as it was given. */
        CONTEXT,
        /** A map's handle. */
        MAP,
        /** Key-size readable bytes. */
        MAP_KEY,
        /** Value-size readable bytes. */
        MAP_VALUE_IN,
        /** Value-size writable bytes; need not be initialised. */
        MAP_VALUE_OUT,
        /** Readable bytes, as many as the next argument says; null will do where that is {@link #SIZE_OR_ZERO}. */
        MEMORY_IN,
        /**
         * Writable bytes, as many as the next argument says, which a helper may read, too; need not be initialised; null will do where that
         * is {@link #SIZE_OR_ZERO}.
         */
        MEMORY_OUT,
        /** Four bytes, read and written. */
        INT_IN_OUT,
        /** Eight writable bytes. */
        LONG_OUT,
        /** A struct iphdr, 20 readable bytes. */
        IPV4_HEADER,
        /** A struct ipv6hdr, 40 readable bytes. */
        IPV6_HEADER,
        /** A struct tcphdr, 20 readable bytes. */
        TCP_HEADER,
        /** Four writable bytes. */
        WORD_OUT,
        /** Two writable bytes. */
        HALF_OUT,
        /** Writable bytes in a map value, as many as the next argument says. */
        VALUE_MEMORY,
        /** A struct bpf_dynptr on the stack, which an earlier call made. */
        DYNPTR,
        /** Sixteen bytes of the stack that become a struct bpf_dynptr. */
        DYNPTR_OUT,
        /** A struct bpf_dynptr of a ring buffer's record; afterwards it is none. */
        DYNPTR_RECORD,
        /** A struct bpf_spin_lock, four bytes in a map value. */
        LOCK,
        /** A struct bpf_timer, in a map value. */
        TIMER,
        /** A record that the program holds; afterwards it holds it no more. */
        RECORD,
        /** A constant text that ends with a zero byte, in a map value at a known place. */
        TEXT,
        /** The previous argument's size in bytes, at least 1. */
        SIZE,
        /** The previous argument's size in bytes. Zero will do. */
        SIZE_OR_ZERO,
        /** Any initialised register. */
        ANYTHING,
        /** Looked at only if another argument asks for it: any register, initialised or not. */
        OPTIONAL
    }

    /** What r0 holds after a call. */
    public enum Result {
        SCALAR,
        /** 0, as there are no sockets that a lookup could find. */
        NO_SOCKET,
        /** The address of a value of the map argument, or where its values are maps the handle of one, or 0. */
        MAP_VALUE_OR_NULL,
        /** The address of a key in the map argument. */
        KEY_IN_MAP,
        /** The dynptr of a sample in the user ring buffer argument, or 0. */
        SAMPLE_OR_NULL,
        /** The address of a new record of the ring buffer argument, as long as the second argument says, or 0. */
        RECORD_OR_NULL,
        /** The address of bytes that the dynptr in r1 describes, as many as the last argument says, or 0. */
        SLICE_OR_NULL
    }

    /** What a call does besides giving a result. */
    public enum Effect {
        /** Packet pointers and lengths read before the call are invalid after it (the kernel's bpf_helper_changes_pkt_data). */
        MOVES_PACKET,
        /** The map argument is changed, which maps made with BPF_F_RDONLY_PROG forbid. */
        CHANGES_MAP,
        /** Records that the program holds may be gone. */
        GIVES_RECORD_BACK,
        /** Memory is read at addresses among the optional arguments and among the words of readable memory. */
        FOLLOWS_ADDRESSES
    }

    private static final Map<Integer, HelperPrototype> BY_NUMBER = new HashMap<>();

    static {
        for (HelperPrototype helper : values()) {
            BY_NUMBER.put(helper.number, helper);
        }
    }

    private final int number;
    private final Result result;
    private final List<Argument> arguments;
    private final List<Effect> effects;

    HelperPrototype(int number, Result result, List<Argument> arguments, Effect... effects) {
        this.number = number;
        this.result = result;
        this.arguments = arguments;
        this.effects = List.of(effects);
    }

    private static List<Argument> takes(Argument... arguments) {
        return List.of(arguments);
    }

    /** The helper that {@code call} instructions name by {@code number}, if programs can call it. */
    public static Optional<HelperPrototype> of(int number) {
        return Optional.ofNullable(BY_NUMBER.get(number));
    }

    public int number() {
        return number;
    }

    @Override
    public String helperName() {
        return HelperNames.of(CallbackHelper.helperOf(number)).orElseThrow();
    }

    @Override
    public Result result() {
        return result;
    }

    @Override
    public List<Argument> arguments() {
        return arguments;
    }

    @Override
    public boolean has(Effect effect) {
        return effects.contains(effect);
    }
}
