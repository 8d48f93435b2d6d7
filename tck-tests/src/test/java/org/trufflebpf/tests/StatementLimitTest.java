package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.ResourceLimits;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.junit.jupiter.api.Test;

/** An embedder's limit on the C lines that a context may run. */
class StatementLimitTest {
    private static final int LIMIT = 100;

    @Test
    void aContextEndsAtItsLimit() throws IOException {
        ResourceLimits limits = ResourceLimits.newBuilder().statementLimit(LIMIT, null).build();
        Context context = Context.newBuilder("ebpf").allowHostAccess(HostAccess.ALL).resourceLimits(limits).build();
        try {
            Source source = Source.newBuilder("ebpf", Command.DROP.toFile()).build();
            Value program = context.eval(source).getMember("programs").getMember("xdp_drop");
            byte[] frame = new byte[14];
            // Some lines each: what is not IPv4 is passed.
            assertEquals(2, program.execute((Object) frame).asInt());
            PolyglotException stopped = assertThrows(PolyglotException.class, () -> {
                for (int i = 0; i < LIMIT; i++) {
                    program.execute((Object) frame);
                }
            });
            assertTrue(stopped.isResourceExhausted(), stopped.toString());
            assertTrue(stopped.isCancelled(), stopped.toString());
        } finally {
            context.close(true);
        }
    }
}
