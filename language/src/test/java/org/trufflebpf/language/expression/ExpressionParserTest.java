package org.trufflebpf.language.expression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.language.expression.Expression.Binary;
import org.trufflebpf.language.expression.Expression.Call;
import org.trufflebpf.language.expression.Expression.Compound;
import org.trufflebpf.language.expression.Expression.Conditional;
import org.trufflebpf.language.expression.Expression.Index;
import org.trufflebpf.language.expression.Expression.Literal;
import org.trufflebpf.language.expression.Expression.Member;
import org.trufflebpf.language.expression.Expression.Name;
import org.trufflebpf.language.expression.Expression.Text;
import org.trufflebpf.language.expression.Expression.Unary;

class ExpressionParserTest {
    /** With all parentheses. */
    private static String text(Expression expression) {
        return switch (expression) {
            case Literal literal -> literal.value().toString();
            case Text text -> '"' + text.value() + '"';
            case Name name -> name.name();
            case Member member -> text(member.object()) + "." + member.name();
            case Index index -> text(index.object()) + "[" + text(index.index()) + "]";
            case Unary unary -> "(" + unary.operator().symbol() + text(unary.operand()) + ")";
            case Binary binary -> "(" + text(binary.left()) + " " + binary.operator().symbol() + " " + text(binary.right()) + ")";
            case Conditional choice -> "(" + text(choice.condition()) + " ? " + text(choice.yes()) + " : " + text(choice.no()) + ")";
            case Call call -> call.function().name().toLowerCase(Locale.ROOT) + "(" + text(call.argument()) + ")";
            case Compound compound -> compound.names() + "" + compound.values().stream().map(ExpressionParserTest::text).toList();
        };
    }

