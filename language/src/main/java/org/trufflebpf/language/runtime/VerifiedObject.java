package org.trufflebpf.language.runtime;

import com.oracle.truffle.api.source.SourceSection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.trufflebpf.language.nodes.ProgramLines;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.runtime.EbpfException.Failure;
import org.trufflebpf.language.verifier.Entry;
import org.trufflebpf.language.verifier.RejectedException;
import org.trufflebpf.language.verifier.VerifiedProgram;
import org.trufflebpf.language.verifier.Verifier;

/** An object and what has been proved of its programs; shared by all instances in an engine. A program is verified when first asked for. Thread-safe. */
public final class VerifiedObject {
    private final ObjectSpec spec;
    private final Map<Key, VerifiedProgram> programs = new ConcurrentHashMap<>();

    private final SourceLines sources;

    private record Key(String name, Entry entry) {
    }

    public VerifiedObject(ObjectSpec spec) {
        this.spec = spec;
        this.sources = new SourceLines(spec);
    }

    public ObjectSpec spec() {
        return spec;
    }

    /** Where a program of this object stands in its C files. */
    ProgramLines lines(ProgramSpec program) {
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
    public VerifiedProgram program(String name, Entry entry) {
        return programs.computeIfAbsent(new Key(name, entry), key -> verify(name, entry));
    }

    private VerifiedProgram verify(String name, Entry entry) {
        ProgramSpec program = spec.program(name).orElseThrow(() -> new EbpfException(Failure.USAGE, "there is no program '" + name + "' in the object"));
        try {
            return Verifier.verify(program, entry, map -> spec.map(map).orElse(null));
        } catch (RejectedException e) {
            throw new EbpfException(Failure.REJECTED, Instance.describe(program, e.slot(), "is rejected: " + e.getMessage()));
        }
    }
}
