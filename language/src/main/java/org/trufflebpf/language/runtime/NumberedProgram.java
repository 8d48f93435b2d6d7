package org.trufflebpf.language.runtime;

/** A program as a value that program arrays take. */
public interface NumberedProgram {
    /** Its number in the instance's {@link Namespace}. */
    int number();
}
