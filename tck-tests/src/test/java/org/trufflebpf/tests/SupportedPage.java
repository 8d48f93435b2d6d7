package org.trufflebpf.tests;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.trufflebpf.language.cfg.CallbackHelper;
import org.trufflebpf.language.cfg.GraphBuilder;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.verifier.HelperNames;
import org.trufflebpf.language.verifier.HelperPrototype;
import org.trufflebpf.language.verifier.KfuncPrototype;
import org.trufflebpf.language.verifier.MapTable;
import org.trufflebpf.language.verifier.MissingHelpers;
import org.trufflebpf.maps.MapDefinition;
import org.trufflebpf.maps.MapException;
import org.trufflebpf.maps.MapFactory;
import org.trufflebpf.maps.MapFlags;
import org.trufflebpf.maps.MapKind;

/** Writes docs/supported.md: what there is comes from the code, what is worth knowing about it from here. */
final class SupportedPage {
    /** Numbers of enum bpf_map_type that Linux 6.18 has. */
    private static final int MAP_TYPES = 34;

    private static final Map<String, Integer> FLAGS = new LinkedHashMap<>();

    static {
        FLAGS.put("NO_PREALLOC", MapFlags.NO_PREALLOC);
        FLAGS.put("NO_COMMON_LRU", MapFlags.NO_COMMON_LRU);
        FLAGS.put("NUMA_NODE", MapFlags.NUMA_NODE);
        FLAGS.put("RDONLY", MapFlags.RDONLY);
        FLAGS.put("WRONLY", MapFlags.WRONLY);
        FLAGS.put("ZERO_SEED", MapFlags.ZERO_SEED);
        FLAGS.put("RDONLY_PROG", MapFlags.RDONLY_PROG);
        FLAGS.put("WRONLY_PROG", MapFlags.WRONLY_PROG);
        FLAGS.put("MMAPABLE", MapFlags.MMAPABLE);
        FLAGS.put("PRESERVE_ELEMS", MapFlags.PRESERVE_ELEMS);
        FLAGS.put("INNER_MAP", MapFlags.INNER_MAP);
    }

    private static final String LRU_NOTE = "evicts about the least recently used entry; NO_COMMON_LRU changes nothing, as CPUs contend for no list";
    private static final Map<MapKind, String> MAP_NOTES = Map.of(
            MapKind.CPUMAP, "packets go to the worker that stands for the CPU, and programs of entries run",
            MapKind.XSKMAP, "runs put [the sockets of their queues](ports.md) in",
            MapKind.LRU_HASH, LRU_NOTE,
            MapKind.LRU_PERCPU_HASH, LRU_NOTE,
            MapKind.LPM_TRIE, "prefixes of up to 2048 bits");

    private static final Map<HelperPrototype, String> HELPER_NOTES = Map.ofEntries(
            Map.entry(HelperPrototype.TRACE_PRINTK, "prints to standard error; formats outside compiled code; %pS shows numbers, %pus nothing"),
            Map.entry(HelperPrototype.TRACE_VPRINTK, "as bpf_trace_printk"),
            Map.entry(HelperPrototype.SNPRINTF, "as bpf_trace_printk"),
            Map.entry(HelperPrototype.GET_PRANDOM_U32, "the same numbers for the same `--seed`"),
            Map.entry(HelperPrototype.KTIME_GET_NS, "`--clock` says what time it is"),
            Map.entry(HelperPrototype.KTIME_GET_BOOT_NS, "as bpf_ktime_get_ns"),
            Map.entry(HelperPrototype.KTIME_GET_COARSE_NS, "as bpf_ktime_get_ns, and as fine"),
            Map.entry(HelperPrototype.KTIME_GET_TAI_NS, "the time of day; with another `--clock` than `wall` that clock"),
            Map.entry(HelperPrototype.JIFFIES64, "250 a second"),
            Map.entry(HelperPrototype.GET_NUMA_NODE_ID, "0"),
            Map.entry(HelperPrototype.CSUM_DIFF, "`--ebpf.CsumDiff=unfolded` for what it gave before Linux 6.13"),
            Map.entry(HelperPrototype.FIB_LOOKUP, "in the network that `--env` describes ([network.md](network.md)); no VRFs"),
            Map.entry(HelperPrototype.CHECK_MTU, "of the interfaces that `--env` describes, and of ports ([network.md](network.md))"),
            Map.entry(HelperPrototype.SK_LOOKUP_TCP, "finds nothing: there are no sockets"),
            Map.entry(HelperPrototype.SK_LOOKUP_UDP, "finds nothing: there are no sockets"),
            Map.entry(HelperPrototype.SKC_LOOKUP_TCP, "finds nothing: there are no sockets"),
            Map.entry(HelperPrototype.TCP_RAW_GEN_SYNCOOKIE_IPV4, "with keys from `--seed`; minutes pass by `--clock`"),
            Map.entry(HelperPrototype.TCP_RAW_GEN_SYNCOOKIE_IPV6, "with keys from `--seed`; minutes pass by `--clock`"),
            Map.entry(HelperPrototype.TAIL_CALL, "at most 33 for a packet"));

    private SupportedPage() {
    }

