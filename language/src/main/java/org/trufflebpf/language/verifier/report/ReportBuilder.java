package org.trufflebpf.language.verifier.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.trufflebpf.language.assembly.Disassembler;
import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.cfg.Operands.MemoryAccess;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.verifier.Advice;
import org.trufflebpf.language.verifier.Analysis;
import org.trufflebpf.language.verifier.Entry;
import org.trufflebpf.language.verifier.Finding;
import org.trufflebpf.language.verifier.Finding.Need;
import org.trufflebpf.language.verifier.RejectedException;
import org.trufflebpf.language.verifier.Safety;
import org.trufflebpf.language.verifier.StateText;
import org.trufflebpf.language.verifier.Value;
import org.trufflebpf.language.verifier.VerifiedProgram;
import org.trufflebpf.language.verifier.Verifier;
import org.trufflebpf.language.verifier.report.Report.Access;
import org.trufflebpf.language.verifier.report.Report.Item;
import org.trufflebpf.language.verifier.report.Report.Known;
import org.trufflebpf.language.verifier.report.Report.Origin;
import org.trufflebpf.language.verifier.report.Report.Status;

/** Verifies a program and collects what is to be said about it. */
public final class ReportBuilder {
    /** Items that tell where their register came from; each may search the whole graph. */
    private static final int MAX_EXPLAINED = 500;

    private final ProgramSpec spec;
    private final Safety safety;
    private final List<Item> items = new ArrayList<>();
    private final List<VerifiedProgram> analysed = new ArrayList<>();
    private int explained;

    private ReportBuilder(ProgramSpec spec, Safety safety) {
        this.spec = spec;
        this.safety = safety;
    }

    /**
     * @param maps finds a map of the object by name, null when there is none
     */
    public static Report build(ProgramSpec spec, Function<String, MapSpec> maps, Safety safety) {
        ReportBuilder builder = new ReportBuilder(spec, safety);
        // Strict mode stops at the first thing that is not proved; a report is to name them all.
        Safety lenient = safety == Safety.STRICT ? Safety.GRADUATED : safety;
        RejectedException rejected = null;
        VerifiedProgram program = null;
        try {
            program = Verifier.verify(spec, Entry.XDP, maps, lenient);
        } catch (RejectedException e) {
            rejected = e;
        }
        if (rejected != null) {
            // What is rejected for what it does can still be analysed, which shows where the register came from.
            program = analysedAnyway(spec, maps);
        }
        if (program != null) {
            for (VerifiedProgram each : all(program)) {
                builder.add(each, rejected);
            }
        }
        if (rejected != null && builder.items.stream().noneMatch(item -> item.status() == Status.REJECTED)) {
            builder.items.add(new Item(Status.REJECTED, rejected.slot(), spec.lineAt(rejected.slot()),
                            program == null ? null : text(program, rejected.slot()), null, null, rejected.getMessage(), null, null));
        }
        return new Report(spec, safety, builder.items, builder.analysed);
    }

    /** What is not proved of an instruction of a program that runs, or of its timers' callbacks; null for nothing. */
    public static Item unproved(VerifiedProgram program, int slot) {
        for (VerifiedProgram each : all(program)) {
            for (Finding finding : each.findingsAt(slot)) {
                if (!finding.proved()) {
                    return new ReportBuilder(program.spec(), program.safety()).item(each, new Origins(each.analysis().graph()), finding, null);
                }
            }
        }
        return null;
    }

    /** For what a program was rejected; null where nothing is known but that. */
    public static Item rejected(ProgramSpec spec, Function<String, MapSpec> maps, Safety safety, RejectedException rejected) {
        VerifiedProgram program = analysedAnyway(spec, maps);
        if (program != null) {
            for (VerifiedProgram each : all(program)) {
                for (Finding finding : each.findings()) {
                    if (finding.slot() == rejected.slot() && !finding.proved()) {
                        return new ReportBuilder(spec, safety).item(each, new Origins(each.analysis().graph()), finding, rejected.getMessage());
                    }
                }
            }
        }
        return null;
    }

