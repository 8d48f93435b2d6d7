package org.trufflebpf.language.verifier;

import static org.trufflebpf.language.verifier.HelperPrototype.Argument.ANYTHING;
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.CONTEXT;
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
import static org.trufflebpf.language.verifier.HelperPrototype.Argument.TEXT;
import static org.trufflebpf.language.verifier.HelperPrototype.Result.MAP_VALUE_OR_NULL;
import static org.trufflebpf.language.verifier.HelperPrototype.Result.RECORD_OR_NULL;
import static org.trufflebpf.language.verifier.HelperPrototype.Result.SCALAR;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Linux's helper functions by number (enum bpf_func_id of 6.18), and what those that exist here demand of their arguments, r1 to r5, and
 * leave in r0 (the kernel's struct bpf_func_proto of each). The rest can only be named.
 */
public enum HelperPrototype {
    MAP_LOOKUP_ELEM(1, MAP_VALUE_OR_NULL, MAP, MAP_KEY),
    MAP_UPDATE_ELEM(2, SCALAR, MAP, MAP_KEY, MAP_VALUE_IN, ANYTHING),
    MAP_DELETE_ELEM(3, SCALAR, MAP, MAP_KEY),
    PROBE_READ(4),
    KTIME_GET_NS(5, SCALAR),
    TRACE_PRINTK(6, SCALAR, MEMORY_IN, SIZE, OPTIONAL, OPTIONAL, OPTIONAL),
    GET_PRANDOM_U32(7, SCALAR),
    GET_SMP_PROCESSOR_ID(8, SCALAR),
    SKB_STORE_BYTES(9), L3_CSUM_REPLACE(10), L4_CSUM_REPLACE(11), TAIL_CALL(12, SCALAR, CONTEXT, MAP, ANYTHING), CLONE_REDIRECT(13), GET_CURRENT_PID_TGID(14),
    GET_CURRENT_UID_GID(15), GET_CURRENT_COMM(16), GET_CGROUP_CLASSID(17), SKB_VLAN_PUSH(18), SKB_VLAN_POP(19), SKB_GET_TUNNEL_KEY(20),
    SKB_SET_TUNNEL_KEY(21), PERF_EVENT_READ(22),
    REDIRECT(23, SCALAR, ANYTHING, ANYTHING),
    GET_ROUTE_REALM(24), PERF_EVENT_OUTPUT(25, SCALAR, CONTEXT, MAP, ANYTHING, MEMORY_IN, SIZE_OR_ZERO), SKB_LOAD_BYTES(26), GET_STACKID(27),
    CSUM_DIFF(28, SCALAR, MEMORY_IN, SIZE_OR_ZERO, MEMORY_IN, SIZE_OR_ZERO, ANYTHING),
    SKB_GET_TUNNEL_OPT(29), SKB_SET_TUNNEL_OPT(30), SKB_CHANGE_PROTO(31), SKB_CHANGE_TYPE(32), SKB_UNDER_CGROUP(33), GET_HASH_RECALC(34),
    GET_CURRENT_TASK(35), PROBE_WRITE_USER(36), CURRENT_TASK_UNDER_CGROUP(37), SKB_CHANGE_TAIL(38), SKB_PULL_DATA(39), CSUM_UPDATE(40),
    SET_HASH_INVALID(41), GET_NUMA_NODE_ID(42, SCALAR), SKB_CHANGE_HEAD(43),
    XDP_ADJUST_HEAD(44, SCALAR, CONTEXT, ANYTHING),
    PROBE_READ_STR(45), GET_SOCKET_COOKIE(46), GET_SOCKET_UID(47), SET_HASH(48), SETSOCKOPT(49), SKB_ADJUST_ROOM(50),
    REDIRECT_MAP(51, SCALAR, MAP, ANYTHING, ANYTHING),
    SK_REDIRECT_MAP(52), SOCK_MAP_UPDATE(53),
    XDP_ADJUST_META(54, SCALAR, CONTEXT, ANYTHING),
    PERF_EVENT_READ_VALUE(55), PERF_PROG_READ_VALUE(56), GETSOCKOPT(57), OVERRIDE_RETURN(58), SOCK_OPS_CB_FLAGS_SET(59), MSG_REDIRECT_MAP(60),
    MSG_APPLY_BYTES(61), MSG_CORK_BYTES(62), MSG_PULL_DATA(63), BIND(64),
    XDP_ADJUST_TAIL(65, SCALAR, CONTEXT, ANYTHING),
    SKB_GET_XFRM_STATE(66), GET_STACK(67), SKB_LOAD_BYTES_RELATIVE(68), FIB_LOOKUP(69), SOCK_HASH_UPDATE(70), MSG_REDIRECT_HASH(71),
    SK_REDIRECT_HASH(72), LWT_PUSH_ENCAP(73), LWT_SEG6_STORE_BYTES(74), LWT_SEG6_ADJUST_SRH(75), LWT_SEG6_ACTION(76), RC_REPEAT(77),
    RC_KEYDOWN(78), SKB_CGROUP_ID(79), GET_CURRENT_CGROUP_ID(80), GET_LOCAL_STORAGE(81), SK_SELECT_REUSEPORT(82), SKB_ANCESTOR_CGROUP_ID(83),
    SK_LOOKUP_TCP(84), SK_LOOKUP_UDP(85), SK_RELEASE(86),
    MAP_PUSH_ELEM(87, SCALAR, MAP, MAP_VALUE_IN, ANYTHING),
    MAP_POP_ELEM(88, SCALAR, MAP, MAP_VALUE_OUT),
    MAP_PEEK_ELEM(89, SCALAR, MAP, MAP_VALUE_OUT),
    MSG_PUSH_DATA(90), MSG_POP_DATA(91), RC_POINTER_REL(92), SPIN_LOCK(93, SCALAR, LOCK), SPIN_UNLOCK(94, SCALAR, LOCK), SK_FULLSOCK(95), TCP_SOCK(96), SKB_ECN_SET_CE(97),
    GET_LISTENER_SOCK(98), SKC_LOOKUP_TCP(99), TCP_CHECK_SYNCOOKIE(100), SYSCTL_GET_NAME(101), SYSCTL_GET_CURRENT_VALUE(102),
    SYSCTL_GET_NEW_VALUE(103), SYSCTL_SET_NEW_VALUE(104), STRTOL(105, SCALAR, MEMORY_IN, SIZE, ANYTHING, LONG_OUT), STRTOUL(106, SCALAR, MEMORY_IN, SIZE, ANYTHING, LONG_OUT), SK_STORAGE_GET(107), SK_STORAGE_DELETE(108),
    SEND_SIGNAL(109), TCP_GEN_SYNCOOKIE(110), SKB_OUTPUT(111), PROBE_READ_USER(112), PROBE_READ_KERNEL(113), PROBE_READ_USER_STR(114),
    PROBE_READ_KERNEL_STR(115), TCP_SEND_ACK(116), SEND_SIGNAL_THREAD(117), JIFFIES64(118, SCALAR), READ_BRANCH_RECORDS(119),
    GET_NS_CURRENT_PID_TGID(120), XDP_OUTPUT(121), GET_NETNS_COOKIE(122), GET_CURRENT_ANCESTOR_CGROUP_ID(123), SK_ASSIGN(124),
    KTIME_GET_BOOT_NS(125, SCALAR), SEQ_PRINTF(126), SEQ_WRITE(127), SK_CGROUP_ID(128), SK_ANCESTOR_CGROUP_ID(129), 
    RINGBUF_OUTPUT(130, SCALAR, MAP, MEMORY_IN, SIZE_OR_ZERO, ANYTHING),
    RINGBUF_RESERVE(131, RECORD_OR_NULL, MAP, ANYTHING, ANYTHING),
    RINGBUF_SUBMIT(132, SCALAR, RECORD, ANYTHING), RINGBUF_DISCARD(133, SCALAR, RECORD, ANYTHING), RINGBUF_QUERY(134, SCALAR, MAP, ANYTHING),
     CSUM_LEVEL(135), SKC_TO_TCP6_SOCK(136),
    SKC_TO_TCP_SOCK(137), SKC_TO_TCP_TIMEWAIT_SOCK(138), SKC_TO_TCP_REQUEST_SOCK(139), SKC_TO_UDP6_SOCK(140), GET_TASK_STACK(141),
    LOAD_HDR_OPT(142), STORE_HDR_OPT(143), RESERVE_HDR_OPT(144), INODE_STORAGE_GET(145), INODE_STORAGE_DELETE(146), D_PATH(147),
    COPY_FROM_USER(148), SNPRINTF_BTF(149), SEQ_PRINTF_BTF(150), SKB_CGROUP_CLASSID(151), REDIRECT_NEIGH(152), PER_CPU_PTR(153),
    THIS_CPU_PTR(154), REDIRECT_PEER(155), TASK_STORAGE_GET(156), TASK_STORAGE_DELETE(157), GET_CURRENT_TASK_BTF(158), BPRM_OPTS_SET(159),
    KTIME_GET_COARSE_NS(160, SCALAR), IMA_INODE_HASH(161), SOCK_FROM_FILE(162), CHECK_MTU(163), FOR_EACH_MAP_ELEM(164), SNPRINTF(165), SYS_BPF(166),
    BTF_FIND_BY_NAME_KIND(167), SYS_CLOSE(168), TIMER_INIT(169), TIMER_SET_CALLBACK(170), TIMER_START(171), TIMER_CANCEL(172), GET_FUNC_IP(173),
    GET_ATTACH_COOKIE(174), TASK_PT_REGS(175), GET_BRANCH_SNAPSHOT(176), TRACE_VPRINTK(177), SKC_TO_UNIX_SOCK(178), KALLSYMS_LOOKUP_NAME(179),
    FIND_VMA(180), LOOP(181), STRNCMP(182, SCALAR, MEMORY_IN, SIZE, TEXT), GET_FUNC_ARG(183), GET_FUNC_RET(184), GET_FUNC_ARG_CNT(185), GET_RETVAL(186), SET_RETVAL(187),
    XDP_GET_BUFF_LEN(188, SCALAR, CONTEXT),
    XDP_LOAD_BYTES(189, SCALAR, CONTEXT, ANYTHING, MEMORY_OUT, SIZE),
    XDP_STORE_BYTES(190, SCALAR, CONTEXT, ANYTHING, MEMORY_IN, SIZE),
    COPY_FROM_USER_TASK(191), SKB_SET_TSTAMP(192), IMA_FILE_HASH(193), KPTR_XCHG(194), MAP_LOOKUP_PERCPU_ELEM(195, MAP_VALUE_OR_NULL, MAP, MAP_KEY, ANYTHING), SKC_TO_MPTCP_SOCK(196),
    DYNPTR_FROM_MEM(197), RINGBUF_RESERVE_DYNPTR(198), RINGBUF_SUBMIT_DYNPTR(199), RINGBUF_DISCARD_DYNPTR(200), DYNPTR_READ(201),
    DYNPTR_WRITE(202), DYNPTR_DATA(203), TCP_RAW_GEN_SYNCOOKIE_IPV4(204), TCP_RAW_GEN_SYNCOOKIE_IPV6(205), TCP_RAW_CHECK_SYNCOOKIE_IPV4(206),
    TCP_RAW_CHECK_SYNCOOKIE_IPV6(207), KTIME_GET_TAI_NS(208, SCALAR), USER_RINGBUF_DRAIN(209), CGRP_STORAGE_GET(210), CGRP_STORAGE_DELETE(211);

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
        /** Writable bytes, as many as the next argument says; need not be initialised. */
        MEMORY_OUT,
        /** Eight writable bytes. */
        LONG_OUT,
        /** A struct bpf_spin_lock, four bytes in a map value. */
        LOCK,
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
        /** The address of a value of the map argument, or where its values are maps the handle of one, or 0. */
        MAP_VALUE_OR_NULL,
        /** The address of a new record of the ring buffer argument, as long as the second argument says, or 0. */
        RECORD_OR_NULL
    }

    private static final HelperPrototype[] BY_NUMBER = values();

    private final int number;
    private final Result result;
    private final List<Argument> arguments;

    HelperPrototype(int number) {
        this.number = number;
        result = null;
        arguments = List.of();
    }

    HelperPrototype(int number, Result result, Argument... arguments) {
        this.number = number;
        this.result = result;
        this.arguments = List.of(arguments);
    }

    /** The helper that {@code call} instructions name by {@code number}, if Linux has one. */
    public static Optional<HelperPrototype> of(int number) {
        return number >= 1 && number <= BY_NUMBER.length ? Optional.of(BY_NUMBER[number - 1]) : Optional.empty();
    }

    /** The helper with this {@link #helperName() name}, if Linux has one. */
    public static Optional<HelperPrototype> of(String name) {
        return Arrays.stream(BY_NUMBER).filter(helper -> helper.helperName().equals(name)).findFirst();
    }

    public int number() {
        return number;
    }

    /** As C programs call it, with the prefix: {@code bpf_redirect_map}. */
    public String helperName() {
        return "bpf_" + name().toLowerCase(Locale.ROOT);
    }

    /** Whether {@link #result()} and {@link #arguments()} are known. Programs that call others cannot run. */
    public boolean hasContract() {
        return result != null;
    }

    /** Null without a contract. */
    public Result result() {
        return result;
    }

    /** From r1 on; at most five. Empty without a contract. */
    public List<Argument> arguments() {
        return arguments;
    }

    /** Whether packet pointers and lengths read before the call are invalid after it (the kernel's bpf_helper_changes_pkt_data). */
    public boolean movesPacket() {
        return this == XDP_ADJUST_HEAD || this == XDP_ADJUST_TAIL || this == XDP_ADJUST_META;
    }

    /** Whether the map argument is changed, which maps made with BPF_F_RDONLY_PROG forbid. */
    public boolean changesMap() {
        return this == MAP_UPDATE_ELEM || this == MAP_DELETE_ELEM || this == MAP_PUSH_ELEM || this == MAP_POP_ELEM;
    }

    /** Whether records that the program holds may be gone after the call. */
    public boolean givesRecordBack() {
        return this == RINGBUF_SUBMIT || this == RINGBUF_DISCARD;
    }

    /** Whether memory arguments may lie in the packet (the kernel's pkt_access). */
    public boolean acceptsPacketMemory() {
        return switch (this) {
            case MAP_LOOKUP_ELEM, MAP_UPDATE_ELEM, MAP_DELETE_ELEM, MAP_PUSH_ELEM, CSUM_DIFF -> true;
            default -> false;
        };
    }
}
