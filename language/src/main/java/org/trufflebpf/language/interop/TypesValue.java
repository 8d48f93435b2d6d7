package org.trufflebpf.language.interop;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.trufflebpf.language.btf.Btf;
import org.trufflebpf.language.btf.BtfPrinter;
import org.trufflebpf.language.btf.BtfType;

/**
 * The types of an object by the names that C uses for them: {@code struct iphdr}, {@code enum xdp_action}, {@code __u32}. Of several with the same
 * name the first; those without a name are found where they are used. Empty for an object without BTF.
 */
final class TypesValue extends ValueWithMembers {
    private static final MetaObject KIND = new MetaObject("types", TypesValue.class);

    private final Btf btf;
    private Map<String, Object> members;

    /** @param btf null for an object without types */
    TypesValue(Btf btf) {
        this.btf = btf;
    }

    /** Read when first asked for, which few users do. */
    @Override
    protected synchronized Map<String, Object> members() {
        if (members == null) {
            Map<String, Object> types = new LinkedHashMap<>();
            for (int id = 1; btf != null && id < btf.count(); id++) {
                String prefix = prefix(btf.type(id));
                if (prefix != null && !btf.type(id).name().isEmpty()) {
                    types.putIfAbsent(prefix + btf.type(id).name(), new TypeValue(btf, id));
                }
            }
            members = Collections.unmodifiableMap(types);
        }
        return members;
    }

    /** What stands before the name in C, null for what is no type with a name. */
    private static String prefix(BtfType type) {
        return switch (type) {
            case BtfType.Composite struct -> struct.union() ? "union " : "struct ";
            case BtfType.Enumeration enumeration -> "enum ";
            case BtfType.Int number -> "";
            case BtfType.Float number -> "";
            case BtfType.Typedef typedef -> "";
            default -> null;
        };
    }

    @Override
    protected MetaObject kind() {
        return KIND;
    }

    @Override
    protected String describe() {
        return btf == null ? "no types" : "types: " + members().size() + " with names";
    }

    /** A type with its name, its size in bytes, and its definition in C. */
    private static final class TypeValue extends ValueWithMembers {
        private static final MetaObject KIND = new MetaObject("type", TypeValue.class);

        private final Btf btf;
        private final int id;

        TypeValue(Btf btf, int id) {
            this.btf = btf;
            this.id = id;
        }

        @Override
        protected Map<String, Object> members() {
            Map<String, Object> members = new LinkedHashMap<>();
            members.put("name", btf.type(id).name());
            members.put("size", btf.sizeOf(id));
            members.put("definition", new BtfPrinter(btf).definition(id));
            return members;
        }

        @Override
        protected MetaObject kind() {
            return KIND;
        }

        @Override
        protected String describe() {
            return new BtfPrinter(btf).declaration(id, "");
        }
    }
}
