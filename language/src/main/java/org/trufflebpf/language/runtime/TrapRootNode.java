package org.trufflebpf.language.runtime;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.TruffleLanguage;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.Node;
import com.oracle.truffle.api.nodes.RootNode;
import com.oracle.truffle.api.source.SourceSection;
import org.trufflebpf.language.nodes.Trap;
import org.trufflebpf.language.object.ProgramSpec;

/**
 * The function of a program in which a packet's run ended, called to throw what ended it. The program itself has gone on to the next packet long
 * since, and throws nothing in compiled code.
 */
final class TrapRootNode extends RootNode {
    private final ProgramSpec program;
    private final Trap trap;
    @Child private Place place;

    /** The instruction. */
    private static final class Place extends Node {
        private final SourceSection section;

        Place(SourceSection section) {
            this.section = section;
        }

        @Override
        public SourceSection getSourceSection() {
            return section;
        }
    }

    /** @param section its line or, where that is not known, the object; null for neither */
    TrapRootNode(TruffleLanguage<?> language, ProgramSpec program, Trap trap, SourceSection section) {
        super(language);
        this.program = program;
        this.trap = trap;
        this.place = new Place(section);
    }

    @Override
    public Object execute(VirtualFrame frame) {
        throw exception();
    }

    @TruffleBoundary
    private EbpfException exception() {
        return EbpfException.trapped(program, trap, place);
    }

    @Override
    public String getName() {
        return program.functionAt(trap.slot()).name();
    }

    @Override
    public SourceSection getSourceSection() {
        return place.getSourceSection();
    }
}
