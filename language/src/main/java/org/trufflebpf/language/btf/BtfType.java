package org.trufflebpf.language.btf;

import java.util.List;

/**
 * A type as the BPF Type Format describes it (Documentation/bpf/btf.rst of Linux). Other types are named by their ids in the same {@link Btf};
 * id 0 is {@code void}. A name that is not there is the empty string.
 */
public sealed interface BtfType {

    default String name() {
        return "";
    }

    /** A type that is only another way to write its target: it has the target's size and layout. */
    sealed interface Alias extends BtfType {
        int target();
    }

    record Void() implements BtfType {
    }

    /**
     * @param size bytes
     * @param bits how many of them count; {@code 8 * size} but for bit-fields of old compilers
     * @param bitOffset where these bits start; 0 but for bit-fields of old compilers
     */
    record Int(String name, int size, int bits, int bitOffset, boolean signed, boolean character, boolean bool) implements BtfType {
    }

    record Float(String name, int size) implements BtfType {
    }

    record Pointer(int target) implements BtfType {
    }

    /** @param count elements; 0 for a flexible array */
    record Array(int element, int index, long count) implements BtfType {
    }

    /**
     * A struct or a union.
     *
     * @param size bytes
     */
    record Composite(String name, boolean union, long size, List<Member> members) implements BtfType {
    }

    /**
     * @param name empty for an anonymous struct or union
     * @param bitOffset from the start of the struct, in bits of the little-endian memory order
     * @param bitSize width of a bit-field, 0 for any other member
     */
    record Member(String name, int type, long bitOffset, int bitSize) {
    }

    /**
     * An enum (kinds ENUM and ENUM64).
     *
     * @param size bytes
     */
    record Enumeration(String name, int size, boolean signed, List<Enumerator> values) implements BtfType {
    }

    /** @param value extended to 64 bits by the sign of the enum */
    record Enumerator(String name, long value) {
    }

    record Forward(String name, boolean union) implements BtfType {
    }

    record Typedef(String name, int target) implements Alias {
    }

    record Qualified(Qualifier qualifier, int target) implements Alias {
    }

    enum Qualifier {
        VOLATILE, CONST, RESTRICT
    }

    /** A {@code btf_type_tag}, as {@code __kptr}. */
    record TypeTag(String name, int target) implements Alias {
    }

    /** @param component the member or parameter that the tag is on, -1 for the target itself */
    record DeclarationTag(String name, int target, int component) implements BtfType {
    }

    record Function(String name, int prototype, Linkage linkage) implements BtfType {
    }

    /** @param parameters a last one of type 0 stands for {@code ...} */
    record FunctionPrototype(int result, List<Parameter> parameters) implements BtfType {
    }

    record Parameter(String name, int type) {
    }

    record Variable(String name, int type, Linkage linkage) implements BtfType {
    }

    enum Linkage {
        STATIC, GLOBAL, EXTERN
    }

    /**
     * The variables of a section of the object file.
     *
     * @param size bytes
     */
    record DataSection(String name, long size, List<Placement> variables) implements BtfType {
    }

    /**
     * @param variable id of a {@link Variable} (of a {@link Function} in the section of kernel functions)
     * @param offset bytes from the start of the section
     * @param size bytes
     */
    record Placement(int variable, long offset, long size) {
    }
}
