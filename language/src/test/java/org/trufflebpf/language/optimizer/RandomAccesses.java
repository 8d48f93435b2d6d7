package org.trufflebpf.language.optimizer;

import java.util.Random;

/**
 * Programs at random, as text, that do what passes look for: bytes put together and taken apart, copied, summed up and set, in the packet, on the
 * stack and in a map value, through several pointers to the same place, with calls, branches and accesses that may trap between.
 */
final class RandomAccesses {
    static final String MAP = "map";
    static final int VALUE_SIZE = 32;
    private static final int PROVED = 24;
    private static final String[] SIZES = {"u8", "u8", "u8", "u16", "u32", "u64"};

    private final Random random;
    private final StringBuilder text = new StringBuilder();
    private int labels;
    private boolean inLoop;

    private RandomAccesses(Random random) {
        this.random = random;
    }

    /** r6 is the packet, of which at least 24 bytes are there, r7 a place in it further on, r8 the map's value, r9 a number below 8. */
    static String make(Random random) {
        RandomAccesses code = new RandomAccesses(random);
        code.text.append("""
                .map map array 4 %d 1
                r6 = *(u32 *)(r1 + 0)
                r2 = *(u32 *)(r1 + 4)
                r0 = r6
                r0 += %d
                if r0 > r2 goto short
                r9 = *(u8 *)(r6 + 3)
                r9 &= 7
                r7 = r6
                r7 += %s
                r8 = map+0 ll
                r0 = 0
                r1 = 1
                r2 = 2
                r3 = *(u16 *)(r6 + 2)
                r4 = *(u32 *)(r8 + 4)
                r5 = 0x123456789 ll
                """.formatted(VALUE_SIZE, PROVED, random.nextBoolean() ? "r9" : Integer.toString(random.nextInt(8))));
        if (random.nextBoolean()) {
            // Words that are accessed at a variable place cannot live in frame slots.
            code.text.append("""
                    r1 = r9
                    r1 <<= 2
                    r1 += r10
                    *(u8 *)(r1 - 40) = r5
                    """);
        }
        int pieces = random.nextInt(2, 12);
        for (int i = 0; i < pieces; i++) {
            code.piece();
        }
        return code.text.append("""
                goto done
                short: r0 = 1
                exit
                done: *(u64 *)(r8 + 8) = r3
                r0 += r4
                r0 += r5
                exit
                """).toString();
    }

    private void line(String format, Object... arguments) {
        text.append(format.formatted(arguments)).append('\n');
    }

    private int register() {
        return random.nextInt(6);
    }

    private String size() {
        return SIZES[random.nextInt(SIZES.length)];
    }

    private static int bytes(String size) {
        return Integer.parseInt(size.substring(1)) / 8;
    }

    /** A place where {@code count} bytes are, mostly; some are proved to be there and some are not. */
    private String place(int count) {
        return switch (random.nextInt(9)) {
            case 0, 1, 2 -> "r6 + " + random.nextInt(PROVED - count + 1);
            case 3, 4 -> "r7 + " + random.nextInt(PROVED - 7 - count + 1);
            case 5, 6 -> "r8 + " + random.nextInt(VALUE_SIZE - count + 1);
            default -> "r10 - " + (random.nextInt(count, 40));
        };
    }

    private static String moved(String place, int distance) {
        String[] parts = place.split(" ");
        int offset = Integer.parseInt(parts[1] + parts[2]) + distance;
        return parts[0] + (offset < 0 ? " - " + -offset : " + " + offset);
    }

    private void piece() {
        switch (random.nextInt(inLoop ? 14 : 20)) {
            case 0 -> combine(random.nextBoolean());
            case 1 -> copy();
            case 2 -> fill();
            case 3 -> sum();
            case 4 -> takeApart();
            case 5 -> swap();
            case 6 -> line("*(%s *)(r6 + %d) = %d", "u32", random.nextInt(16, 40), random.nextInt());
            case 7 -> call();
            case 8 -> branch();
            case 9 -> line("%s%d %s= %d", pick("r", "w"), register(), pick("<<", ">>", "s>>"), pick(8, 16, 24, 3));
            case 10 -> line("%s%d %s= %d", pick("r", "w"), register(), pick("+", "|", "^", "&"), pick(8, 255, 65535, -256, 0xff00));
            case 11 -> line("w%d %s= w%d", register(), pick("", "+", "|"), register());
            case 13 -> headers();
            case 14, 15 -> loop();
            case 16, 17 -> byteLoop();
            case 18 -> countedLoop();
            default -> {
                String size = size();
                line(random.nextBoolean() ? "r%d = *(%s *)(%s)" : "*(%2$s *)(%3$s) = r%1$d", register(), size, place(bytes(size)));
            }
        }
    }

