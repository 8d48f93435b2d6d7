package org.trufflebpf.maps;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.maps.Subject.Step;

/** Each kind's answers, operation by operation, on both faces, in the kernel, and in a model for long random sequences. */
final class SemanticsTest {

    record Line(int number, Step step, String answer) {
    }

    record Script(MapDefinition map, List<Line> lines) {
        @Override
        public String toString() {
            return map.kind() + " line " + lines.get(0).number;
        }
    }

    static List<Script> scripts() throws IOException {
        return scripts("semantics.txt");
    }

    static List<Script> scripts(String resource) throws IOException {
        List<Script> scripts = new ArrayList<>();
        try (InputStream in = SemanticsTest.class.getResourceAsStream(resource)) {
            int number = 0;
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                number++;
                String[] words = line.split(" ");
                if (words[0].equals("map")) {
                    scripts.add(new Script(new MapDefinition("m", MapKind.valueOf(words[1]), Integer.parseInt(words[2]),
                            Integer.parseInt(words[3]), Long.parseLong(words[4]), Integer.parseInt(words[5])), new ArrayList<>()));
                } else if (!line.isBlank() && !line.startsWith("#")) {
                    Script script = scripts.getLast();
                    Step step = new Step(words[0], bytes(words[1], script.map.keySize()), bytes(words[2], script.map.valueSize()),
                            Long.parseLong(words[3]));
                    String answer = words[5].matches("[0-9]+") ? HexFormat.of().formatHex(bytes(words[5], script.map.valueSize())) : words[5];
                    script.lines.add(new Line(number, step, answer));
                }
            }
        }
        return scripts;
    }

    private static byte[] bytes(String number, int size) {
        byte[] bytes = new byte[size];
        BigInteger value = number.equals("_") ? BigInteger.ZERO : new BigInteger(number);
        for (int i = 0; i < size; i++) {
            bytes[i] = value.shiftRight(8 * i).byteValue();
        }
        return bytes;
    }

    static void play(Script script, Function<MapDefinition, Subject> maker) {
        try (Subject subject = maker.apply(script.map)) {
            for (Line line : script.lines) {
                assertEquals(line.answer, subject.run(line.step), () -> "line " + line.number + ": " + line.step);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void programs(Script script) {
        play(script, Subject::program);
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void controlPlane(Script script) {
        play(script, definition -> Subject.control(Subject.create(definition)));
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void kernel(Script script) {
        Kernel.assumeThere();
        play(script, Subject::kernel);
    }

    static List<MapDefinition> randomMaps() {
        List<MapDefinition> maps = new ArrayList<>();
        for (int keySize : new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 16, 20, 24, 31, 32, 33, 40, 64, 128, 129, 200}) {
            maps.add(new MapDefinition("m", MapKind.HASH, keySize, 1 + keySize % 40, 50 + keySize, 0));
        }
        for (int keySize : new int[] {1, 7, 16, 33}) {
            maps.add(new MapDefinition("m", MapKind.PERCPU_HASH, keySize, 1 + 3 * keySize, 50 + keySize, 0));
            maps.add(new MapDefinition("m", MapKind.LRU_HASH, keySize, 1 + 3 * keySize, 10_000, 0));
            maps.add(new MapDefinition("m", MapKind.LRU_PERCPU_HASH, keySize, 1 + 3 * keySize, 10_000, 0));
        }
        for (int valueSize : new int[] {1, 8, 12, 16, 24, 32, 33, 40, 1000}) {
            maps.add(new MapDefinition("m", MapKind.HASH, 4, valueSize, 60, MapFlags.ZERO_SEED));
            maps.add(new MapDefinition("m", MapKind.QUEUE, 0, valueSize, 7, 0));
            maps.add(new MapDefinition("m", MapKind.STACK, 0, valueSize, 7, 0));
        }
        maps.add(new MapDefinition("m", MapKind.HASH, 8, 8, 1, 0));
        maps.add(new MapDefinition("m", MapKind.QUEUE, 0, 4, 1, 0));
        return maps;
    }

    /** Keys differ in one byte only, each byte of the key in turn, so that every byte is known to count. */
    private static Step randomStep(Random random, MapDefinition map) {
        byte[] key = new byte[map.keySize()];
        byte[] value = new byte[map.valueSize()];
        random.nextBytes(value);
        if (map.keySize() == 0) {
            String[] operations = {"push", "push", "pop", "peek"};
            return new Step(operations[random.nextInt(4)], key, value, random.nextInt(3));
        }
        key[random.nextInt(key.length)] = (byte) random.nextInt(1 + 150 / key.length);
        String[] operations = {"lookup", "lookup", "update", "update", "delete"};
        return new Step(operations[random.nextInt(5)], key, value, random.nextInt(10) < 7 ? 0 : random.nextInt(4));
    }

    @ParameterizedTest
    @MethodSource("randomMaps")
    void modelAndBothFaces(MapDefinition map) {
        Random random = new Random(map.keySize() * 31L + map.valueSize());
        try (Subject model = Subject.model(map); Subject program = Subject.program(map); Subject control = Subject.control(Subject.create(map))) {
            for (int i = 0; i < 5000; i++) {
                Step step = randomStep(random, map);
                int now = i;
                String wanted = model.run(step);
                assertEquals(wanted, program.run(step), () -> "step " + now + ": " + step);
                assertEquals(wanted, control.run(step), () -> "step " + now + " (control plane): " + step);
            }
        }
    }

    @Test
    void randomSequencesInTheKernel() {
        Kernel.assumeThere();
        for (MapDefinition map : randomMaps()) {
            Random random = new Random(map.keySize() * 17L + map.valueSize());
            try (Subject kernel = Subject.kernel(map); Subject program = Subject.program(map)) {
                for (int i = 0; i < 400; i++) {
                    Step step = randomStep(random, map);
                    assertEquals(kernel.run(step), program.run(step), () -> map + ": " + step);
                }
            }
        }
    }
}
