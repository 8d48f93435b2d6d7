package org.trufflebpf.language.object;

/**
 * A function of an executable section.
 *
 * @param start its first slot in the section
 * @param end the slot after its last one
 */
record CodeFunction(CodeSection section, String name, int start, int end) {
    int size() {
        return end - start;
    }
}
