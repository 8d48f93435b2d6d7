package org.trufflebpf.language.expression;

import java.util.List;

/** An expression of C that only reads, as {@link ExpressionParser} makes them. Offsets are in characters from 0, of what errors are best shown at. */
public sealed interface Expression {
    int offset();

    /** A number or a character. */
    record Literal(CInteger value, int offset) implements Expression {
    }

    record Text(String value, int offset) implements Expression {
    }

    record Name(String name, int offset) implements Expression {
    }

    /** A member of a structure or of what a pointer points to. */
    record Member(Expression object, String name, int offset) implements Expression {
    }

    /** An element of an array, of what a pointer points to, or an entry of a map. */
    record Index(Expression object, Expression index, int offset) implements Expression {
    }

    record Unary(UnaryOperator operator, Expression operand, int offset) implements Expression {
    }

    record Binary(BinaryOperator operator, Expression left, Expression right, int offset) implements Expression {
    }

    record Conditional(Expression condition, Expression yes, Expression no, int offset) implements Expression {
    }

    record Call(ByteOrder function, Expression argument, int offset) implements Expression {
    }

    /**
     * A structure, <code>{.port = 80, .protocol = 6}</code>, or an array, <code>{1, 2}</code>; only as the key of a map.
     *
     * @param names of the members; empty for an array
     */
    record Compound(List<String> names, List<Expression> values, int offset) implements Expression {
    }

    enum UnaryOperator {
        MINUS("-"), PLUS("+"), NOT("!"), COMPLEMENT("~"), FOLLOW("*");

        private final String symbol;

        UnaryOperator(String symbol) {
            this.symbol = symbol;
        }

        public String symbol() {
            return symbol;
        }
    }

    /** From the loosest to the tightest. */
    enum BinaryOperator {
        OR("||", 1), AND("&&", 2), BIT_OR("|", 3), BIT_XOR("^", 4), BIT_AND("&", 5), EQUAL("==", 6), UNEQUAL("!=", 6), LESS("<", 7), AT_MOST("<=", 7),
        GREATER(">", 7), AT_LEAST(">=", 7), SHIFT_LEFT("<<", 8), SHIFT_RIGHT(">>", 8), ADD("+", 9), SUBTRACT("-", 9), MULTIPLY("*", 10),
        DIVIDE("/", 10), REMAINDER("%", 10);

        private final String symbol;
        private final int precedence;

        BinaryOperator(String symbol, int precedence) {
            this.symbol = symbol;
            this.precedence = precedence;
        }

        public String symbol() {
            return symbol;
        }

        int precedence() {
            return precedence;
        }
    }

    /** Functions of {@code bpf/bpf_endian.h}. */
    enum ByteOrder {
        BPF_HTONS(16, true), BPF_NTOHS(16, false), BPF_HTONL(32, true), BPF_NTOHL(32, false), BPF_CPU_TO_BE64(64, true), BPF_BE64_TO_CPU(64, false);

        private final int width;
        private final boolean toNetwork;

        ByteOrder(int width, boolean toNetwork) {
            this.width = width;
            this.toNetwork = toNetwork;
        }

        /** Bits of argument and result. */
        public int width() {
            return width;
        }

        /** Whether the result is for the network, and its type {@code __be16}, {@code __be32} or {@code __be64}. */
        public boolean toNetwork() {
            return toNetwork;
        }
    }
}
