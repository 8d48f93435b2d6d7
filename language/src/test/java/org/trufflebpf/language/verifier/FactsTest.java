package org.trufflebpf.language.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.language.assembly.Assembler;
import org.trufflebpf.language.assembly.AssemblyException;
import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.cfg.Terminator;
import org.trufflebpf.language.isa.Rows;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.ProgramSpec;

/** What is known at single instructions of small programs. The form of the data is said where it begins. */
class FactsTest {

    record Case(String title, List<String> lines) {
        @Override
        public String toString() {
            return title;
        }
    }

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (String line : Rows.of(FactsTest.class, "facts.txt")) {
            if (line.startsWith("== ")) {
                cases.add(new Case(line.substring(3), new ArrayList<>()));
            } else {
                cases.getLast().lines.add(line);
            }
        }
        return cases;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void factsHold(Case test) throws RejectedException {
        String text = test.lines.stream().map(line -> line.split(";", 2)[0]).collect(Collectors.joining("\n"));
        ObjectSpec object = assemble(text);
        ProgramSpec program = object.programs().getFirst();
        Known known = new Known(Verifier.verify(program, Entry.XDP, map -> object.map(map).orElse(null)).analysis());
        List<String> wanted = new ArrayList<>();
        List<String> got = new ArrayList<>();
        for (int number = 0; number < test.lines.size(); number++) {
            String[] parts = test.lines.get(number).split(";");
            for (int i = 1; i < parts.length; i++) {
                String fact = parts[i].strip();
                String about = fact.split(" ", 2)[0];
                wanted.add(parts[0].strip() + " ; " + fact);
                got.add(parts[0].strip() + " ; " + (about + " " + known.fact(slot(program, number + 1), about)).strip());
            }
        }
        if (wanted.isEmpty()) {
            fail("no facts");
        }
        assertEquals(String.join("\n", wanted), String.join("\n", got));
    }

    private static ObjectSpec assemble(String text) {
        try {
            return Assembler.assemble("case", text);
        } catch (AssemblyException e) {
            throw new AssertionError(text, e);
        }
    }

    private static int slot(ProgramSpec program, int line) {
        return program.lines().stream().filter(candidate -> candidate.line() == line).findFirst().orElseThrow().slot();
    }

    /** The states by slot, and what follows from them. An instruction that stands in several blocks has the states of all. */
    private static final class Known {
        private record Place(State state, Step step, int block) {
        }

        private final Analysis analysis;
        private final TreeMap<Integer, List<Place>> places = new TreeMap<>();

        Known(Analysis analysis) {
            this.analysis = analysis;
            for (int number = 0; number < analysis.graph().blocks().size(); number++) {
                if (analysis.isReached(number)) {
                    int block = number;
                    State end = analysis.replay(number, (step, state) -> add(step.slot(), new Place(state.copy(), step, block)));
                    if (!(analysis.graph().blocks().get(number).terminator() instanceof Terminator.Goto)) {
                        add(analysis.graph().blocks().get(number).end(), new Place(end, null, block));
                    }
                }
            }
        }

        private void add(int slot, Place place) {
            places.computeIfAbsent(slot, key -> new ArrayList<>()).add(place);
        }

        String fact(int slot, String about) {
            if (!places.containsKey(slot)) {
                return about.equals("unreached") ? "" : "not reached";
            }
            TreeSet<String> facts = new TreeSet<>();
            for (Place place : places.get(slot)) {
                facts.add(fact(place, about));
            }
            return String.join(" or ", facts);
        }

        private String fact(Place place, String about) {
            if (about.startsWith("r")) {
                String[] parts = about.substring(1).split("@");
                return place.state.register(Registers.of(Integer.parseInt(parts[0]), parts.length == 1 ? 0 : Integer.parseInt(parts[1]))).toString();
            }
            if (about.startsWith("fp")) {
                String[] parts = about.substring(2).split("-");
                return place.state.stackWord(State.word(parts[0].isEmpty() ? 0 : Integer.parseInt(parts[0].substring(1)),
                                -Integer.parseInt(parts[1]))).toString();
            }
            return switch (about) {
                case "access" -> access(place.state, place.step);
                case "packet" -> Long.toString(place.state.packetBytes());
                case "live" -> Liveness.ofParts(analysis, StackUse.of(analysis)).liveIn(place.block).stream().mapToObj(FactsTest::variable)
                                .collect(Collectors.joining(" "));
                case "memory" -> StackUse.of(analysis).memoryWords().stream().mapToObj(word ->
                                variable(Liveness.word(word))).collect(Collectors.joining(" "));
                case "unreached" -> "reached";
                default -> throw new AssertionError(about);
            };
        }

        private String access(State state, Step step) {
            Operands.MemoryAccess access = Operands.access(step.instruction());
            Value base = state.register(access.base());
            if (StackUse.isFixed(base, access.offset(), access.bytes())) {
                return "fixed";
            }
            boolean isProved = Proof.holds(state, analysis.maps(), base, access.offset(), access.bytes(), access.reads(), access.writes());
            return isProved ? "proved" : "checked";
        }
    }

    private static String variable(int variable) {
        if (variable < Liveness.FIRST_WORD) {
            return Registers.name(variable);
        }
        int word = 0;
        int start = 0;
        while (Liveness.part(word, start) != variable) {
            start = (start + 1) % 8;
            word += start == 0 ? 1 : 0;
        }
        int depth = word / State.WORDS_PER_FRAME;
        return "fp" + (depth == 0 ? "" : "@" + depth) + (8 * (word % State.WORDS_PER_FRAME) - 8 * State.WORDS_PER_FRAME + start);
    }
}
