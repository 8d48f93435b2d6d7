package org.trufflebpf.language.btf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Types as bytes: every kind, and bytes that are none. */
class BtfTest {

    @Test
    void everyKind() {
        BtfBuilder builder = new BtfBuilder();
        int integer = builder.add("int", 1, false, 0, 4, 1 << 24 | 32);
        int pointer = builder.add("", 2, false, 0, integer);
        builder.add("", 3, false, 0, 0, integer, integer, 7);
        int struct = builder.add("s", 4, true, 2, 8, builder.string("a"), integer, 3 << 24 | 5, builder.string("b"), integer, 32);
        builder.add("u", 5, false, 1, 8, builder.string("p"), pointer, 0);
        builder.add("e", 6, true, 1, 4, builder.string("E"), -2);
        builder.add("f", 7, true, 0, 0);
        int typedef = builder.add("t", 8, false, 0, struct);
        int constant = builder.add("", 10, false, 0, builder.add("", 9, false, 0, typedef));
        builder.add("", 11, false, 0, pointer);
        int prototype = builder.add("", 13, false, 2, integer, builder.string("x"), pointer, 0, 0);
        int function = builder.add("g", 12, false, 1, prototype);
        int variable = builder.add("v", 14, false, 0, struct, 2);
        builder.add(".data", 15, false, 1, 16, variable, 8, 8);
        builder.add("double", 16, false, 0, 8);
        builder.add("note", 17, false, 0, function, 1);
        builder.add("user", 18, false, 0, integer);
        builder.add("big", 19, false, 1, 8, builder.string("B"), -1, 1);
        Btf btf = builder.parse();
        List<BtfType> expected = List.of(new BtfType.Void(), new BtfType.Int("int", 4, 32, 0, true, false, false), new BtfType.Pointer(1),
                new BtfType.Array(1, 1, 7),
                new BtfType.Composite("s", false, 8, List.of(new BtfType.Member("a", 1, 5, 3), new BtfType.Member("b", 1, 32, 0))),
                new BtfType.Composite("u", true, 8, List.of(new BtfType.Member("p", 2, 0, 0))),
                new BtfType.Enumeration("e", 4, true, List.of(new BtfType.Enumerator("E", -2))), new BtfType.Forward("f", true),
                new BtfType.Typedef("t", 4), new BtfType.Qualified(BtfType.Qualifier.VOLATILE, 8), new BtfType.Qualified(BtfType.Qualifier.CONST, 9),
                new BtfType.Qualified(BtfType.Qualifier.RESTRICT, 2),
                new BtfType.FunctionPrototype(1, List.of(new BtfType.Parameter("x", 2), new BtfType.Parameter("", 0))),
                new BtfType.Function("g", 12, BtfType.Linkage.GLOBAL), new BtfType.Variable("v", 4, BtfType.Linkage.EXTERN),
                new BtfType.DataSection(".data", 16, List.of(new BtfType.Placement(14, 8, 8))), new BtfType.Float("double", 8),
                new BtfType.DeclarationTag("note", 13, 1), new BtfType.TypeTag("user", 1),
                new BtfType.Enumeration("big", 8, false, List.of(new BtfType.Enumerator("B", 0x1_ffff_ffffL))));
        for (int id = 0; id < btf.count(); id++) {
            assertEquals(expected.get(id), btf.type(id), "type " + id);
        }
        assertEquals(expected.size(), btf.count());
        assertEquals(expected.get(struct), btf.resolve(constant));
        assertEquals(28, btf.sizeOf(3));
        assertEquals(8, btf.sizeOf(variable));
        assertEquals(8, btf.sizeOf(constant));
        assertEquals(-1, btf.sizeOf(function));
        assertEquals(struct, btf.find("s", BtfType.Composite.class).getAsInt());
        assertFalse(btf.find("s", BtfType.Enumeration.class).isPresent());
    }

    @Test
    void chainsWithoutEndAreVoid() {
        BtfBuilder builder = new BtfBuilder();
        builder.add("a", 8, false, 0, 2);
        builder.add("", 10, false, 0, 1);
        builder.add("", 3, false, 0, 0, 3, 1, 2);
        Btf btf = builder.parse();
        assertInstanceOf(BtfType.Void.class, btf.resolve(1));
        assertEquals(-1, btf.sizeOf(1));
        assertEquals(-1, btf.sizeOf(3));
        assertTrue(new BtfPrinter(btf).declaration(2, "x").length() < 1000);
    }

    @Test
    void hugeSizesSaturate() {
        BtfBuilder builder = new BtfBuilder();
        builder.add("big", 4, false, 0, -1);
        for (int i = 0; i < 4; i++) {
            builder.add("", 3, false, 0, 0, i + 1, 1, -1);
        }
        assertEquals(Long.MAX_VALUE, builder.parse().sizeOf(5));
    }

    @ParameterizedTest
    @CsvSource({"iphdr, iphdr", "iphdr___old, iphdr", "iphdr___, iphdr___", "___x, ___x", "a____b, a____b", "a___b___c, a___b"})
    void flavours(String name, String essential) {
        assertEquals(essential, Btf.essentialName(name));
    }

    @Test
    void whatIsMalformed() {
        assertMessage(new byte[3], "it has only 3 bytes");
        assertMessage(new byte[30], "it does not start with the header of BTF version 1");
        BtfBuilder unknown = new BtfBuilder();
        unknown.add("x", 25, false, 0, 0);
        assertMessage(unknown.bytes(), "type 1 has the unknown kind 25");
        BtfBuilder dangling = new BtfBuilder();
        dangling.add("", 2, false, 0, 9);
        assertMessage(dangling.bytes(), "type 1 refers to type 9, which does not exist");
        BtfBuilder cut = new BtfBuilder();
        cut.add("s", 4, false, 2, 8, 0, 0, 0);
        assertMessage(cut.bytes(), "type 1 goes beyond the end");
        BtfBuilder outside = new BtfBuilder();
        int integer = outside.add("int", 1, false, 0, 4, 32);
        outside.add("s", 4, false, 1, 4, outside.string("far"), integer, 8);
        assertMessage(outside.bytes(), "member far of type 2 lies beyond the struct's end");
        byte[] swapped = new BtfBuilder().bytes();
        swapped[0] = (byte) 0xeb;
        swapped[1] = (byte) 0x9f;
        assertMessage(swapped, "it is big-endian, compile with -target bpfel");
    }

    private static void assertMessage(byte[] bytes, String message) {
        assertEquals(message, assertThrows(MalformedBtfException.class, () -> Btf.parse(bytes)).getMessage());
    }

    @Test
    void mutantsAreTypesOrErrors() throws Exception {
        byte[] original;
        try (var stream = Btf.class.getResourceAsStream("target.btf")) {
            original = stream.readAllBytes();
        }
        Random random = new Random(1);
        for (int i = 0; i < 2000; i++) {
            byte[] mutant = original.clone();
            for (int j = 0; j < 1 + i % 8; j++) {
                mutant[random.nextInt(mutant.length)] = (byte) random.nextInt();
            }
            try {
                Btf btf = Btf.parse(mutant);
                for (int id = 0; id < btf.count(); id++) {
                    btf.sizeOf(id);
                    new BtfPrinter(btf).definition(id);
                }
            } catch (MalformedBtfException e) {
                assertEquals(1, e.getMessage().lines().count());
            }
        }
    }
}