    /** @param command that writes the page */
    static String text(String command) {
        StringBuilder page = new StringBuilder("""
                # What is supported

                This page is written by the tests from the code; after a change of the code, this writes it again:

                ```sh
                %s
                ```

                Objects are ELF files for eBPF, little-endian, with programs of the type XDP, in instructions of any version up to 4. What Linux 6.18
                does with a program is the reference everywhere.

                ## Program sections

                | section | holds |
                |---|---|
                | any with code, `SEC("xdp")`, `SEC("xdp/entry")`, `SEC("prog")`, ... | XDP programs, whatever its name: the functions that are global or that nothing calls |
                | `SEC("xdp.frags")`, `SEC("xdp.frags/devmap")`, `SEC("xdp.frags/cpumap")` | XDP programs for packets of [several buffers](#packets-of-several-buffers), too |
                | `.text` | functions to be called; programs only where no other section has code |
                | `ID/SLOT`, `2/16` | programs for the slots of a program array, as iproute2 has them |
                | `.maps` | maps with their types; needs BTF |
                | `maps`, `maps/...` | maps in the forms before BTF, of 20 and 28 bytes, and iproute2's of 36 |
                | `.data`, `.bss`, `.rodata`, and those that begin so | global variables, each section a map |
                | `.kconfig` | values of `--ebpf.Kconfig=FILE` |
                | `.ksyms` | kernel functions, from the list below |
                | `license` | read and shown |

                CO-RE relocations are resolved against types of Linux 6.18, or those that `--ebpf.TargetBtf` names.

                ## How large programs may be

                | at most | |
                |---|---|
                | %d instructions | in a program with its calls unfolded; a larger one is refused, with a line that says so, as analysing it would take minutes. Linux takes a million |
                | %d functions deep | as in Linux |
                | %d maps | that one program names, as in Linux; a map of maps counts twice here |
                | 512 bytes | of stack for each function |

                ## Packets of several buffers

                Programs in sections `xdp.frags` get packets of up to 69056 bytes, all others of up to 3520: ports miss what is longer and say so. As in the kernel,
                `data` and `data_end` are those of the first buffer, which holds 3520 bytes where the headroom is the usual one; the rest lies in fragments of 4096 bytes.
                `bpf_xdp_get_buff_len`, `bpf_xdp_load_bytes` and `_store_bytes`, dynptrs and events reach all of the packet, `bpf_xdp_adjust_head` works on the first buffer,
                `bpf_xdp_adjust_tail` on the last one, up to its page's end, and `bpf_xdp_pull_data` makes the first one longer as far as there is headroom. Since ports gather
                the buffers in one piece, `bpf_dynptr_slice` never needs the buffer that it is given.

                The kernel refuses a program array, device map or CPU map that programs of both kinds use. Here a program without fragments that gets a long packet
                from one with them sees all of it between `data` and `data_end`.

                """.formatted(command, GraphBuilder.MAX_STEPS, Registers.MAX_DEPTH, MapTable.MAX_MAPS));
        maps(page);
        helpers(page);
        kfuncs(page);
        return page.toString();
    }

    private static void maps(StringBuilder page) {
        page.append("""
                ## Maps

                | kind | | flags (BPF_F_...) | |
                |---|---|---|---|
                """);
        for (int number = 1; number < MAP_TYPES; number++) {
            MapKind kind = MapKind.of(number);
            row(page, MapKind.kernelName(number), kind == null ? "no" : "yes", kind == null ? "" : flags(kind),
                    kind == null ? "" : MAP_NOTES.getOrDefault(kind, ""));
        }
        page.append('\n');
    }

    /** Those that a map can be made with, beside what it must have. */
    private static String flags(MapKind kind) {
        List<String> allowed = new ArrayList<>();
        int needed = isAllowed(kind, 0) ? 0 : MapFlags.NO_PREALLOC;
        FLAGS.forEach((name, flag) -> {
            if (isAllowed(kind, needed | flag)) {
                allowed.add(flag == needed ? name + " (needed)" : name);
            }
        });
        return String.join(", ", allowed);
    }

    private static boolean isAllowed(MapKind kind, int flags) {
        boolean keyless = kind == MapKind.QUEUE || kind == MapKind.STACK || kind == MapKind.BLOOM_FILTER;
        boolean ring = kind == MapKind.RINGBUF || kind == MapKind.USER_RINGBUF;
        int key = keyless || ring ? 0 : kind == MapKind.LPM_TRIE ? 8 : 4;
        boolean nested = kind == MapKind.ARRAY_OF_MAPS || kind == MapKind.HASH_OF_MAPS;
        MapDefinition inner = nested ? new MapDefinition("inner", MapKind.ARRAY, 4, 4, 1, 0) : null;
        try {
            MapFactory.memoryNeeded(new MapDefinition("probe", kind, key, ring ? 0 : 4, ring ? 4096 : 1, flags, inner), 1);
            return true;
        } catch (MapException e) {
            return false;
        }
    }

    private static void helpers(StringBuilder page) {
        page.append("""
                ## Helpers

                All that Linux 6.18 offers XDP programs. A program that gets to a call of one that is missing is refused, with a line that names the
                helper and the line of the C source; code that no packet can get to is not looked at.

                | number | helper | | |
                |---|---|---|---|
                """);
        for (int number : new TreeSet<>(MissingHelpers.offeredToXdp())) {
            HelperPrototype helper = HelperPrototype.of(number).orElse(null);
            boolean supported = helper != null || CallbackHelper.has(number);
            String note = helper != null ? HELPER_NOTES.getOrDefault(helper, "") : supported ? "" : MissingHelpers.reason(number).orElse("not yet");
            row(page, Integer.toString(number), HelperNames.of(number).orElseThrow(), supported ? "yes" : "no", note);
        }
        page.append('\n');
    }

    private static void kfuncs(StringBuilder page) {
        page.append("## Kernel functions\n\nTo all others `bpf_ksym_exists` says no.\n\n");
        for (String name : new TreeSet<>(KfuncPrototype.names())) {
            page.append("- ").append(name).append('\n');
        }
    }

    private static void row(StringBuilder page, String... cells) {
        page.append("| ").append(String.join(" | ", cells).replaceAll("  +", " ")).append(" |\n");
    }
}