    private static List<VerifiedProgram> all(VerifiedProgram program) {
        List<VerifiedProgram> all = new ArrayList<>(List.of(program));
        program.callbacks().forEach(callback -> all.add(callback.program()));
        return all;
    }

    private static VerifiedProgram analysedAnyway(ProgramSpec spec, Function<String, MapSpec> maps) {
        try {
            return Verifier.verify(spec, Entry.XDP, maps, Safety.OFF);
        } catch (RejectedException e) {
            return null;
        }
    }

    private void add(VerifiedProgram program, RejectedException rejected) {
        Origins origins = new Origins(program.analysis().graph());
        // An instruction that stands in several blocks is proved when it is in each.
        Map<List<Object>, Finding> findings = new LinkedHashMap<>();
        for (Finding finding : program.findings()) {
            findings.merge(List.of(finding.slot(), finding.need(), finding.register()), finding, (a, b) -> a.proved() ? b : a);
        }
        for (Finding finding : findings.values()) {
            boolean fatal = rejected != null && rejected.slot() == finding.slot() && !finding.proved() &&
                            items.stream().noneMatch(item -> item.status() == Status.REJECTED);
            items.add(item(program, origins, finding, fatal ? rejected.getMessage() : null));
        }
        analysed.add(program);
    }

    private Item item(VerifiedProgram program, Origins origins, Finding finding, String fatal) {
        Status status = fatal != null ? Status.REJECTED : status(finding);
        Analysis analysis = program.analysis();
        boolean explain = status != Status.PROVED && !finding.proved() && explained++ < MAX_EXPLAINED;
        Known known = finding.known() == null || !explain ? null
                        : new Known(Registers.name(finding.register()), StateText.of(analysis.maps(), finding.known()),
                                        origins.of(finding.block(), finding.step(), finding.register()).stream().map(slot -> origin(program, slot))
                                                        .toList());
        String advice = finding.proved() ? null : Advice.of(analysis, finding);
        return new Item(status, finding.slot(), spec.lineAt(finding.slot()), text(program, finding.slot()), finding.need(), access(analysis, finding),
                        fatal == null ? finding.text() : fatal, known, advice);
    }

    private Status status(Finding finding) {
        if (finding.proved() && safety != Safety.OFF) {
            return Status.PROVED;
        }
        boolean isChecked = finding.need() == Need.MEMORY || finding.need() == Need.ARGUMENT || finding.need() == Need.LOOP;
        return safety == Safety.STRICT ? Status.REJECTED : isChecked ? Status.CHECKED : finding.proved() ? Status.PROVED : Status.ALLOWED;
    }

    private static Access access(Analysis analysis, Finding finding) {
        if (finding.need() != Need.MEMORY) {
            return null;
        }
        Step step = analysis.graph().blocks().get(finding.block()).steps().get(finding.step());
        MemoryAccess access = Operands.access(step.instruction());
        if (access == null) {
            return null;
        }
        Value base = finding.known();
        List<String> regions = base.kindSet().stream().map(kind -> kind.name().toLowerCase(Locale.ROOT)).toList();
        return new Access(regions, moved(base.min(), access.offset()), moved(base.max(), access.offset()), access.bytes());
    }

    /** Bounds that nothing is known of stay as they are. */
    private static long moved(long bound, long offset) {
        return bound == Long.MIN_VALUE || bound == Long.MAX_VALUE ? bound : bound + offset;
    }

    private Origin origin(VerifiedProgram program, int slot) {
        return new Origin(slot, spec.lineAt(slot), text(program, slot));
    }

    static String text(VerifiedProgram program, int slot) {
        Instruction instruction = program.code().slots().get(slot);
        return instruction == null ? "" : Disassembler.text(instruction, slot);
    }
}