    @SafeVarargs
    private <T> T pick(T... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private void combine(boolean bigEndian) {
        int count = pick(2, 2, 4, 8);
        String place = place(count);
        int target = register();
        int other = (target + 1 + random.nextInt(5)) % 6;
        line("r%d = *(u8 *)(%s)", target, moved(place, bigEndian ? count - 1 : 0));
        for (int i = 1; i < count; i++) {
            line("r%d = *(u8 *)(%s)", other, moved(place, bigEndian ? count - 1 - i : i));
            line("r%d <<= %d", other, 8 * i);
            line("r%d %s= r%d", target, pick("|", "|", "+"), other);
            if (random.nextInt(8) == 0) {
                interruption();
            }
        }
    }

    private void interruption() {
        String size = size();
        line("*(%s *)(%s) = r%d", size, place(bytes(size)), register());
    }

    private void copy() {
        int count = random.nextInt(2, 12);
        String from = place(count);
        String to = place(count);
        boolean down = random.nextBoolean();
        for (int i = 0; i < count; i++) {
            int distance = down ? count - 1 - i : i;
            int register = register();
            line("r%d = *(u8 *)(%s)", register, moved(from, distance));
            line("*(u8 *)(%s) = r%d", moved(to, distance), register);
        }
    }

    private void fill() {
        int count = random.nextInt(1, 5);
        String size = size();
        count = Math.min(count, 16 / bytes(size));
        String place = place(count * bytes(size));
        int register = register();
        if (random.nextBoolean()) {
            line("r%d = %d", register, random.nextInt());
        }
        for (int i = 0; i < count; i++) {
            line("*(%s *)(%s) = r%d", size, moved(place, i * bytes(size)), register);
        }
    }

    private void sum() {
        int unit = pick(1, 1, 2);
        int count = random.nextInt(2, 16 / unit + 1);
        String place = place(count * unit);
        int target = register();
        int other = (target + 1 + random.nextInt(5)) % 6;
        String wide = pick("r", "w", "w");
        for (int i = 0; i < count; i++) {
            line("r%d = *(%s *)(%s)", other, unit == 1 ? "u8" : "u16", moved(place, i * unit));
            line("%s%d += %s%d", wide, target, wide, random.nextInt(10) == 0 ? register() : other);
            if (random.nextInt(16) == 0) {
                interruption();
            }
        }
    }

    private void takeApart() {
        int count = pick(2, 4, 8);
        String place = place(count);
        int source = register();
        int other = (source + 1 + random.nextInt(5)) % 6;
        boolean bigEndian = random.nextBoolean();
        for (int i = 0; i < count; i++) {
            line("r%d = r%d", other, source);
            line("r%d >>= %d", other, 8 * i);
            line("*(u8 *)(%s) = r%d", moved(place, bigEndian ? count - 1 - i : i), other);
        }
    }

    private void swap() {
        int count = random.nextInt(1, 5);
        String a = place(2 * count + 2);
        String b = random.nextBoolean() ? place(2 * count) : moved(a, 2);
        for (int i = 0; i < count; i++) {
            line("r1 = *(u16 *)(%s)", moved(a, 2 * i));
            line("r2 = *(u16 *)(%s)", moved(b, 2 * i));
            line("*(u16 *)(%s) = r2", moved(a, 2 * i));
            line("*(u16 *)(%s) = r1", moved(b, 2 * i));
        }
    }

    private void call() {
        line("call 5");
        for (int register = 1; register <= 5; register++) {
            line("r%d = %d", register, random.nextInt(1000));
        }
    }

    private void branch() {
        String label = "label" + labels++;
        line("if r%d %s %d goto %s", register(), pick("==", "!=", ">", "s<"), random.nextInt(300), label);
        piece();
        line("%s: r%d += 1", label, register());
    }

    /** Mostly of a constant number of iterations, over bytes that come one after the other. */
    private void loop() {
        String label = "loop" + labels++;
        boolean up = random.nextBoolean();
        int count = random.nextInt(1, 14);
        inLoop = true;
        line("r9 = %d", up ? 0 : count);
        line("%s: r1 = %s", label, pick("r6", "r6", "r7", "r8"));
        line("r1 += r9");
        line("r2 = *(u8 *)(r1 + %d)", random.nextInt(4));
        switch (random.nextInt(4)) {
            case 0 -> line("w3 += w2");
            case 1 -> line("*(u8 *)(r1 + %d) = r%d", random.nextInt(12), random.nextInt(2, 6));
            case 2 -> line("if r2 %s %d goto %sout", pick("==", ">"), random.nextInt(256), label);
            default -> piece();
        }
        line("r9 += %d", up ? 1 : -1);
        line("if %s9 %s goto %s", pick("r", "w"), up ? "!= " + count : "s> 0", label);
        line("%sout: r1 = r9", label);
        inLoop = false;
    }

    /** Fields that nobody asked for whether the packet has them. */
    private void headers() {
        int first = random.nextInt(8, 40);
        for (int count = random.nextInt(2, 6); count > 0; count--) {
            String size = size();
            line(random.nextInt(3) > 0 ? "r%d = *(%s *)(%s + %d)" : "*(%2$s *)(%3$s + %4$d) = r%1$d", register(), size, pick("r6", "r6", "r7"), first + random.nextInt(16));
        }
    }

    /** Of a number of rounds that the packet says, over what may not be there, up or down, by an index or by a pointer. */
    private void countedLoop() {
        String label = "counted" + labels++;
        int by = pick(1, 1, 1, 2, 4, -1, -2);
        boolean pointer = random.nextBoolean();
        boolean narrow = !pointer && by > 0 && random.nextInt(4) == 0;
        boolean atEnd = random.nextInt(3) > 0;
        String index = narrow ? "w" : "r";
        String compared = narrow || random.nextInt(4) == 0 ? "w" : "r";
        line("r2 = *(u8 *)(r6 + %d)", random.nextInt(PROVED));
        line("r2 %s= %d", pick("&", "%"), pick(7, 15, 31, 63));
        line("r1 = %d", random.nextInt(5) == 0 ? random.nextInt(12) : 0);
        if (by < 0) {
            line("r1 = r2");
            line("r2 = %d", pick(0, 0, 1, 3));
        }
        line("r3 = %s", pick("r6", "r6", "r7", "r8"));
        String stay = pick("!=", by > 0 ? "<" : ">", by > 0 ? "s<" : "s>");
        String leave = stay.equals("!=") ? "==" : stay.equals("<") ? ">=" : stay.equals("s<") ? "s>=" : stay.equals(">") ? "<=" : "s<=";
        if (!atEnd) {
            line("%s: if %s1 %s %s2 goto %sout", label, compared, leave, compared, label);
        } else {
            line("%s: r0 += r1", label);
        }
        int offset = random.nextInt(-2, 8);
        line("r4 = r3");
        if (!pointer) {
            line("r4 += r1");
        }
        String size = pick("u8", "u8", "u16", "u32");
        String place = "(r4 " + (offset < 0 ? "- " + -offset : "+ " + offset) + ")";
        switch (random.nextInt(4)) {
            case 0 -> line("*(%s *)%s = r5", size, place);
            case 1 -> {
                line("r5 = *(%s *)%s", size, place);
                line("if r5 == %d goto %sout", random.nextInt(256), label);
            }
            case 2 -> {
                line("r5 = *(%s *)%s", size, place);
                line("if r5 > %d goto %sodd", random.nextInt(256), label);
                line("*(u8 *)(r4 + %d) = r0", random.nextInt(4));
                line("%sodd: r0 += 1", label);
            }
            default -> {
                line("r5 = *(%s *)%s", size, place);
                line("r0 += r5");
            }
        }
        if (pointer) {
            line("r3 += %d", pick(1, 2, -1, by));
        }
        line("%s1 += %d", index, by);
        if (atEnd) {
            line("if %s1 %s %s2 goto %s", compared, stay, compared, label);
        } else {
            line("goto %s", label);
        }
        line("%sout: r5 = r1", label);
    }

    /** As clang makes them: numbers one after the other are copied, added up or compared, up to a limit that the packet says. */
    private void byteLoop() {
        String label = "bytes" + labels++;
        int unit = pick(1, 1, 1, 2);
        String size = unit == 1 ? "u8" : "u16";
        int first = random.nextInt(3) * unit;
        line("r2 = *(u8 *)(r6 + %d)", random.nextInt(PROVED));
        line("r2 &= %d", pick(15, 14));
        line("r2 += %d", unit * random.nextInt(1, 3) + (random.nextInt(8) == 0 ? 1 : 0));
        line("r1 = %d", first);
        line("%s: r3 = r1", label);
        line("r4 = *(%s *)(r3 %s)", size, indexed());
        switch (random.nextInt(3)) {
            case 0 -> line("%s0 += %1$s4", pick("r", "w"));
            case 1 -> {
                line("r3 = r1");
                line("*(%s *)(r3 %s) = r4", size, indexed());
            }
            default -> {
                line("r3 = r1");
                line("r5 = *(%s *)(r3 %s)", size, indexed());
                line("if r4 != r5 goto %sout", label);
            }
        }
        line("r1 += %d", unit);
        line("if r1 %s r2 goto %s", pick("<", "<", "s<"), label);
        line("%sout: r5 = r1", label);
    }

    /** Adds one of the regions to r3, and gives an offset from there. */
    private String indexed() {
        int region = random.nextInt(3);
        line("r3 += %s", new String[]{"r6", "r8", "r10"}[region]);
        return region == 2 ? "- " + random.nextInt(20, 41) : "+ " + random.nextInt(region == 0 ? 6 : 14);
    }
}
