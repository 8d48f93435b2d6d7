package org.trufflebpf.language;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.RootNode;
import com.oracle.truffle.api.source.Source;
import com.oracle.truffle.api.source.SourceSection;
import org.trufflebpf.language.interop.ObjectValue;
import org.trufflebpf.language.runtime.VerifiedObject;

/**
 * Evaluating a parsed object: makes an instance in the current context. Where the context's arguments name ports, the object's program first
 * runs over them, with maps of its own.
 */
final class EvaluationRootNode extends RootNode {
    private final Source source;
    private final VerifiedObject object;

    EvaluationRootNode(EbpfLanguage language, Source source, VerifiedObject object) {
        super(language);
        this.source = source;
        this.object = object;
    }

    @Override
    public Object execute(VirtualFrame frame) {
        return instantiate();
    }

    @TruffleBoundary
    private Object instantiate() {
        EbpfContext context = EbpfLanguage.context();
        context.runOrDescribe(object.spec());
        return new ObjectValue(context.instantiate(object), context.commands(), getSourceSection());
    }

    @Override
    public SourceSection getSourceSection() {
        return source.createUnavailableSection();
    }

    @Override
    public boolean isInternal() {
        return true;
    }
}
