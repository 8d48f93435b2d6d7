package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.language.EbpfContext;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.run.Surroundings;
import org.trufflebpf.language.runtime.Instance;
import org.trufflebpf.language.runtime.Program;
import org.trufflebpf.maps.MapFlags;
import org.trufflebpf.maps.UserRingMap;
import org.trufflebpf.tests.safety.EnteredContext;

/** What programs make of samples, which the packet tests cannot send; an empty ring is in drain.ptest. */
class DrainTest {
    private static final int EBUSY = 16;

    private static final class Drained implements AutoCloseable {
        private final EnteredContext context = new EnteredContext(1000);
        private final Instance instance;
        private final Program program;

        Drained(String name, boolean compiled) throws IOException {
            byte[] file = Files.readAllBytes(Project.TEST_PROGRAMS.resolve("helpers").resolve("drain.o"));
            ObjectSpec object = EbpfContext.machine().parse("drain.o", file);
            instance = (Instance) EbpfContext.machine().load(object, Surroundings.FIXED);
            program = instance.program(name);
            if (compiled) {
                assertTrue(program.compile(), "not compiled");
            }
        }

        UserRingMap ring(String name) {
            return (UserRingMap) instance.map(name);
        }

        void stopAt(long sum) {
            instance.map("arguments").put(key(1), words(sum), MapFlags.ANY);
        }

        List<Long> results(int count) throws IOException {
            program.singlePackets().run(new byte[60]);
            return IntStream.range(0, count).mapToObj(i -> ByteBuffer.wrap(instance.map("results").get(key(i))).order(ByteOrder.LITTLE_ENDIAN)
                    .getLong())
                            .toList();
        }

        @Override
        public void close() {
            instance.close();
            context.close();
        }
    }

    private static byte[] key(int index) {
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(index).array();
    }

    private static byte[] words(long... words) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long word : words) {
            bytes.putLong(word);
        }
        return bytes.array();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void callbackReadsSamples(boolean compiled) throws IOException {
        try (Drained drained = new Drained("drains", compiled)) {
            drained.stopAt(1_000_000);
            drained.ring("ring").send(words(1, 20));
            drained.ring("ring").send(words(300, 4000, 7));
            drained.ring("ring").send(new byte[4]);
            // The last one is too short for both.
            assertEquals(List.of(3L, 3L, 1 + 20 + 300 + 4000 + 1000L), drained.results(3));
            assertEquals(0, drained.ring("ring").size());
            assertEquals(List.of(0L, 0L, 0L), drained.results(3));
            assertEquals(0, drained.program.traps());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void callbackStops(boolean compiled) throws IOException {
        try (Drained drained = new Drained("drains", compiled)) {
            drained.stopAt(10);
            for (int i = 0; i < 4; i++) {
                assertTrue(drained.ring("ring").send(words(5, 1)));
            }
            assertEquals(List.of(2L, 2L, 12L), drained.results(3));
            assertEquals(List.of(2L, 2L, 12L), drained.results(3));
            assertEquals(0, drained.ring("ring").size());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRingThatIsDrainedIsBusy(boolean compiled) throws IOException {
        try (Drained drained = new Drained("nests", compiled)) {
            drained.ring("ring").send(words(1));
            drained.ring("ring").send(words(2));
            drained.ring("other").send(words(3));
            assertEquals(List.of(2L, (long) -EBUSY, 1L, 1L), drained.results(4));
            assertEquals(0, drained.ring("other").size());
        }
    }
}
