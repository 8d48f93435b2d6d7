package org.trufflebpf.language.object;

/** What an object expects the kernel to define. */
sealed interface Extern {

    /** @param offset bytes into the map that holds the configuration */
    record KernelConfig(int offset) implements Extern {
    }

    record KernelFunction(String name) implements Extern {
    }

    /** A variable of the kernel: there is none outside a kernel. */
    record KernelVariable() implements Extern {
    }
}
