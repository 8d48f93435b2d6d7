package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.RootCallTarget;
import com.oracle.truffle.api.TruffleLanguage;
import com.oracle.truffle.api.TruffleSafepoint;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.DirectCallNode;
import com.oracle.truffle.api.nodes.RootNode;
import com.oracle.truffle.api.source.SourceSection;
import java.util.IdentityHashMap;
import java.util.Map;
import org.trufflebpf.language.runtime.Compilation;

/**
 * C lines as a sampling profiler sees them. It knows functions only, and where a thread looks up from its work to be sampled, which machine code does
 * only once per packet. So each line ends with looking up, inside a function of its own that has the line's name and place and does nothing else:
 * what was asked for while the line ran is answered there.
 */
final class SampledLines {
    private final TruffleLanguage<?> language;
    private final ProgramLines lines;
    private final Map<SourceSection, RootCallTarget> functions = new IdentityHashMap<>();

    SampledLines(TruffleLanguage<?> language, ProgramLines lines) {
        this.language = language;
        this.lines = lines;
    }

    /** Whether the instructions at two slots are of different lines. */
    boolean differ(int slot, int other) {
        return lines.section(slot) != lines.section(other);
    }

    /** The end of the line of the instruction at a slot; null where the object does not say the line. */
    StatementNode endOf(int slot) {
        SourceSection section = lines.section(slot);
        return section == null ? null : new End(functions.computeIfAbsent(section, this::function));
    }

    private RootCallTarget function(SourceSection section) {
        RootCallTarget function = new Function(language, section).getCallTarget();
        Compilation.prepare(function);
        return function;
    }

    private static final class End extends StatementNode {
        @Child private DirectCallNode call;

        End(RootCallTarget function) {
            this.call = DirectCallNode.create(function);
            // What is left of it in machine code is a look at one flag of the thread.
            call.forceInlining();
        }

        @Override
        public void execute(VirtualFrame frame) {
            call.call();
        }
    }

    private static final class Function extends RootNode {
        private final SourceSection section;

        Function(TruffleLanguage<?> language, SourceSection section) {
            super(language);
            this.section = section;
        }

        @Override
        public Object execute(VirtualFrame frame) {
            TruffleSafepoint.pollHere(this);
            return this;
        }

        @Override
        public String getName() {
            String file = section.getSource().getName();
            return file.substring(file.lastIndexOf('/') + 1) + ":" + section.getStartLine();
        }

        @Override
        public SourceSection getSourceSection() {
            return section;
        }
    }
}
