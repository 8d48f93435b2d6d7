package org.trufflebpf.language.object;

/**
 * A function of an executable section.
 *
 * @param start its first slot in the section
 * @param end the slot after its last one
 * @param global whether other files can name it
 */
record CodeFunction(CodeSection section, String name, int start, int end, boolean global) {
    int size() {
        return end - start;
    }
}
