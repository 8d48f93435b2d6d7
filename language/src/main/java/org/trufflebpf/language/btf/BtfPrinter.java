package org.trufflebpf.language.btf;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Writes types as C. Types with names are named where they are used; anonymous ones are written out. What a hostile file nests deeper, or makes
 * larger, than anyone would read ends in "...".
 */
public final class BtfPrinter {
    private static final int MAX_DEPTH = 32;
    /** Types written in one answer. */
    private static final int MAX_TYPES = 10_000;
    private static final String INDENT = "    ";
    private static final String CUT = "...";

    private final Btf btf;
    private int written;

    public BtfPrinter(Btf btf) {
        this.btf = btf;
    }

    /** The declaration of {@code name} as the type, without a semicolon: {@code __u8 table[4]}. An empty name gives the type alone. */
    public String declaration(int type, String name) {
        written = 0;
        return declare(type, name, 0);
    }

    /** The type with its members or values where it has some (typedefs are looked through), without a semicolon; else as {@link #declaration}. */
    public String definition(int type) {
        written = 0;
        return switch (btf.resolve(type)) {
            case BtfType.Composite struct -> composite(struct, "", 0);
            case BtfType.Enumeration enumeration -> enumeration(enumeration, "", 0);
            default -> declare(type, "", 0);
        };
    }

    /** C declarations read from the inside out: {@code inner} is what has been written around the name so far. */
    private String declare(int id, String inner, int depth) {
        if (depth == MAX_DEPTH || ++written > MAX_TYPES) {
            return CUT;
        }
        return switch (btf.type(id)) {
            case BtfType.Void _ -> join("void", inner);
            case BtfType.Int type -> join(type.name(), inner);
            case BtfType.Float type -> join(type.name(), inner);
            case BtfType.Typedef type -> join(type.name(), inner);
            case BtfType.Forward type -> join((type.union() ? "union " : "struct ") + type.name(), inner);
            case BtfType.Enumeration type -> type.name().isEmpty() ? enumeration(type, inner, depth) : join("enum " + type.name(), inner);
            case BtfType.Composite type -> type.name().isEmpty() ? composite(type, inner, depth) : join(keyword(type) + type.name(), inner);
            case BtfType.Pointer pointer -> declare(pointer.target(), bindsTighter(pointer.target()) ? "(*" + inner + ")" : "*" + inner, depth + 1);
            case BtfType.Array array -> declare(array.element(), inner + "[" + (array.count() == 0 ? "" : array.count()) + "]", depth + 1);
            case BtfType.FunctionPrototype prototype -> declare(prototype.result(), inner + parameters(prototype, depth), depth + 1);
            case BtfType.Qualified qualified -> {
                String word = switch (qualified.qualifier()) {
                    case CONST -> "const";
                    case VOLATILE -> "volatile";
                    case RESTRICT -> "restrict";
                };
                yield btf.type(qualified.target()) instanceof BtfType.Pointer ? declare(qualified.target(), join(word, inner), depth + 1)
                        : word + " " + declare(qualified.target(), inner, depth + 1);
            }
            case BtfType.TypeTag tag -> declare(tag.target(), inner, depth + 1);
            case BtfType.Variable variable -> declare(variable.type(), variable.name(), depth + 1);
            case BtfType.Function function -> declare(function.prototype(), function.name(), depth + 1);
            case BtfType.DeclarationTag tag -> declare(tag.target(), inner, depth + 1);
            case BtfType.DataSection section -> join(section.name(), inner);
        };
    }

    private boolean bindsTighter(int type) {
        return btf.type(type) instanceof BtfType.Array || btf.type(type) instanceof BtfType.FunctionPrototype;
    }

    private static String join(String word, String inner) {
        return inner.isEmpty() || inner.startsWith("[") ? word + inner : word + " " + inner;
    }

    private static String keyword(BtfType.Composite type) {
        return type.union() ? "union " : "struct ";
    }

    private String parameters(BtfType.FunctionPrototype prototype, int depth) {
        List<BtfType.Parameter> parameters = prototype.parameters();
        if (parameters.isEmpty()) {
            return "(void)";
        }
        return parameters.stream().map(parameter -> parameter.type() == 0 ? CUT : declare(parameter.type(), parameter.name(), depth + 1))
                .collect(Collectors.joining(", ", "(", ")"));
    }

    private String composite(BtfType.Composite type, String inner, int depth) {
        StringBuilder text = new StringBuilder(keyword(type)).append(type.name()).append(type.name().isEmpty() ? "{\n" : " {\n");
        for (BtfType.Member member : type.members()) {
            if (written > MAX_TYPES) {
                break;
            }
            text.append(INDENT).append(declare(member.type(), member.name(), depth + 1).replace("\n", "\n" + INDENT));
            if (member.bitSize() != 0) {
                text.append(" : ").append(member.bitSize());
            }
            text.append(";\n");
        }
        return join(text.append('}').toString(), inner);
    }

    private String enumeration(BtfType.Enumeration type, String inner, int depth) {
        StringBuilder text = new StringBuilder("enum ").append(type.name()).append(type.name().isEmpty() ? "{\n" : " {\n");
        for (BtfType.Enumerator value : type.values()) {
            if (++written > MAX_TYPES || depth == MAX_DEPTH) {
                break;
            }
            text.append(INDENT).append(value.name()).append(" = ")
                    .append(type.signed() ? Long.toString(value.value()) : Long.toUnsignedString(value.value())).append(",\n");
        }
        return join(text.append('}').toString(), inner);
    }
}
