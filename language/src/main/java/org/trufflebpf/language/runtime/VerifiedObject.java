package org.trufflebpf.language.runtime;

import com.oracle.truffle.api.source.Source;
import com.oracle.truffle.api.source.SourceSection;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.trufflebpf.language.dwarf.DebugInfo;
import org.trufflebpf.language.dwarf.MalformedDwarfException;
import org.trufflebpf.language.nodes.ProgramLines;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.optimizer.Optimizer;
import org.trufflebpf.language.optimizer.Pass;
import org.trufflebpf.language.runtime.EbpfException.Failure;
import org.trufflebpf.language.verifier.Entry;
import org.trufflebpf.language.verifier.RejectedException;
import org.trufflebpf.language.verifier.Safety;
import org.trufflebpf.language.verifier.VerifiedProgram;
import org.trufflebpf.language.verifier.Verifier;
import org.trufflebpf.language.verifier.report.Explanation;
import org.trufflebpf.language.verifier.report.Report.Item;
import org.trufflebpf.language.verifier.report.ReportBuilder;

/**
 * An object and what has been proved of its programs; shared by all instances in an engine. A program is verified when first asked for. Thread-safe.
 */
public final class VerifiedObject {
    private final ObjectSpec spec;
    private final Map<Key, VerifiedProgram> programs = new ConcurrentHashMap<>();
    private final Source origin;
    private final SourceLines sources;
    private boolean hasReadDebugInfo;
    private DebugInfo debugInfo;

    private final Map<OptimizedKey, VerifiedProgram> optimized = new ConcurrentHashMap<>();

    private record Key(String name, Entry entry, Safety safety) {
    }

    private record OptimizedKey(Key program, Set<Pass> passes) {
    }

    /** An object that no tool needs to know the source of. */
    public VerifiedObject(ObjectSpec spec) {
        this(spec, null, null);
    }

    /**
     * @param origin what it was parsed from, or null; where that is text, its lines are the programs' lines
     * @param files finds what it was compiled from, or null
     */
    public VerifiedObject(ObjectSpec spec, Source origin, SourceFiles files) {
        this.spec = spec;
        this.origin = origin;
        this.sources = new SourceLines(spec, origin, files);
    }

    public ObjectSpec spec() {
        return spec;
    }

    /** What messages call it. */
    public String name() {
        return origin == null ? "the object" : origin.getName();
    }

    /** The same for the same contents, whatever the name; iproute2 tells objects apart by such a one. */
    String digest() {
        if (origin == null) {
            return Integer.toHexString(System.identityHashCode(spec));
        }
        byte[] bytes = origin.hasBytes() ? origin.getBytes().toByteArray() : origin.getCharacters().toString().getBytes(StandardCharsets.UTF_8);
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** What the compiler said of the variables, read when first asked for; null where it said nothing, or what it said is broken. */
    synchronized DebugInfo debugInfo() {
        if (!hasReadDebugInfo) {
            hasReadDebugInfo = true;
            debugInfo = readDebugInfo();
        }
        return debugInfo;
    }

    private DebugInfo readDebugInfo() {
        try {
            return spec.debug() == null ? null : DebugInfo.read(spec.debug());
        } catch (MalformedDwarfException e) {
            return null;
        }
    }

    /** Where a program of this object stands in its C files. */
    public ProgramLines lines(ProgramSpec program) {
        return new ProgramLines() {
            @Override
            public SourceSection section() {
                return sources.section(program);
            }

            @Override
            public SourceSection section(int slot) {
                ProgramSpec.Line line = program.lineAt(slot);
                return line == null ? null : sources.section(line);
            }
        };
    }

    /** @throws EbpfException if it is rejected or there is no program of that name */
    public VerifiedProgram program(String name, Entry entry, Safety safety) {
        return programs.computeIfAbsent(new Key(name, entry, safety), key -> verify(name, entry, safety));
    }

    /** The same made faster, to be run. */
    VerifiedProgram optimized(String name, Entry entry, Safety safety, Set<Pass> passes) {
        return optimized.computeIfAbsent(new OptimizedKey(new Key(name, entry, safety), passes),
                        key -> Optimizer.optimize(program(name, entry, safety), passes));
    }

    private VerifiedProgram verify(String name, Entry entry, Safety safety) {
        ProgramSpec program = spec.program(name)
                        .orElseThrow(() -> new EbpfException(Failure.USAGE, "there is no program '" + name + "' in the object"));
        try {
            return Verifier.verify(program, entry, map -> spec.map(map).orElse(null), safety);
        } catch (RejectedException e) {
            Item item = ReportBuilder.rejected(program, map -> spec.map(map).orElse(null), safety, e);
            throw EbpfException.rejected(program, e.slot(), e.getMessage(), item == null ? "" : Explanation.ending(item),
                            location(program, e.slot()));
        }
    }

    /** What is known of the register that an instruction goes through, and what to change, to follow what it did wrong; maybe nothing. */
    String explanation(String name, Entry entry, Safety safety, int slot) {
        Item item = ReportBuilder.unproved(program(name, entry, safety), slot);
        return item == null ? "" : Explanation.ending(item);
    }

    /** The line, or at least the source; null if there is none. */
    SourceSection location(ProgramSpec program, int slot) {
        SourceSection line = lines(program).section(slot);
        return line != null || origin == null ? line : origin.createUnavailableSection();
    }
}
