package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.oracle.truffle.api.Truffle;
import org.junit.jupiter.api.Test;

class GraalRuntimeTest {
    /** Without the flags of launcher/jvm.flags everything else passes too, but nothing is ever compiled. */
    @Test
    void theSuiteRunsWithTheCompiler() {
        assertEquals("GraalVM CE", Truffle.getRuntime().getName());
    }
}
