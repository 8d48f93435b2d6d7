package org.trufflebpf.tck;

import static org.junit.Assert.assertEquals;

import org.graalvm.polyglot.Engine;
import org.junit.Test;

public class CompilerTest {
    /** Without the flags of launcher/jvm.flags the TCK passes too, but nothing is ever compiled. */
    @Test
    public void theTckRunsWithTheCompiler() {
        try (Engine engine = Engine.create()) {
            assertEquals("GraalVM CE", engine.getImplementationName());
        }
    }
}
