package org.trufflebpf.language;

import com.oracle.truffle.api.CallTarget;
import com.oracle.truffle.api.TruffleLanguage;
import com.oracle.truffle.api.TruffleLanguage.ContextPolicy;
import com.oracle.truffle.api.TruffleLanguage.Registration;
import com.oracle.truffle.api.instrumentation.ProvidedTags;
import com.oracle.truffle.api.instrumentation.StandardTags.RootBodyTag;
import com.oracle.truffle.api.instrumentation.StandardTags.RootTag;
import com.oracle.truffle.api.instrumentation.StandardTags.StatementTag;
import com.oracle.truffle.api.nodes.ExecutableNode;
import com.oracle.truffle.api.source.Source;
import org.graalvm.options.OptionDescriptors;
import org.graalvm.options.OptionValues;
import org.graalvm.polyglot.SandboxPolicy;
import org.trufflebpf.language.interop.Bindings;
import org.trufflebpf.language.runtime.VerifiedObject;
import org.trufflebpf.language.scope.ExpressionNode;

/**
 * eBPF. A source is an object file that clang built for the kernel, or assembler text. Parsing loads and links it; what comes out is shared by
 * all contexts of an engine. Evaluating it makes an instance with maps of its own.
 *
 * <p>A constrained context is safe from its programs: each access to memory that is not proved is checked, loops and memory are bounded, and files,
 * threads and native code are asked for through the context. Isolated ones have a heap limit, which does not hold for maps: these lie outside it.
 */
@Registration(id = EbpfLanguage.ID, name = "eBPF", implementationName = "TruffleBPF", version = EbpfLanguage.VERSION, //
                characterMimeTypes = EbpfLanguage.TEXT_MIME_TYPE, byteMimeTypes = EbpfLanguage.OBJECT_MIME_TYPE, //
                defaultMimeType = EbpfLanguage.TEXT_MIME_TYPE, contextPolicy = ContextPolicy.SHARED, sandbox = SandboxPolicy.CONSTRAINED, //
                fileTypeDetectors = ObjectFileDetector.class, website = "https://github.com/trufflebpf/trufflebpf")
@ProvidedTags({RootTag.class, RootBodyTag.class, StatementTag.class})
public final class EbpfLanguage extends TruffleLanguage<EbpfContext> {
    public static final String ID = "ebpf";
    public static final String VERSION = "0.1.0";
    /** An ELF object for the machine BPF. */
    public static final String OBJECT_MIME_TYPE = "application/x-bpf-elf";
    /** The default, because {@code --eval ebpf:TEXT} works only with a character type. */
    public static final String TEXT_MIME_TYPE = "text/x-bpf-asm";

    private static final ContextReference<EbpfContext> CONTEXT = ContextReference.create(EbpfLanguage.class);

    static EbpfContext context() {
        return CONTEXT.get(null);
    }

    @Override
    protected OptionDescriptors getOptionDescriptors() {
        return new EbpfOptionsOptionDescriptors();
    }

    @Override
    protected EbpfContext createContext(Env env) {
        return new EbpfContext(this, env);
    }

    @Override
    protected boolean patchContext(EbpfContext context, Env newEnv) {
        return false;
    }

    @Override
    protected void disposeContext(EbpfContext context) {
        context.close();
    }

    @Override
    protected Object getScope(EbpfContext context) {
        return new Bindings(context.commands(), context.client()::run);
    }

    @Override
    protected boolean isThreadAccessAllowed(Thread thread, boolean singleThreaded) {
        return true;
    }

    /** What is parsed depends on the types that it is resolved against. */
    @Override
    protected boolean areOptionsCompatible(OptionValues first, OptionValues second) {
        return first.get(EbpfOptions.TargetBtf).equals(second.get(EbpfOptions.TargetBtf)) &&
                        first.get(EbpfOptions.Kconfig).equals(second.get(EbpfOptions.Kconfig));
    }

    @Override
    protected CallTarget parse(ParsingRequest request) {
        Source source = request.getSource();
        VerifiedObject object = context().parse(source);
        return new EvaluationRootNode(this, source, object).getCallTarget();
    }

    /** An expression of C that a debugger asks about a program where it stands, or that a breakpoint is to wait for. */
    @Override
    protected ExecutableNode parse(InlineParsingRequest request) {
        return ExpressionNode.parse(this, request.getSource(), request.getLocation());
    }
}
