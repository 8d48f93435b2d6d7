package org.trufflebpf.language.verifier.report;

import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.verifier.Analysis;
import org.trufflebpf.language.verifier.Finding.Need;
import org.trufflebpf.language.verifier.Safety;
import org.trufflebpf.language.verifier.StateText;
import org.trufflebpf.language.verifier.VerifiedProgram;

/**
 * What the verifier has to say of one program.
 *
 * @param safety what it was asked to do with what is not proved
 * @param items what the instructions need, by C line where lines are known, else by instruction; when the program is rejected before it is
 *        understood, only why
 * @param analysed the program and its timers' callbacks with all that is known of them; empty for code that is not understood
 */
public record Report(ProgramSpec program, Safety safety, List<Item> items, List<VerifiedProgram> analysed) {
    public Report {
        items = List.copyOf(items);
        analysed = List.copyOf(analysed);
    }

    /** What becomes of an instruction. */
    public enum Status {
        /** It runs without a check. */
        PROVED,
        /** It is checked when the program runs: a fault ends the packet with XDP_ABORTED. */
        CHECKED,
        /** It is not proved, and needs no check: whatever the instruction gets is a number. */
        ALLOWED,
        /** For this the program must not run. */
        REJECTED;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One need of one instruction.
     *
     * @param slot the instruction
     * @param line its C line, or null
     * @param instruction in LLVM's syntax
     * @param need null for what is rejected for another reason
     * @param access where it goes; null where that is not memory
     * @param text what it does, and where it is not proved why not
     * @param register the register that it is about as people write it, and what is known of it; null for none
     * @param advice what to change; null for nothing
     */
    public record Item(Status status, int slot, ProgramSpec.Line line, String instruction, Need need, Access access, String text, Known register,
            String advice) {
    }

    /**
     * @param regions what the base may point to: the names of {@link org.trufflebpf.language.verifier.Value.Kind} in lower case
     * @param min smallest distance of the first byte from the start of the region (from the frame pointer on the stack), Long.MIN_VALUE when not
     *        known
     * @param max largest, Long.MAX_VALUE when not known
     * @param size bytes
     */
    public record Access(List<String> regions, long min, long max, int size) {
    }

    /**
     * @param name the register
     * @param text what is known of it
     * @param origins what gave it that value: one chain of copies and additions, latest first, or the several instructions that could have
     */
    public record Known(String name, String text, List<Origin> origins) {
        public Known {
            origins = List.copyOf(origins);
        }
    }

    /** An instruction that wrote a register. */
    public record Origin(int slot, ProgramSpec.Line line, String instruction) {
    }

    /**
     * An instruction of the log.
     *
     * @param block of the graph with its calls inlined; an instruction can stand in several
     * @param state what is known before it
     */
    public record Explained(int block, int slot, String instruction, String state) {
    }

    public boolean isRejected() {
        return items.stream().anyMatch(item -> item.status() == Status.REJECTED);
    }

    public long count(Status status, Need need) {
        return items.stream().filter(item -> item.status() == status && item.need() == need).count();
    }

    public long count(Status status) {
        return items.stream().filter(item -> item.status() == status).count();
    }

    /** Gives the whole analysis to {@code reader}, block by block: each instruction with what is known before it. */
    public void explain(Consumer<Explained> reader) {
        for (VerifiedProgram each : analysed) {
            Analysis analysis = each.analysis();
            for (int number = 0; number < analysis.graph().blocks().size(); number++) {
                if (analysis.isReached(number)) {
                    int block = number;
                    analysis.replay(number, (step, state) -> reader.accept(new Explained(block, step.slot(), ReportBuilder.text(each, step.slot()),
                                    StateText.of(analysis.maps(), state))));
                }
            }
        }
    }
}