    private static CInteger number(String source) throws ExpressionException {
        return ((Literal) ExpressionParser.parse(source)).value();
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "a + b * c; (a + (b * c))",
        "a - b - c; ((a - b) - c)",
        "a << 1 + b; (a << (1 + b))",
        "a & 1 == b; (a & (1 == b))",
        "a || b && c | d ^ e & f; (a || (b && (c | (d ^ (e & f)))))",
        "a < b == c >= d; ((a < b) == (c >= d))",
        "(a + b) * c; ((a + b) * c)",
        "a ? b : c ? d : e; (a ? b : (c ? d : e))",
        "a || b ? c : d; ((a || b) ? c : d)",
        "-a * !b; ((-a) * (!b))",
        "*p->next; (*p.next)",
        "- - ~ +a; (-(-(~(+a))))",
        "ctx->data_end - ctx->data; (ctx.data_end - ctx.data)",
        "packet.ipv4.2.ttl; packet.ipv4.2.ttl",
        "counter.2; counter.2",
        "m[a[1]].b[2]; m[a[1]].b[2]",
        "m[{.a = 1, .b = {2, 3}}]; m[[a, b][1, [][2, 3]]]",
        "tcp->dest == bpf_htons(80); (tcp.dest == bpf_htons(80))",
        "a\t!=  \"x\\\"y\"; (a != \"x\"y\")"})
    void bindsAsInC(String source, String expected) throws ExpressionException {
        assertEquals(expected, text(ExpressionParser.parse(source)));
    }

    /** The first type that holds the value (C17 6.4.4.1); unsigned int only for what is not decimal. */
    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', value = {"0, 0, 32, true", "2147483647, 2147483647, 32, true", "2147483648, 2147483648, 64, true", "0xffffffff, 4294967295, 32, false",
        "0x100000000, 4294967296, 64, true", "18446744073709551615, -1, 64, false", "0xFFFFFFFFFFFFFFFF, -1, 64, false", "1u, 1, 32, false",
        "1UL, 1, 64, false", "1ll, 1, 64, true", "4294967295u, 4294967295, 32, false", "017, 15, 32, true", "0b101, 5, 32, true", "'A', 65, 32, true",
        "'\\n', 10, 32, true", "'\\0', 0, 32, true", "0xful, 15, 64, false"})
    void numbersHaveTheTypesOfC(String source, long bits, int width, boolean signed) throws ExpressionException {
        assertEquals(new CInteger(bits, width, signed), number(source));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "''|0|expected a name, a number or '(', found the end",
        "a = 5|2|expressions only read, '=' would change something; == compares",
        "a += 5|2|expressions only read, '+=' would change something; == compares",
        "a++|1|expressions only read, '++' would change something; == compares",
        "++a|0|expressions only read, '++' would change something; == compares",
        "a +|3|expected a name, a number or '(', found the end",
        "(a|2|expected ')' that closes the one before, found the end",
        "a b|2|expected an operator or the end, found 'b'",
        "a ? b|5|expected ':' between the two values of ?, found the end",
        "&a|0|no addresses are taken; a variable's name shows where it points",
        "(u32)a|0|casts are not there: values have the types of their variables",
        "a.|2|expected a member's name after '.', found the end",
        "a->2|3|expected a member's name after '->', found '2'",
        "m[{.1 = 2}]|4|expected a member's name after '.', found '1'",
        "m[{.a = 1, 2}]|11|either all values of a key have names, {.a = 1, .b = 2}, or none",
        "m[{1, .a = 2}]|7|either all values of a key have names, {.a = 1, .b = 2}, or none",
        "exit(1)|0|'exit' cannot be called here, only bpf_htons, bpf_ntohs, bpf_htonl, bpf_ntohl, bpf_cpu_to_be64, bpf_be64_to_cpu",
        "12x|0|'12x' is no number of at most 64 bits",
        "08|0|'08' is no number of at most 64 bits",
        "0x|0|'0x' is no number of at most 64 bits",
        "18446744073709551616|0|'18446744073709551616' is no number of at most 64 bits",
        "a @ b|2|'@' means nothing in an expression",
        "\"a|0|a \" is missing that ends what begins here"})
    void errorsSayWhereAndWhat(String source, int offset, String message) {
        ExpressionException error = assertThrows(ExpressionException.class, () -> ExpressionParser.parse(source));
        assertEquals("character " + (offset + 1) + " of the expression: " + message, error.getMessage());
        assertEquals(offset, error.offset());
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "-", "!", "a[", "a?", "a.b.", "1+", "bpf_htons(", "m[{.a=", "{", "*", "a?a:", "-1-"})
    void depthIsBounded(String part) {
        ExpressionException error = assertThrows(ExpressionException.class, () -> ExpressionParser.parse(part.repeat(1000)));
        assertTrue(error.getMessage().contains("at most") || error.getMessage().contains("expected"), error.getMessage());
        String most = part.repeat(Lexer.MAX_TOKENS);
        assertThrows(ExpressionException.class, () -> ExpressionParser.parse(most.substring(0, Math.min(most.length(), Lexer.MAX_LENGTH))));
    }

    @Test
    void lengthIsBounded() throws ExpressionException {
        assertEquals("a", text(ExpressionParser.parse(" ".repeat(Lexer.MAX_LENGTH - 1) + "a")));
        ExpressionException error = assertThrows(ExpressionException.class, () -> ExpressionParser.parse(" ".repeat(Lexer.MAX_LENGTH) + "a"));
        assertTrue(error.getMessage().endsWith("an expression has at most 4096 characters, this one 4097"), error.getMessage());
        List<String> terms = new ArrayList<>();
        for (int i = 0; i < Lexer.MAX_TOKENS / 2 - 1; i++) {
            terms.add("a");
        }
        assertTrue(ExpressionParser.parse(String.join("+", terms)) instanceof Binary);
    }

    /** Whatever comes, an expression or the one exception. */
    @Test
    void randomTextsAreReadOrRefused() {
        String[] words = {"a", "1", "0x", "'", "\"", "\\", "(", ")", "[", "]", "{", "}", ".", "->", "?", ":", "*", "-", "!", "==", "=", "&", "&&", "|", ",",
            " ", "bpf_htons(", "\0", "\u00e4", "'a'", "\"b\"", "<<", ">>=", "9999999999999999999999"};
        Random random = new Random(8);
        int read = 0;
        for (int i = 0; i < 50_000; i++) {
            StringBuilder source = new StringBuilder();
            for (int left = random.nextInt(12); left >= 0; left--) {
                source.append(words[random.nextInt(words.length)]);
            }
            try {
                ExpressionParser.parse(source.toString());
                read++;
            } catch (ExpressionException e) {
                assertTrue(e.offset() >= 0 && e.offset() <= source.length() && e.getMessage().lines().count() == 1, source + ": " + e.getMessage());
            }
        }
        assertTrue(read > 100, read + " were read");
    }
}
