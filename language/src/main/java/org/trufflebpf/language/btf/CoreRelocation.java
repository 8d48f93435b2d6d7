package org.trufflebpf.language.btf;

/**
 * A constant of an instruction that depends on the types of the kernel that runs it ("compile once, run everywhere").
 *
 * @param offset bytes of the instruction from the start of its section
 * @param type the type that the access starts from
 * @param access what is accessed: indices divided by colons, the first over an array of the type, the others over members and elements
 */
public record CoreRelocation(int offset, int type, String access, Kind kind) {

    /** In the order of the kernel's enum bpf_core_relo_kind. */
    public enum Kind {
        FIELD_BYTE_OFFSET, FIELD_BYTE_SIZE, FIELD_EXISTS, FIELD_SIGNED, FIELD_LSHIFT_U64, FIELD_RSHIFT_U64, TYPE_ID_LOCAL, TYPE_ID_TARGET,
        TYPE_EXISTS, TYPE_SIZE, ENUMVAL_EXISTS, ENUMVAL_VALUE, TYPE_MATCHES;

        boolean isField() {
            return compareTo(FIELD_RSHIFT_U64) <= 0;
        }

        boolean isEnumerator() {
            return this == ENUMVAL_EXISTS || this == ENUMVAL_VALUE;
        }

        boolean isType() {
            return !isField() && !isEnumerator();
        }
    }
}
