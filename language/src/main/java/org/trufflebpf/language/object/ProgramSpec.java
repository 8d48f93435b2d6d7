package org.trufflebpf.language.object;

import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import org.trufflebpf.language.isa.MapReference;

/**
 * A program of an object file, linked: the main function from slot 0, then every function that it calls, with call targets, CO-RE
 * relocations and constants patched in. Plain data.
 *
 * @param name the function's symbol
 * @param section the section it came from
 * @param code instructions, eight bytes a slot, little-endian; callers must not change the array
 * @param references by slot: the 64-bit constants that are maps or values of maps
 * @param functions where each function starts, by slot, ascending; the main function first
 * @param lines C lines, ascending by slot; a line holds until the next one's slot
 * @param kfuncs by slot: names of kernel functions called
 */
public record ProgramSpec(String name, String section, byte[] code, Map<Integer, MapReference> references, List<Function> functions, List<Line> lines,
        Map<Integer, String> kfuncs) {

    /**
     * The helper that instructions "call" which need a type, field or enumerator that the target does not have. No helper has this number (libbpf
     * uses the same), so a program that can reach such an instruction must be rejected; in dead code it is harmless.
     */
    public static final int UNRESOLVED_HELPER = 0xbad2310;

    /** @param slot its first slot */
    public record Function(int slot, String name) {
    }

    /**
     * @param slot the first slot that the line made
     * @param file as the compiler wrote it
     * @param line from 1, 0 when not known: some instructions come from no line
     * @param column from 1, 0 when not known
     * @param text the source line, maybe empty
     */
    public record Line(int slot, String file, int line, int column, String text) {
        /** Whether both are of one line of a file. */
        public boolean isSameAs(Line other) {
            return line == other.line && file.equals(other.file);
        }
    }

    /** What a program can be attached to: the kernel's expected_attach_type. */
    public enum Attachment {
        INTERFACE, DEVICE_MAP, CPU_MAP
    }

    /** As libbpf reads sections: {@code xdp/devmap}, {@code xdp.frags/cpumap}, the older {@code xdp_devmap/NAME}; all others are for interfaces. */
    public Attachment attachment() {
        if (section.matches("xdp(\\.frags)?/devmap|xdp_devmap(/.*)?")) {
            return Attachment.DEVICE_MAP;
        }
        return section.matches("xdp(\\.frags)?/cpumap|xdp_cpumap(/.*)?") ? Attachment.CPU_MAP : Attachment.INTERFACE;
    }

    /**
     * Whether it is made for packets of several buffers (BPF_F_XDP_HAS_FRAGS), as libbpf reads sections: {@code xdp.frags}, {@code xdp.frags/devmap}.
     */
    public boolean handlesFragments() {
        return section.matches("xdp\\.frags(/.*)?");
    }

    public ProgramSpec {
        references = Map.copyOf(references);
        functions = List.copyOf(functions);
        lines = List.copyOf(lines);
        kfuncs = Map.copyOf(kfuncs);
    }

    /** A program of bare code, without functions, lines or a section. */
    public static ProgramSpec of(String name, byte[] code, Map<Integer, MapReference> references) {
        return new ProgramSpec(name, "xdp", code, references, List.of(new Function(0, name)), List.of(), Map.of());
    }

    /** The C line of {@code slot}, or null. */
    public Line lineAt(int slot) {
        int index = lineIndex(slot);
        return index < 0 ? null : lines.get(index);
    }

    /** The same as an index of {@link #lines}, or -1. */
    public int lineIndex(int slot) {
        return lastUpTo(slot, lines.size(), index -> lines.get(index).slot());
    }

    /** The function that holds {@code slot}. */
    public Function functionAt(int slot) {
        return functions.get(Math.max(0, lastUpTo(slot, functions.size(), index -> functions.get(index).slot())));
    }

    /** The last of {@code count} indexes whose slot is not above {@code slot}; -1 if there is none. */
    private static int lastUpTo(int slot, int count, IntUnaryOperator slotOf) {
        int found = -1;
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (slotOf.applyAsInt(middle) <= slot) {
                found = middle;
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return found;
    }
}
