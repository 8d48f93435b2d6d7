package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.RootCallTarget;

/** The programs of an instance by number, as program arrays name them. */
public interface TailCallTargets {
    /** The program's call target. Only numbers that a program array of the instance holds are asked for. */
    RootCallTarget target(int program);

    /** The programs that program arrays hold now: those worth a call of their own in the machine code. */
    int[] current();
}
