package org.trufflebpf.language.verifier;

import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.cfg.Operands.MemoryAccess;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.verifier.Value.Kind;

/** What to change in a program, in C, so that what it does can be proved. */
public final class Advice {
    private static final String TEST_NULL = ": `if (!p) return XDP_PASS;`";

    private Advice() {
    }

    /** For what is not proved; null when there is nothing better to say than the finding itself does. */
    public static String of(Analysis analysis, Finding finding) {
        return switch (finding.need()) {
            case MEMORY -> {
                Step step = analysis.graph().blocks().get(finding.block()).steps().get(finding.step());
                MemoryAccess access = Operands.access(step.instruction());
                yield access == null ? null : forAccess(analysis.maps(), finding.known(), access.offset(), access.bytes());
            }
            case ARGUMENT -> forArgument(analysis.maps(), finding.known());
            case WRITTEN -> "give the variable a value where it is declared";
            case RESULT -> "return one of XDP_ABORTED, XDP_DROP, XDP_PASS, XDP_TX and XDP_REDIRECT";
            case REFERENCE, LOOP -> null;
        };
    }

    /** For {@code size} bytes at {@code base + offset}; null when there is nothing to say. */
    static String forAccess(MapTable maps, Value base, long offset, long size) {
        if (isNullable(base)) {
            return "test the pointer" + from(base) + " for NULL first" + TEST_NULL;
        }
        if (base.isOnly(Kind.PACKET)) {
            return "compare the end of what is read or written with data_end first: `if (" +
                            (base.min() == base.max() ? "data + " + (base.min() + offset + size)
                            : "(void *)p + " + (offset + size)) + " > data_end) return XDP_DROP;`" +
                            (base.max() > 0xffff ? ", and bound what is added to the pointer before: `& 0xff`, or a comparison" : "");
        }
        if (base.isOnly(Kind.MAP_VALUE)) {
            return inMap(maps, base, offset, size);
        }
        if (base.isOnly(Kind.STACK)) {
            return "bound the index into the array on the stack, with `& 15` or a comparison";
        }
        if (base.isOnly(Kind.SCALAR)) {
            return "use a pointer that the context, a map lookup or the stack gave: one that went through other memory, or that the packet moved " +
                            "away from, is a number";
        }
        if (base.isOnly(Kind.CONTEXT)) {
            return "read one whole field of struct xdp_md, such as ctx->data";
        }
        return base.isOnly(Kind.MAP) ? "look the value up first: `bpf_map_lookup_elem(&map, &key)`" : null;
    }

    private static boolean isNullable(Value value) {
        return value.may(Kind.NULL) && value.kindSet().size() == 2 && value.mayBePointer();
    }

    private static String from(Value base) {
        return base.may(Kind.MAP_VALUE) ? " that bpf_map_lookup_elem returned" : base.may(Kind.RECORD) ? " that bpf_ringbuf_reserve returned"
                        : base.may(Kind.PACKET_SLICE) ? " that bpf_dynptr_slice returned" : "";
    }

    private static String inMap(MapTable maps, Value base, long offset, long size) {
        if (!base.hasOneMap()) {
            return "bound the offset into the map's value, with `& 15` or a comparison";
        }
        MapSpec map = maps.maps().get(base.map());
        long room = map.valueSize() - size - offset;
        if (room < 0) {
            return "read or write inside the " + map.valueSize() + " bytes that a value of map '" + maps.nameOf(base.map()) +
                            "' has, or make them more";
        }
        return base.min() == base.max() ? "take BPF_F_RDONLY_PROG or BPF_F_WRONLY_PROG out of the map's flags, or leave the access out"
                        : "bound the index into the value of map '" + maps.nameOf(base.map()) + "', with `& 15` or a comparison, to at most " + room +
                        " bytes";
    }

    private static String forArgument(MapTable maps, Value given) {
        if (isNullable(given)) {
            return "test the pointer" + from(given) + " for NULL before the call" + TEST_NULL;
        }
        if (given.isOnly(Kind.SCALAR) && !given.isConstant()) {
            return "bound the number before the call, with `& 0xff` or comparisons with its smallest and its largest value";
        }
        if (given.isOnly(Kind.PACKET)) {
            return "compare the end of what the call uses with data_end first";
        }
        return given.isOnly(Kind.MAP_VALUE) ? inMap(maps, given, 0, 0) : null;
    }
}
