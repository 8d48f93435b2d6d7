package org.trufflebpf.language.expression;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.trufflebpf.language.expression.Expression.Binary;
import org.trufflebpf.language.expression.Expression.BinaryOperator;
import org.trufflebpf.language.expression.Expression.ByteOrder;
import org.trufflebpf.language.expression.Expression.Call;
import org.trufflebpf.language.expression.Expression.Compound;
import org.trufflebpf.language.expression.Expression.Conditional;
import org.trufflebpf.language.expression.Expression.Index;
import org.trufflebpf.language.expression.Expression.Literal;
import org.trufflebpf.language.expression.Expression.Member;
import org.trufflebpf.language.expression.Expression.Name;
import org.trufflebpf.language.expression.Expression.Text;
import org.trufflebpf.language.expression.Expression.Unary;
import org.trufflebpf.language.expression.Expression.UnaryOperator;
import org.trufflebpf.language.expression.Token.Kind;

/**
 * Reads expressions of C: names, literals, {@code . -> [] * - + ! ~}, binary operators but assignments and the comma, {@code ?:}, and
 * the functions of {@link ByteOrder}. Hostile ones end soon: {@link Lexer} bounds length and words, and with them depth.
 */
public final class ExpressionParser {
    private static final Set<String> ASSIGNMENTS = Set.of("=", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=");
    private static final String FUNCTIONS = Arrays.stream(ByteOrder.values()).map(ExpressionParser::name).collect(Collectors.joining(", "));

    private final List<Token> tokens;
    private int at;

    private ExpressionParser(List<Token> tokens) {
        this.tokens = tokens;
    }

    /** @throws ExpressionException if it is none */
    public static Expression parse(String source) throws ExpressionException {
        ExpressionParser parser = new ExpressionParser(Lexer.split(source));
        Expression expression = parser.conditional();
        Token rest = parser.peek();
        if (rest.kind() != Kind.END) {
            throw parser.unexpected(rest, "an operator or the end");
        }
        return expression;
    }

    private static String name(ByteOrder function) {
        return function.name().toLowerCase(Locale.ROOT);
    }

    private Token peek() {
        return tokens.get(at);
    }

    /** The END is never passed. */
    private Token next() {
        Token token = tokens.get(at);
        at += token.kind() == Kind.END ? 0 : 1;
        return token;
    }

    private boolean take(String symbol) {
        boolean there = peek().is(symbol);
        at += there ? 1 : 0;
        return there;
    }

    private void require(String symbol, String why) throws ExpressionException {
        if (!take(symbol)) {
            throw unexpected(peek(), "'" + symbol + "' " + why);
        }
    }

    private ExpressionException unexpected(Token token, String expected) {
        if (token.kind() == Kind.SYMBOL && ASSIGNMENTS.contains(token.text())) {
            return new ExpressionException(token.offset(), "expressions only read, '" + token.text() + "' would change something; == compares");
        }
        return new ExpressionException(token.offset(), "expected " + expected + ", found " + token.description());
    }

    private Expression conditional() throws ExpressionException {
        Expression condition = binary(1);
        int offset = peek().offset();
        if (!take("?")) {
            return condition;
        }
        Expression yes = conditional();
        require(":", "between the two values of ?");
        return new Conditional(condition, yes, conditional(), offset);
    }

    /** Operators of at least this precedence, of which equal ones belong together from the left. */
    private Expression binary(int precedence) throws ExpressionException {
        Expression left = unary();
        for (BinaryOperator operator = operator(precedence); operator != null; operator = operator(precedence)) {
            int offset = next().offset();
            left = new Binary(operator, left, binary(operator.precedence() + 1), offset);
        }
        return left;
    }

    private BinaryOperator operator(int precedence) {
        for (BinaryOperator operator : BinaryOperator.values()) {
            if (operator.precedence() >= precedence && peek().is(operator.symbol())) {
                return operator;
            }
        }
        return null;
    }

    private Expression unary() throws ExpressionException {
        Token token = peek();
        if (token.is("&")) {
            throw new ExpressionException(token.offset(), "no addresses are taken; a variable's name shows where it points");
        }
        for (UnaryOperator operator : UnaryOperator.values()) {
            if (take(operator.symbol())) {
                return new Unary(operator, unary(), token.offset());
            }
        }
        return postfix();
    }

    private Expression postfix() throws ExpressionException {
        Expression object = primary();
        while (true) {
            Token token = peek();
            if (take(".") || take("->")) {
                object = member(object, token);
            } else if (take("[")) {
                Expression index = peek().is("{") ? compound() : conditional();
                require("]", "after the index");
                object = new Index(object, index, token.offset());
            } else {
                return object;
            }
        }
    }

    /** What people see as {@code ipv4.2}, the second header of a kind, is one name. */
    private Expression member(Expression object, Token before) throws ExpressionException {
        Token name = next();
        if (name.kind() == Kind.NUMBER && before.is(".")) {
            String suffix = "." + name.text();
            if (object instanceof Name(String first, int offset)) {
                return new Name(first + suffix, offset);
            }
            if (object instanceof Member(Expression outer, String first, int offset)) {
                return new Member(outer, first + suffix, offset);
            }
        }
        if (name.kind() != Kind.NAME) {
            throw unexpected(name, "a member's name after '" + before.text() + "'");
        }
        return new Member(object, name.text(), name.offset());
    }

    private Expression primary() throws ExpressionException {
        Token token = next();
        switch (token.kind()) {
            case NUMBER -> {
                return new Literal(number(token), token.offset());
            }
            case CHARACTER -> {
                return new Literal(CInteger.ofInt(token.text().charAt(0)), token.offset());
            }
            case TEXT -> {
                return new Text(token.text(), token.offset());
            }
            case NAME -> {
                return take("(") ? call(token) : new Name(token.text(), token.offset());
            }
            case SYMBOL, END -> {
                if (!token.is("(")) {
                    throw unexpected(token, "a name, a number or '('");
                }
                Expression inner = conditional();
                require(")", "that closes the one before");
                if (peek().kind() == Kind.NAME || peek().kind() == Kind.NUMBER) {
                    throw new ExpressionException(token.offset(), "casts are not there: values have the types of their variables");
                }
                return inner;
            }
        }
        throw new IllegalStateException("all kinds are above");
    }

    private Expression call(Token name) throws ExpressionException {
        for (ByteOrder function : ByteOrder.values()) {
            if (name(function).equals(name.text())) {
                Expression argument = conditional();
                require(")", "after the argument");
                return new Call(function, argument, name.offset());
            }
        }
        throw new ExpressionException(name.offset(), "'" + name.text() + "' cannot be called here, only " + FUNCTIONS);
    }

    private Expression compound() throws ExpressionException {
        int offset = next().offset();
        List<String> names = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        do {
            boolean named = take(".");
            if (!values.isEmpty() && named == names.isEmpty()) {
                throw new ExpressionException(peek().offset(), "either all values of a key have names, {.a = 1, .b = 2}, or none");
            }
            if (named) {
                Token name = next();
                if (name.kind() != Kind.NAME) {
                    throw unexpected(name, "a member's name after '.'");
                }
                names.add(name.text());
                require("=", "after a member's name");
            }
            values.add(peek().is("{") ? compound() : conditional());
        } while (take(","));
        require("}", "after the values of a key");
        return new Compound(names, values, offset);
    }

    /** Decimal, 0x, 0b or octal after 0, with the suffixes u, l and ll; of the first type that holds it, as in C. */
    private static CInteger number(Token token) throws ExpressionException {
        String text = token.text().toLowerCase(Locale.ROOT);
        String digits = text.replaceFirst("(?<=[0-9a-f])(u|l|ll|ul|ull|lu|llu)$", "");
        String suffix = text.substring(digits.length());
        int radix = digits.startsWith("0x") ? 16 : digits.startsWith("0b") ? 2 : digits.length() > 1 && digits.startsWith("0") ? 8 : 10;
        long bits;
        try {
            bits = Long.parseUnsignedLong(digits.substring(radix == 16 || radix == 2 ? 2 : 0), radix);
        } catch (NumberFormatException e) {
            throw new ExpressionException(token.offset(), "'" + token.text() + "' is no number of at most 64 bits");
        }
        boolean unsigned = suffix.contains("u");
        if (!suffix.contains("l") && bits >>> Integer.SIZE - 1 == 0) {
            return new CInteger(bits, Integer.SIZE, !unsigned);
        }
        if (!suffix.contains("l") && (unsigned || radix != 10) && bits >>> Integer.SIZE == 0) {
            return new CInteger(bits, Integer.SIZE, false);
        }
        return new CInteger(bits, Long.SIZE, !unsigned && bits >= 0);
    }
}
