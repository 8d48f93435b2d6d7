package org.trufflebpf.language.btf;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * The type information of an object file or of a kernel. Types have ids from 0, which is void, to {@code count() - 1}. Immutable, for any thread;
 * types are read when they are first asked for, so that the hundred thousand types of a kernel cost little.
 */
public final class Btf {
    /** Longer chains of typedefs and qualifiers (a cycle, too) end as void. */
    private static final int MAX_CHAIN = 64;

    private final BtfReader reader;
    private final BtfType[] types;
    private volatile Index index;
    private volatile Index essentialIndex;

    private Btf(BtfReader reader, BtfType[] types) {
        this.reader = reader;
        this.types = types;
    }

    /**
     * Reads the content of a {@code .BTF} section or of {@code /sys/kernel/btf/vmlinux}, little-endian. The caller must not change {@code bytes}
     * afterwards.
     *
     * @throws MalformedBtfException if they are anything else
     */
    public static Btf parse(byte[] bytes) throws MalformedBtfException {
        BtfReader reader = new BtfReader(bytes);
        return new Btf(reader, new BtfType[reader.count()]);
    }

    /** The types of the kernel's stable interface that XDP programs touch: what programs are relocated against unless another target is named. */
    public static Btf builtIn() {
        return BuiltIn.BTF;
    }

    private static final class BuiltIn {
        static final Btf BTF = load();

        private static Btf load() {
            try (InputStream stream = Btf.class.getResourceAsStream("target.btf")) {
                return parse(stream.readAllBytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (MalformedBtfException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** The same types, but those of the given ids. */
    public Btf replacing(Map<Integer, ? extends BtfType> replacements) {
        BtfType[] replaced = types.clone();
        replacements.forEach((id, type) -> replaced[id] = type);
        return new Btf(reader, replaced);
    }

    /** Types including void. */
    public int count() {
        return types.length;
    }

    /** @throws IndexOutOfBoundsException if there is no such type; ids that a type of this object holds always exist */
    public BtfType type(int id) {
        BtfType type = types[id];
        if (type == null) {
            type = reader.read(id);
            types[id] = type;
        }
        return type;
    }

    /** The strings of the types, which the extension section uses too. */
    StringTable strings() {
        return reader.strings();
    }

    /** The type behind typedefs, qualifiers and type tags. */
    public BtfType resolve(int id) {
        return type(resolveId(id));
    }

    /** The id of {@link #resolve}. */
    public int resolveId(int id) {
        int at = id;
        for (int i = 0; i < MAX_CHAIN; i++) {
            if (!(type(at) instanceof BtfType.Alias alias)) {
                return at;
            }
            at = alias.target();
        }
        return 0;
    }

    /** Bytes that a value takes, at most {@code Long.MAX_VALUE}; -1 for what has no size: void, functions, forward declarations. */
    public long sizeOf(int id) {
        return type(id) instanceof BtfType.DataSection section ? section.size() : reader.sizeOf(id);
    }

    /** Where the first member that is a struct of this name lies in a struct, or the first variable in a section, in bytes. */
    public OptionalInt offsetOf(int id, String structName) {
        if (type(id) instanceof BtfType.DataSection section) {
            return section.variables().stream()
                            .filter(placement -> type(placement.variable()) instanceof BtfType.Variable it && isStruct(it.type(), structName))
                            .mapToInt(placement -> (int) Math.min(placement.offset(), Integer.MAX_VALUE)).findFirst();
        }
        if (resolve(id) instanceof BtfType.Composite outer && !outer.union()) {
            for (BtfType.Member member : outer.members()) {
                if (isStruct(member.type(), structName) && member.bitOffset() / 8 <= Integer.MAX_VALUE) {
                    return OptionalInt.of((int) (member.bitOffset() / 8));
                }
            }
        }
        return OptionalInt.empty();
    }

    private boolean isStruct(int id, String name) {
        return resolve(id) instanceof BtfType.Composite composite && composite.name().equals(name);
    }

    /** The first type of this name and class. */
    public OptionalInt find(String name, Class<? extends BtfType> kind) {
        Index names = index;
        if (names == null) {
            names = new Index(reader, UnaryOperator.identity());
            index = names;
        }
        int found = names.first(name, kind);
        return found == 0 ? OptionalInt.empty() : OptionalInt.of(found);
    }

    /** All types of this class whose names without flavours are the same, ascending. */
    IntStream candidates(String essentialName, Class<? extends BtfType> kind) {
        Index names = essentialIndex;
        if (names == null) {
            names = new Index(reader, Btf::essentialName);
            essentialIndex = names;
        }
        return IntStream.iterate(names.first(essentialName, kind), id -> id != 0, names::next);
    }

    /** Ids by class and name. Types of one name are chained, so that finding them is quick however many there are. */
    private static final class Index {
        private final Map<Class<? extends BtfType>, Map<String, Integer>> first = new HashMap<>();
        private final int[] next;

        Index(BtfReader reader, UnaryOperator<String> form) {
            next = new int[reader.count()];
            for (int id = next.length - 1; id > 0; id--) {
                String name = reader.name(id);
                if (!name.isEmpty()) {
                    Integer later = first.computeIfAbsent(reader.kindClass(id), _ -> new HashMap<>()).put(form.apply(name), id);
                    next[id] = later == null ? 0 : later;
                }
            }
        }

        /** 0 when there is none. */
        int first(String name, Class<? extends BtfType> kind) {
            return first.getOrDefault(kind, Map.of()).getOrDefault(name, 0);
        }

        /** The next type of the same name and class, 0 when there is none. */
        int next(int id) {
            return next[id];
        }
    }

    /** The name without its flavour: {@code iphdr} of {@code iphdr___old}. */
    static String essentialName(String name) {
        if (!name.contains("___")) {
            return name;
        }
        for (int i = name.length() - 5; i >= 0; i--) {
            if (name.charAt(i) != '_' && name.startsWith("___", i + 1) && name.charAt(i + 4) != '_') {
                return name.substring(0, i + 1);
            }
        }
        return name;
    }
}
