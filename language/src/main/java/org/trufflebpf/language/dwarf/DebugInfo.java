package org.trufflebpf.language.dwarf;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.trufflebpf.language.btf.Btf;

/**
 * The C variables of an object's functions, as DWARF 2 to 5 describes them. It may come from anyone: time and memory are bounded by its size, and no
 * address is read that {@link Machine#read} does not allow. Immutable once read; for any thread.
 */
public final class DebugInfo {
    private static final int INSTRUCTION_BYTES = 8;

    private final Entries entries;
    /** By name; null where two functions have one. */
    private final Map<String, Entry> functions = new HashMap<>();
    private final Map<Entry, Integer> types = new HashMap<>();
    private final Btf btf;

    /**
     * What one function declares, as far as it can be seen from an instruction.
     *
     * @param function the function's name; it may be inlined in the next scope's
     * @param variables each name once, the innermost one of that name
     */
    public record Scope(String function, List<Variable> variables) {
    }

    /** A variable or parameter at one instruction. */
    public final class Variable {
        private final String name;
        private final int type;
        private final Entry entry;
        private final byte[] frameBase;
        private final int frameBytes;
        private final byte[] location;
        private final Long constant;

        private Variable(String name, int type, Entry entry, byte[] frameBase, int frameBytes, byte[] location, Long constant) {
            this.name = name;
            this.type = type;
            this.entry = entry;
            this.frameBase = frameBase;
            this.frameBytes = frameBytes;
            this.location = location;
            this.constant = constant;
        }

        public String name() {
            return name;
        }

        /** In {@link #types}. */
        public int type() {
            return type;
        }

        /** Its bytes, as many as its type has, little-endian; null where the compiler has left no trace of it. */
        public byte[] value(Machine machine) {
            long size = btf.sizeOf(type);
            if (size < 1 || size > Short.MAX_VALUE) {
                return null;
            }
            if (constant != null) {
                byte[] bytes = new byte[(int) size];
                for (int i = 0; i < bytes.length; i++) {
                    bytes[i] = (byte) (constant >> Math.min(8 * i, Long.SIZE - 1));
                }
                return bytes;
            }
            try {
                return location == null ? null
                                : new Expression(entry.unit(), entries::at, frameBase, frameBytes, machine).value(location, (int) size);
            } catch (MalformedDwarfException e) {
                return null;
            }
        }
    }

    private DebugInfo(Entries entries) throws MalformedDwarfException {
        this.entries = entries;
        DwarfTypes converter = new DwarfTypes(entries);
        Deque<Entry> all = new ArrayDeque<>(entries.roots());
        for (Entry entry = all.poll(); entry != null; entry = all.poll()) {
            all.addAll(entry.children());
            if (entry.tag() == Code.TAG_VARIABLE || entry.tag() == Code.TAG_FORMAL_PARAMETER) {
                types.put(entry, converter.typeOf(origin(entry)));
            } else if (entry.tag() == Code.TAG_SUBPROGRAM && entry.hasAddress(Code.AT_LOW_PC)) {
                functions.merge(origin(entry).text(Code.AT_NAME), entry, (one, other) -> null);
            }
        }
        this.btf = converter.convert();
    }

    /** @throws MalformedDwarfException if it is broken, or of a form that clang does not write for BPF */
    public static DebugInfo read(DwarfSections sections) throws MalformedDwarfException {
        return new DebugInfo(Entries.read(sections));
    }

    /** The types of all variables. */
    public Btf types() {
        return btf;
    }

    /**
     * What can be seen from an instruction, the innermost function first; none where nothing is known.
     *
     * @param function the one that has the instruction
     * @param slot of the instruction, from the function's first one
     * @param frameBytes that the function uses of its stack frame: clang counts places on the stack from the lowest of them
     */
    public List<Scope> scopesAt(String function, int slot, int frameBytes) {
        Entry subprogram = functions.get(function);
        if (subprogram == null) {
            return List.of();
        }
        try {
            List<Scope> scopes = new ArrayList<>();
            long pc = subprogram.address(Code.AT_LOW_PC) + (long) INSTRUCTION_BYTES * slot;
            byte[] frameBase = subprogram.get(Code.AT_FRAME_BASE) instanceof Attribute.Block(byte[] expression) ? expression : null;
            Entry next = subprogram;
            while (next != null) {
                Function found = new Function(pc, frameBase, frameBytes);
                found.collect(next);
                scopes.addFirst(new Scope(origin(next).text(Code.AT_NAME), found.variables()));
                next = found.inlined;
            }
            return scopes;
        } catch (MalformedDwarfException e) {
            return List.of();
        }
    }

    /** What an entry is a copy of, which has the name and the type; itself if it is none. */
    private Entry origin(Entry entry) {
        Entry origin = entry;
        for (int hops = 0; hops < 4; hops++) {
            Entry more = entries.at(Math.max(origin.reference(Code.AT_ABSTRACT_ORIGIN), origin.reference(Code.AT_SPECIFICATION)));
            if (more == null) {
                break;
            }
            origin = more;
        }
        return origin;
    }

    /** The blocks of one function around an instruction, from the outside in. */
    private final class Function {
        private final long pc;
        private final byte[] frameBase;
        private final int frameBytes;
        private final Deque<Variable> found = new ArrayDeque<>();
        private Entry inlined;

        Function(long pc, byte[] frameBase, int frameBytes) {
            this.pc = pc;
            this.frameBase = frameBase;
            this.frameBytes = frameBytes;
        }

        void collect(Entry outermost) throws MalformedDwarfException {
            Entry block = outermost;
            while (block != null) {
                Entry inner = null;
                List<Variable> declared = new ArrayList<>();
                for (Entry child : block.children()) {
                    switch (child.tag()) {
                        case Code.TAG_VARIABLE, Code.TAG_FORMAL_PARAMETER -> declare(child, declared);
                        case Code.TAG_LEXICAL_BLOCK -> inner = child.contains(pc) ? child : inner;
                        case Code.TAG_INLINED_SUBROUTINE -> inlined = child.contains(pc) ? child : inlined;
                        default -> {
                            // Types and labels.
                        }
                    }
                }
                declared.reversed().forEach(found::addFirst);
                block = inner;
            }
        }

        private void declare(Entry entry, List<Variable> declared) throws MalformedDwarfException {
            Entry origin = origin(entry);
            String name = origin.text(Code.AT_NAME);
            if (!name.isEmpty()) {
                Attribute constant = entry.get(Code.AT_CONST_VALUE) == null ? origin.get(Code.AT_CONST_VALUE) : entry.get(Code.AT_CONST_VALUE);
                declared.add(new Variable(name, types.get(entry), entry, frameBase, frameBytes, entry.locationAt(pc),
                                constant instanceof Attribute.Number(long value) ? value : null));
            }
        }

        List<Variable> variables() {
            Set<String> names = new HashSet<>();
            return found.stream().filter(variable -> names.add(variable.name())).toList();
        }
    }
}
