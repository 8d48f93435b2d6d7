package org.trufflebpf.language.btf;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;

/**
 * The type information of an object file or of a kernel. Types have ids from 0, which is void, to {@code count() - 1}. Immutable, for any thread;
 * types are read when they are first asked for, so that the hundred thousand types of a kernel cost little.
 */
public final class Btf {
    /** Longer chains of typedefs, qualifiers and arrays (a cycle, too) end as void. */
    private static final int MAX_CHAIN = 64;

    private final BtfReader reader;
    private final BtfType[] types;
    private volatile Map<Key, int[]> index;
    private volatile Map<Key, int[]> essentialIndex;

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
        int at = id;
        long count = 1;
        for (int i = 0; i < MAX_CHAIN; i++) {
            switch (resolve(at)) {
                case BtfType.Array array -> {
                    count = saturatedProduct(count, array.count());
                    at = array.element();
                }
                case BtfType.Variable variable -> at = variable.type();
                case BtfType.Int type -> {
                    return saturatedProduct(count, type.size());
                }
                case BtfType.Float type -> {
                    return saturatedProduct(count, Integer.toUnsignedLong(type.size()));
                }
                case BtfType.Enumeration type -> {
                    return saturatedProduct(count, Integer.toUnsignedLong(type.size()));
                }
                case BtfType.Composite type -> {
                    return saturatedProduct(count, type.size());
                }
                case BtfType.Pointer _ -> {
                    return saturatedProduct(count, Long.BYTES);
                }
                case BtfType.DataSection type -> {
                    return type.size();
                }
                case BtfType.Void _, BtfType.Alias _, BtfType.Forward _, BtfType.Function _, BtfType.FunctionPrototype _,
                        BtfType.DeclarationTag _ -> {
                    return -1;
                }
            }
        }
        return -1;
    }

    private static long saturatedProduct(long a, long b) {
        return Math.multiplyHigh(a, b) != 0 || a * b < 0 ? Long.MAX_VALUE : a * b;
    }

    /** The first type of this name and class. */
    public OptionalInt find(String name, Class<? extends BtfType> kind) {
        Map<Key, int[]> names = index;
        if (names == null) {
            names = indexBy(UnaryOperator.identity());
            index = names;
        }
        int[] found = names.get(new Key(kind, name));
        return found == null ? OptionalInt.empty() : OptionalInt.of(found[0]);
    }

    /** All types of this class whose names without flavours are the same, ascending; callers must not change the array. */
    int[] candidates(String essentialName, Class<? extends BtfType> kind) {
        Map<Key, int[]> names = essentialIndex;
        if (names == null) {
            names = indexBy(Btf::essentialName);
            essentialIndex = names;
        }
        return names.getOrDefault(new Key(kind, essentialName), new int[0]);
    }

    private record Key(Class<? extends BtfType> kind, String name) {
    }

    private Map<Key, int[]> indexBy(UnaryOperator<String> form) {
        // Lists are sized by counting first, so that a hundred thousand types of one name cost no more than others.
        Map<Key, int[]> counts = new HashMap<>();
        Key[] keys = new Key[count()];
        for (int id = 1; id < keys.length; id++) {
            String name = reader.name(id);
            if (!name.isEmpty()) {
                keys[id] = new Key(reader.kindClass(id), form.apply(name));
                counts.computeIfAbsent(keys[id], _ -> new int[1])[0]++;
            }
        }
        Map<Key, int[]> ids = HashMap.newHashMap(counts.size());
        for (int id = 1; id < keys.length; id++) {
            if (keys[id] != null) {
                int[] missing = counts.get(keys[id]);
                int[] list = ids.computeIfAbsent(keys[id], _ -> new int[missing[0]]);
                list[list.length - missing[0]--] = id;
            }
        }
        return ids;
    }

    /** The name without its flavour: {@code iphdr} of {@code iphdr___old}. */
    static String essentialName(String name) {
        for (int i = name.length() - 5; i >= 0; i--) {
            if (name.charAt(i) != '_' && name.startsWith("___", i + 1) && name.charAt(i + 4) != '_') {
                return name.substring(0, i + 1);
            }
        }
        return name;
    }
}
