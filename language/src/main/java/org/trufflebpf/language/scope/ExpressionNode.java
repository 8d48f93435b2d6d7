package org.trufflebpf.language.scope;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.TruffleLanguage;
import com.oracle.truffle.api.frame.MaterializedFrame;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.interop.NodeLibrary;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.nodes.ExecutableNode;
import com.oracle.truffle.api.nodes.Node;
import com.oracle.truffle.api.source.Source;
import org.trufflebpf.language.expression.Expression;
import org.trufflebpf.language.expression.ExpressionException;
import org.trufflebpf.language.expression.ExpressionParser;
import org.trufflebpf.language.interop.ScopeValue;
import org.trufflebpf.language.runtime.EbpfException;
import org.trufflebpf.language.runtime.EbpfException.Failure;

/** An expression that is evaluated each time that a program stands at a line: once in a watch window, often as the condition of a breakpoint. */
public final class ExpressionNode extends ExecutableNode {
    /** What Truffle calls the source of a condition (com.oracle.truffle.api.debug.Breakpoint), from which it takes nothing but true or false. */
    private static final String CONDITION = "breakpoint condition";

    private final Source source;
    private final Expression expression;
    /** Not a child: it is where the program stands. */
    private final Node location;

    private ExpressionNode(TruffleLanguage<?> language, Source source, Expression expression, Node location) {
        super(language);
        this.source = source;
        this.expression = expression;
        this.location = location;
    }

    /**
     * @param location where the program stands when the expression is evaluated
     * @throws EbpfException if it is no expression
     */
    public static ExpressionNode parse(TruffleLanguage<?> language, Source source, Node location) {
        try {
            return new ExpressionNode(language, source, ExpressionParser.parse(source.getCharacters().toString()), location);
        } catch (ExpressionException e) {
            throw failure(e, source);
        }
    }

    @Override
    public Object execute(VirtualFrame frame) {
        return evaluate(frame.materialize());
    }

    @TruffleBoundary
    private Object evaluate(MaterializedFrame frame) {
        try {
            NodeLibrary library = NodeLibrary.getUncached();
            if (!library.hasScope(location, frame) || !(library.getScope(location, frame, true) instanceof ScopeValue scope)) {
                throw new ExpressionException(0, "names mean something only where the program stands at a line of C; step to one");
            }
            Evaluator evaluator = new Evaluator(scope);
            return source.getName().equals(CONDITION) ? (Object) evaluator.isTrue(expression) : evaluator.value(expression);
        } catch (ExpressionException e) {
            throw failure(e, source);
        } catch (UnsupportedMessageException e) {
            throw new IllegalStateException("there is a scope", e);
        }
    }

    private static EbpfException failure(ExpressionException e, Source source) {
        return new EbpfException(Failure.USAGE, e.getMessage(), source.createSection(Math.min(e.offset(), source.getLength()), 0));
    }
}
