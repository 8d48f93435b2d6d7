package org.trufflebpf.language;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.IOAccess;
import org.junit.jupiter.api.Test;
import org.trufflebpf.language.runtime.EbpfException;
import org.trufflebpf.language.runtime.Instance;
import org.trufflebpf.language.verifier.Entry;
import org.trufflebpf.language.verifier.Safety;

/** Contexts of one engine share what depends on the object only. */
final class SharedEngineTest {
    private static final String PROGRAM = "xdp_map_access";
    /** The program counts any. */
    private static final byte[] PACKET = new byte[64];

    private static Instance onlyInstance(Context context) {
        context.enter();
        try {
            assertEquals(1, EbpfLanguage.context().instances().size());
            return EbpfLanguage.context().instances().iterator().next();
        } finally {
            context.leave();
        }
    }

    private static Value evaluate(Context context) {
        return context.eval(Objects.source(PROGRAM));
    }

    /** Packets that the program processed on CPU 0, which is where packets that come alone are processed. */
    private static long counted(Value object) {
        return object.getMember("maps").getMember("cntrs_array").getArrayElement(0).getArrayElement(0).asLong();
    }

    @Test
    void contextsShareObjectAndProofButNoMaps() {
        try (Engine engine = Engine.create();
                        Context one = Objects.context().engine(engine).build();
                        Context other = Objects.context().engine(engine).build()) {
            Value first = evaluate(one);
            Value second = evaluate(other);
            assertEquals(0, counted(first));
            first.getMember("programs").getMember(PROGRAM).execute((Object) PACKET.clone());
            assertEquals(1, counted(first));
            assertEquals(0, counted(second));
            second.getMember("programs").getMember(PROGRAM).execute((Object) PACKET.clone());
            assertEquals(1, counted(second));

            Instance firstInstance = onlyInstance(one);
            Instance secondInstance = onlyInstance(other);
            assertNotSame(firstInstance, secondInstance);
            assertSame(firstInstance.object(), secondInstance.object());
            assertSame(firstInstance.object().program(PROGRAM, Entry.XDP, Safety.GRADUATED),
                            secondInstance.object().program(PROGRAM, Entry.XDP, Safety.GRADUATED));
            assertNotSame(firstInstance.maps().getFirst(), secondInstance.maps().getFirst());
        }
    }

    @Test
    void aParsedObjectIsInstantiatedAtEachExecution() {
        try (Context context = Objects.context().build()) {
            Value parsed = context.parse(Objects.source(PROGRAM));
            Value first = parsed.execute();
            Value second = parsed.execute();
            first.getMember("programs").getMember(PROGRAM).execute((Object) PACKET.clone());
            assertEquals(1, counted(first));
            assertEquals(0, counted(second));
        }
    }

    @Test
    void otherTargetTypesAreParsedAnew() {
        try (Engine engine = Engine.create();
                        Context one = Objects.context().engine(engine).build();
                        Context other = Objects.context().engine(engine).allowIO(IOAccess.ALL)
                                        .option("ebpf.TargetBtf", "src/test/resources/objects/core_target.btf").build()) {
            evaluate(one);
            evaluate(other);
            assertNotSame(onlyInstance(one).object(), onlyInstance(other).object());
        }
    }

    @Test
    void instancesAreClosedWithTheirContext() {
        Instance instance;
        Value program;
        try (Engine engine = Engine.create(); Context other = Objects.context().engine(engine).build()) {
            try (Context context = Objects.context().engine(engine).build()) {
                program = evaluate(context).getMember("programs").getMember(PROGRAM);
                program.execute((Object) PACKET.clone());
                instance = onlyInstance(context);
            }
            assertThrows(IllegalStateException.class, () -> program.execute((Object) PACKET.clone()));
            assertEquals("program 'xdp_map_access' is closed", assertThrows(EbpfException.class, () -> instance.program(PROGRAM)).getMessage());
            evaluate(other).getMember("programs").getMember(PROGRAM).execute((Object) PACKET.clone());
        }
    }

    /** A context that is cancelled while a program runs: the program ends, and nothing of the context is left. */
    @Test
    void cancellingStopsARunningProgram() throws InterruptedException {
        String endless = """
                .program endless
                    r2 = *(u32 *)(r1 + 12)
                next:
                    if r2 == 1 goto next
                    r0 = 2
                    exit
                """;
        Context context = Objects.context().option("ebpf.MaxLoopIterations", Long.toString(Long.MAX_VALUE)).build();
        Value program = context.eval(EbpfLanguage.ID, endless).getMember("programs").getMember("endless");
        PolyglotException[] ended = new PolyglotException[1];
        Thread thread = Thread.ofPlatform().start(() -> ended[0] = assertThrows(PolyglotException.class, () -> program.execute((Object) PACKET)));
        Thread.sleep(200);
        context.close(true);
        thread.join(20_000);
        assertTrue(ended[0] != null && ended[0].isCancelled(), "still running, or ended otherwise: " + ended[0]);
    }
}
