package org.trufflebpf.tests.safety;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;

/**
 * Makes programs that try to get at memory that is not theirs: pointers of all kinds through arithmetic, spills, calls, maps and packets, loops of
 * all shapes, helpers with wrong arguments. Some are wild throughout; most are nearly right, as it takes a program that gets far to find a wrong
 * fact. The same seed gives the same program.
 */
final class HostileGenerator {
    /** What a register or a stack word is supposed to hold; nobody checks. */
    private enum Holds {
        NUMBER, CONTEXT, PACKET, END, STACK, VALUE, ANYTHING
    }

    private static final String[] ALL_MAPS = {"array", "small", "data", "readonly", "table", "percpu", "queue", "stack", "devices", "ring"};
    /** In the same order. */
    private static final String[] DEFINITIONS = {"array 4 16 4", "array 4 4 3", "array 4 24 1", "array 4 16 1 0x80", "hash 8 16 4",
            "percpu_array 4 8 2",
        "queue 0 8 3", "stack 0 24 2", "devmap 4 4 2", "ringbuf 0 0 4096"};
    private static final String CALLBACK = """
            callback:
            r0 = *(u64 *)(r2 + 0)
            r0 += r1
            *(u64 *)(r2 + 0) = r0
            r0 = 0
            exit
            """;
    private static final String[] VALUE_MAPS = {"array", "data", "table"};
    private static final String[] OPERATIONS = {"+=", "-=", "*=", "/=", "%=", "|=", "&=", "^=", "<<=", ">>=", "s>>=", "s/=", "s%=", "="};
    private static final String[] CONDITIONS = {"==", "!=", "<", "<=", ">", ">=", "s<", "s<=", "s>", "s>=", "&"};
    private static final String[] SIZES = {"u8", "u16", "u32", "u64"};
    private static final String[] SIGNED_SIZES = {"s8", "s16", "s32"};
    private static final long[] NUMBERS = {0, 1, 2, 3, 4, 7, 8, 12, 14, 16, 24, 31, 32, 33, 63, 64, 255, 256, 511, 512, 513, 1024, 4096, 65535, -1,
            -2, -4, -8,
        -16, -64, -512, -513, -520, 0x7fff_ffffL, 0xffff_ffffL, 0x8000_0000L, Integer.MIN_VALUE, Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE - 3,
        0x7842_5000_0000_0000L, 0x4d41_5000_0000_0001L};
    private static final String[] HELPERS = {"bpf_map_lookup_elem", "bpf_map_update_elem", "bpf_map_delete_elem", "bpf_ktime_get_ns",
        "bpf_get_smp_processor_id", "bpf_csum_diff", "bpf_xdp_adjust_head", "bpf_redirect_map", "bpf_xdp_adjust_meta", "bpf_xdp_adjust_tail",
        "bpf_map_push_elem", "bpf_map_pop_elem", "bpf_map_peek_elem", "bpf_xdp_get_buff_len", "bpf_xdp_load_bytes", "bpf_xdp_store_bytes",
        "bpf_redirect", "bpf_strtol", "bpf_strncmp", "bpf_map_lookup_percpu_elem"};
    /** Words of each frame that are filled at the start: where most accesses go. */
    private static final int WORDS = 8;
    /** Bytes of an Ethernet header and more, that the packet is often checked for. */
    private static final int CHECKED = 14;
    private static final Pattern LABEL = Pattern.compile("@(\\d+|end)@");

    private final Random random;
    private final StringBuilder text = new StringBuilder();
    private final int functions;
    /** In percent: how often something goes where it does not belong. */
    private final int wildness;
    private final Holds[] registers = new Holds[11];
    private final Holds[] words = new Holds[WORDS];
    /** Lines of the function at hand. */
    private List<String> lines;
    private int function;
    private int labels;

    private HostileGenerator(long seed) {
        this.random = new Random(seed);
        this.wildness = new int[]{0, 0, 1, 3, 10, 40}[random.nextInt(6)];
        this.functions = chance(10) ? 1 + random.nextInt(7) : random.nextInt(3);
    }

    /** Whether the program never shows or compares an address, so that it does the same wherever memory lies. */
    static boolean isTame(long seed) {
        return new HostileGenerator(seed).wildness == 0;
    }

    /** Assembler text of a program {@code main} and its maps. */
    static String program(long seed) {
        return new HostileGenerator(seed).generate();
    }

    private String generate() {
        for (function = 0; function <= functions; function++) {
            lines = new ArrayList<>();
            begin();
            int length = lines.size() + 4 + random.nextInt(function == 0 ? 60 : 16);
            while (lines.size() < length) {
                idiom(2);
            }
            if (function < functions && lines.stream().noneMatch(("call f" + (function + 1))::equals)) {
                call(function + 1);
            }
            if (registers[0] != Holds.NUMBER || function == 0 && chance(50)) {
                add("r0 = " + random.nextInt(5));
            }
            text.append(function == 0 ? "main:\n" : "f" + function + ":\n");
            lines.forEach(line -> text.append(LABEL.matcher(line).replaceAll("f" + function + "_$1")).append('\n'));
            text.append("exit\n");
            if (lines.stream().anyMatch(line -> line.contains("@end@"))) {
                text.append('f').append(function).append("_end:\nr0 = 3\nexit\n");
            }
        }
        if (text.indexOf("callback ll") >= 0) {
            text.append(CALLBACK);
        }
        StringBuilder maps = new StringBuilder(".license GPL\n");
        for (int i = 0; i < ALL_MAPS.length; i++) {
            if (text.indexOf("= " + ALL_MAPS[i]) >= 0) {
                maps.append(".map ").append(ALL_MAPS[i]).append(' ').append(DEFINITIONS[i]).append('\n');
            }
        }
        return maps.append(text).toString();
    }

    /** Fills registers and stack, so that nothing is refused for being empty. */
    private void begin() {
        Arrays.fill(registers, Holds.NUMBER);
        Arrays.fill(words, Holds.NUMBER);
        registers[10] = Holds.STACK;
        registers[6] = Holds.CONTEXT;
        add("r6 = r1");
        if (function == 0) {
            add("r0 = 2");
            loadPacket();
            add("r9 = " + random.nextInt(100));
            for (int register = 0; register <= 5; register++) {
                add("r" + register + " = " + random.nextInt(64));
            }
        } else {
            // As call() passes them.
            add("r7 = r4");
            add("r8 = r3");
            add("r9 = r5");
            add("r0 = 0");
            registers[1] = Holds.CONTEXT;
            registers[2] = Holds.STACK;
            registers[4] = Holds.VALUE;
            registers[7] = Holds.VALUE;
        }
        for (int word = 1; word <= WORDS; word++) {
            add("*(u64 *)(r10 - " + 8 * word + ") = " + random.nextInt(256));
        }
        if (chance(50)) {
            // Behind a merge nothing is refused for being certainly wrong, so that more of it is run.
            String next = newLabel();
            add("if r" + (function == 0 ? 9 : 0) + " == 77 goto " + next);
            place(next);
        }
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    private boolean wild() {
        return chance(wildness);
    }

    private void add(String line) {
        lines.add(line);
    }

    private String newLabel() {
        return "@" + labels++ + "@";
    }

    private void place(String label) {
        add(label + ":");
    }

    private static String r(int register) {
        return "r" + register;
    }

    /** One of those that hold such, or any where none does or the program is wild; -1 never. */
    private int with(Holds holds) {
        int start = random.nextInt(10);
        if (!wild()) {
            for (int i = 0; i < 10; i++) {
                if (registers[(start + i) % 10] == holds) {
                    return (start + i) % 10;
                }
            }
        }
        return wild() || holds != Holds.NUMBER ? start : number();
    }

    /** A register with a number, made if need be. */
    private int number() {
        int target = target();
        add(r(target) + " = " + random.nextInt(100));
        registers[target] = Holds.NUMBER;
        return target;
    }

    private int target() {
        return wild() ? random.nextInt(10) : new int[]{0, 1, 2, 3, 4, 5, 9}[random.nextInt(7)];
    }

    private void set(int register, Holds holds) {
        registers[register] = holds;
    }

    private int stackOffset() {
        return wild() ? -random.nextInt(1100) + 16 : -8 * (1 + random.nextInt(WORDS));
    }

    private int wildOffset() {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt(128) - 64;
            case 1 -> 4 * random.nextInt(6);
            default -> new int[]{32767, -32768, 512, -512, 4096, 1500, -1, 8}[random.nextInt(8)];
        };
    }

    private String immediate() {
        long number = chance(60) ? random.nextInt(64) : NUMBERS[random.nextInt(NUMBERS.length)];
        return Integer.toString((int) number);
    }

    private static String at(String base, int offset) {
        return "(" + base + (offset < 0 ? " - " + -offset : " + " + offset) + ")";
    }

    private String size() {
        return SIZES[random.nextInt(4)];
    }

    private static int bytes(String size) {
        return Integer.parseInt(size.substring(1)) / 8;
    }

    /** @param nesting how many idioms may be inside of this one */
    private void idiom(int nesting) {
        if (Arrays.stream(words).anyMatch(word -> word != Holds.NUMBER) && chance(20)) {
            clearWords();
        }
        switch (random.nextInt(28)) {
            case 0, 1, 2 -> arithmetic();
            case 3 -> move();
            case 4 -> movePointer();
            case 5, 6, 7 -> load();
            case 8, 9, 10 -> store();
            case 11, 12 -> spill(nesting);
            case 13, 14 -> lookup();
            case 15, 16 -> masked();
            case 17, 18 -> conditional(nesting);
            case 19 -> mixed();
            case 20 -> helper();
            case 21 -> adjust();
            case 22 -> {
                if (function < functions) {
                    call(function + 1 + random.nextInt(functions - function));
                }
            }
            case 23 -> atomic();
            case 24 -> loop(nesting);
            case 25 -> ringRecord();
            case 26 -> {
                // The kernel wants type information of callbacks, so that it can say nothing of these.
                if (chance(wildness == 0 ? 10 : 100)) {
                    callbackLoop();
                }
            }
            default -> rare();
        }
    }

    /** Makes all words numbers again, so that no address gets out through a helper or an access to some of them. */
    private void clearWords() {
        for (int word = 0; word < WORDS; word++) {
            if (words[word] != Holds.NUMBER) {
                words[word] = Holds.NUMBER;
                add("*(u64 *)" + at("r10", -8 * (word + 1)) + " = " + random.nextInt(50));
            }
        }
    }

    private void clearWordsUnlessWild() {
        if (!wild()) {
            clearWords();
        }
    }

    private static String narrow(String line) {
        return line.replace('r', 'w');
    }

    private void arithmetic() {
        String operation = OPERATIONS[random.nextInt(OPERATIONS.length)];
        int target = with(Holds.NUMBER);
        String right;
        if (chance(50)) {
            right = r(with(Holds.NUMBER));
        } else if (operation.contains("<<") || operation.contains(">>")) {
            right = Integer.toString(random.nextInt(32));
        } else {
            right = operation.contains("/") || operation.contains("%") ? Integer.toString(1 + random.nextInt(40)) : immediate();
        }
        String line = r(target) + " " + operation + " " + right;
        add(chance(35) ? narrow(line) : line);
    }

    private void move() {
        int target = target();
        switch (random.nextInt(3)) {
            case 0 -> add(r(target) + " = " + NUMBERS[random.nextInt(NUMBERS.length)] + " ll");
            case 1 -> add(r(target) + " = " + immediate());
            default -> add(r(target) + " = (" + SIGNED_SIZES[random.nextInt(3)] + ")" + r(with(Holds.NUMBER)));
        }
        set(target, Holds.NUMBER);
    }

    private void movePointer() {
        int target = target();
        if (chance(40)) {
            add(r(target) + " = r10");
            add(r(target) + " += " + stackOffset());
            set(target, wild() ? Holds.STACK : Holds.ANYTHING);
            if (chance(50)) {
                String size = size();
                add(chance(50) ? "*(" + size + " *)" + at(r(target), 0) + " = " + r(with(Holds.NUMBER)) : "*(" + size + " *)" + at(r(target), 0)
                        + " = 7");
                Arrays.fill(words, Holds.NUMBER);
            }
        } else {
            int source = wild() ? random.nextInt(11) : chance(50) ? 7 : with(Holds.VALUE);
            add(r(target) + " = " + r(source));
            set(target, registers[source]);
            if (wild()) {
                add(r(target) + " += " + (chance(50) ? immediate() : r(with(Holds.NUMBER))));
            }
        }
    }

    /** A place that can be read and written, and how many bytes of it; often. */
    private String place(String size, boolean writes) {
        int bytes = bytes(size);
        if (wild()) {
            return at(r(random.nextInt(11)), wildOffset());
        }
        int region = random.nextInt(4);
        if (region == 0 && registers[7] == Holds.PACKET) {
            return at("r7", random.nextInt(CHECKED + 1 - bytes));
        }
        if (region == 1) {
            for (int register = 0; register < 10; register++) {
                if (registers[register] == Holds.VALUE) {
                    return at(r(register), random.nextInt(16 / bytes) * bytes);
                }
            }
        }
        if (region == 2 && !writes && registers[6] == Holds.CONTEXT && bytes == 4) {
            return at("r6", 12 + 4 * random.nextInt(2));
        }
        if (region == 2 && writes && registers[2] == Holds.STACK) {
            return at("r2", random.nextInt(16 / bytes) * bytes);
        }
        int word = random.nextInt(WORDS);
        if (bytes < 8 && words[word] != Holds.NUMBER) {
            add("*(u64 *)" + at("r10", -8 * (word + 1)) + " = 1");
        }
        words[word] = writes || bytes < 8 ? Holds.NUMBER : words[word];
        return at("r10", -8 * (word + 1) + random.nextInt(8 / bytes) * bytes);
    }

    private void load() {
        String size = chance(15) ? SIGNED_SIZES[random.nextInt(3)] : size();
        String place = place(size, false);
        int target = target();
        add(r(target) + " = *(" + size + " *)" + place);
        boolean word = size.equals("u64") && place.startsWith("(r10 - ");
        int index = word ? Integer.parseInt(place.substring(7, place.length() - 1)) / 8 - 1 : -1;
        set(target, index >= 0 && index < WORDS ? words[index] : Holds.NUMBER);
    }

    private void store() {
        String size = size();
        String value = chance(60) ? r(with(Holds.NUMBER)) : Integer.toString(random.nextInt(1000));
        add("*(" + size + " *)" + place(size, true) + " = " + value);
    }

    /** Through a stack word and back, whole or damaged. */
    private void spill(int nesting) {
        int source = chance(20) ? 10 : random.nextInt(10);
        int word = random.nextInt(WORDS);
        add("*(u64 *)" + at("r10", -8 * (word + 1)) + " = " + r(source));
        words[word] = registers[source];
        if (wild()) {
            add("*(u8 *)" + at("r10", -8 * (word + 1) + random.nextInt(8)) + " = " + random.nextInt(256));
        }
        if (nesting > 0 && chance(60)) {
            idiom(nesting - 1);
        }
        int target = target();
        add(r(target) + " = *(u64 *)" + at("r10", -8 * (word + 1)));
        set(target, words[word]);
    }

    private void lookup() {
        if (chance(25)) {
            int target = target();
            add(r(target) + " = data+" + (wild() ? random.nextInt(40) : random.nextInt(2) * 8) + " ll");
            set(target, Holds.VALUE);
            return;
        }
        String map = wild() ? ALL_MAPS[random.nextInt(ALL_MAPS.length)] : VALUE_MAPS[random.nextInt(VALUE_MAPS.length)];
        int word = random.nextInt(6);
        int key = -8 * (word + 1);
        words[word] = Holds.NUMBER;
        add("*(u64 *)" + at("r10", key) + " = " + random.nextInt(5));
        add("r2 = r10");
        add("r2 += " + (wild() ? stackOffset() : key));
        add("r1 = " + map + " ll");
        if (chance(60)) {
            add("call bpf_map_lookup_elem");
            endCall();
            String next = newLabel();
            if (!wild()) {
                add("if r0 != 0 goto " + next);
                add("r0 = data+8 ll");
                place(next);
            }
            set(0, Holds.VALUE);
            int target = new int[]{0, 9, 7}[random.nextInt(wild() ? 3 : 2)];
            add(r(target) + " = r0");
            set(target, Holds.VALUE);
        } else {
            clearWordsUnlessWild();
            add("r3 = r10");
            add("r3 += " + (wild() ? stackOffset() : -8 * (2 + random.nextInt(WORDS - 1))));
            add("r4 = " + random.nextInt(wild() ? 5 : 3));
            String[] changes = {"bpf_map_update_elem", "bpf_map_delete_elem", "bpf_map_push_elem", "bpf_map_pop_elem"};
            add("call " + changes[random.nextInt(wild() ? 4 : map.equals("table") ? 2 : 1)]);
            endCall();
        }
    }

    private void endCall() {
        set(0, Holds.NUMBER);
        for (int register = 1; register <= 5; register++) {
            set(register, Holds.ANYTHING);
        }
    }

    /** A pointer and a number in bounds, or nearly. */
    private void masked() {
        clearWordsUnlessWild();
        int number = with(Holds.NUMBER);
        int target = target();
        if (target == number) {
            return;
        }
        boolean aligned = chance(60);
        String size = aligned ? "u64" : "u8";
        add(chance(30) ? narrow(r(number) + " &= ") + (aligned ? 56 : 63) : r(number) + " &= " + (wild() ? immediate() : aligned ? "56" : "63"));
        switch (random.nextInt(3)) {
            case 0 -> {
                add(r(target) + " = r10");
                add(r(target) + " += " + (wild() ? stackOffset() : -64));
                add(r(target) + (wild() ? " -= " : " += ") + r(number));
            }
            case 1 -> {
                add(r(target) + " = data+0 ll");
                add(r(number) + (chance(50) ? " >>= 3" : " %= 8"));
                add(r(target) + " += " + r(number));
            }
            default -> {
                if (registers[7] != Holds.PACKET || registers[8] != Holds.END) {
                    return;
                }
                String out = newLabel();
                int limit = target == 9 ? 5 : 9;
                add(r(target) + " = r7");
                add(r(target) + " += " + r(number));
                add(r(limit) + " = " + r(target));
                add(r(limit) + " += 8");
                add("if " + r(limit) + " > r8 goto " + (wild() ? out : "@end@"));
                place(out);
                set(limit, Holds.ANYTHING);
            }
        }
        boolean load = chance(50);
        int offset = wild() ? wildOffset() : 0;
        int result = target();
        add(load ? r(result) + " = *(" + size + " *)" + at(r(target), offset) : "*(" + size + " *)" + at(r(target), offset) + " = " + r(number));
        if (!load) {
            Arrays.fill(words, Holds.NUMBER);
        }
        set(target, Holds.ANYTHING);
        if (load) {
            set(result, Holds.NUMBER);
        }
    }

    private String condition() {
        String right = chance(50) ? r(with(Holds.NUMBER)) : chance(50) ? "0" : immediate();
        String line = r(with(Holds.NUMBER)) + " " + CONDITIONS[random.nextInt(CONDITIONS.length)] + " " + right;
        return chance(30) ? narrow(line) : line;
    }

    private void conditional(int nesting) {
        String after = newLabel();
        add("if " + condition() + " goto " + after);
        Holds[] registersBefore = registers.clone();
        Holds[] wordsBefore = words.clone();
        for (int i = nesting == 0 ? 2 : 0; i < 3; i++) {
            idiom(Math.max(0, nesting - 1));
        }
        place(after);
        merge(registers, registersBefore);
        merge(words, wordsBefore);
    }

    private static void merge(Holds[] now, Holds[] before) {
        for (int i = 0; i < now.length; i++) {
            now[i] = now[i] == before[i] ? now[i] : Holds.ANYTHING;
        }
    }

    /** One register that holds this or that, by the packet or by chance. */
    private void mixed() {
        int target = target();
        String other = newLabel();
        String after = newLabel();
        add("if " + condition() + " goto " + other);
        pointer(target);
        add("goto " + after);
        place(other);
        pointer(target);
        place(after);
        String size = chance(60) ? "u64" : size();
        int result = target();
        add(chance(50) ? r(result) + " = *(" + size + " *)" + at(r(target), 0) : "*(" + size + " *)" + at(r(target), 0) + " = " + random.nextInt(99));
        Arrays.fill(words, Holds.ANYTHING);
        set(target, Holds.ANYTHING);
        set(result, Holds.ANYTHING);
        add(r(result) + " = 5");
        set(result, Holds.NUMBER);
    }

    private void pointer(int target) {
        switch (random.nextInt(wild() ? 5 : 3)) {
            case 0, 1 -> {
                add(r(target) + " = r10");
                add(r(target) + " += " + stackOffset());
            }
            case 2 -> add(r(target) + " = data+" + random.nextInt(17) + " ll");
            case 3 -> add(r(target) + " = r7");
            default -> add(r(target) + " = " + immediate());
        }
    }

    private void loop(int nesting) {
        int counter = chance(50) ? 9 : target();
        if (registers[counter] != Holds.NUMBER && !wild()) {
            return;
        }
        String start = newLabel();
        String middle = newLabel();
        add(r(counter) + " = " + random.nextInt(4));
        set(counter, Holds.NUMBER);
        if (chance(10)) {
            // Two ways into the loop.
            add("if " + condition() + " goto " + middle);
        }
        place(start);
        Holds[] before = registers.clone();
        if (nesting > 0) {
            idiom(0);
        }
        place(middle);
        for (int register = 0; register < 10; register++) {
            // The next time round it is what it was the first time.
            if (before[register] == Holds.NUMBER && registers[register] != Holds.NUMBER && !wild()) {
                add(r(register) + " = 50");
                set(register, Holds.NUMBER);
            }
        }
        merge(registers, before);
        clearWordsUnlessWild();
        add(r(counter) + " += " + (1 + random.nextInt(3)));
        add("if " + r(counter) + " " + (chance(80) ? "<" : "!=") + " " + random.nextInt(16) + " goto " + start);
    }

    private void helper() {
        clearWordsUnlessWild();
        if (!wild()) {
            add("r5 = " + r(with(Holds.NUMBER)));
            add("r1 = r10");
            add("r1 += -32");
            add("r2 = " + (1 + random.nextInt(8)) * 4);
            add("r3 = r10");
            add("r3 += -64");
            add("r4 = 4");
            add("call bpf_csum_diff");
            endCall();
            return;
        }
        for (int register = 1; register <= 5; register++) {
            switch (random.nextInt(6)) {
                case 0 -> add(r(register) + " = " + r(random.nextInt(11)));
                case 1 -> add(r(register) + " = " + immediate());
                case 2 -> {
                    add(r(register) + " = r10");
                    add(r(register) + " += " + stackOffset());
                }
                case 3 -> add(r(register) + " = " + ALL_MAPS[random.nextInt(ALL_MAPS.length)] + " ll");
                case 4 -> add(r(register) + " = " + (register == 1 ? "r6" : Integer.toString(random.nextInt(40))));
                default -> {
                }
            }
        }
        add("call " + HELPERS[random.nextInt(HELPERS.length)]);
        endCall();
    }

    private void loadPacket() {
        add("r7 = *(u32 *)(r6 + " + (wild() ? 8 : 0) + ")");
        add("r8 = *(u32 *)(r6 + 4)");
        set(7, Holds.PACKET);
        set(8, Holds.END);
        add("r2 = r7");
        add("r2 += " + (wild() ? random.nextInt(80) : CHECKED));
        add("if r2 " + (wild() ? ">=" : ">") + " r8 goto @end@");
        set(2, Holds.ANYTHING);
    }

    private void adjust() {
        if (function > 0 && !wild()) {
            return;
        }
        clearWordsUnlessWild();
        add("r1 = r6");
        switch (random.nextInt(5)) {
            case 0, 1 -> {
                add("r2 = " + (wild() ? Integer.parseInt(immediate()) : random.nextInt(64) - 32));
                add("call " + new String[]{"bpf_xdp_adjust_head", "bpf_xdp_adjust_tail", "bpf_xdp_adjust_meta"}[random.nextInt(3)]);
            }
            default -> {
                int word = random.nextInt(WORDS - 2);
                add("r2 = " + random.nextInt(20));
                add("r3 = r10");
                add("r3 += " + -8 * (word + 3));
                add("r4 = " + (wild() ? random.nextInt(600) : 1 + random.nextInt(16)));
                add("call " + (chance(50) ? "bpf_xdp_load_bytes" : "bpf_xdp_store_bytes"));
                Arrays.fill(words, Holds.NUMBER);
            }
        }
        endCall();
        if (!wild() && function == 0) {
            add("r0 = 1");
            loadPacket();
        }
    }

    private void call(int callee) {
        clearWordsUnlessWild();
        add("r3 = " + r(with(Holds.NUMBER)));
        add("r1 = r6");
        add("r2 = r10");
        add("r2 += " + (wild() ? stackOffset() : -8 * (2 + random.nextInt(7))));
        add("r4 = data+" + 8 * random.nextInt(2) + " ll");
        add("r5 = " + (wild() ? r(random.nextInt(11)) : Integer.toString(random.nextInt(64))));
        add("call f" + callee);
        endCall();
        Arrays.fill(words, Holds.NUMBER);
    }

    private void atomic() {
        clearWordsUnlessWild();
        boolean wide = chance(50);
        int source = with(Holds.NUMBER);
        int word = random.nextInt(WORDS);
        String place = wild() ? at(r(random.nextInt(11)), 8 * random.nextInt(3)) : at("r10", -8 * (word + 1));
        words[word] = Holds.NUMBER;
        String register = wide ? r(source) : narrow(r(source));
        String memory = wide ? "u64" : "u32";
        switch (random.nextInt(4)) {
            case 0 -> add("lock *(" + memory + " *)" + place + " " + new String[]{"+=", "|=", "&=", "^="}[random.nextInt(4)] + " " + register);
            case 1 -> add(register + " = atomic_fetch_" + new String[]{"add", "or", "and", "xor"}[random.nextInt(4)] + "((" + memory + " *)" + place
                    + ", " +
                    register + ")");
            case 2 -> add(register + " = " + (wide ? "xchg_64" : "xchg32_32") + "(" + place.substring(1, place.length() - 1) + ", " + register + ")");
            default -> {
                if (registers[0] == Holds.NUMBER || wild()) {
                    String result = wide ? "r0" : "w0";
                    add(result + " = " + (wide ? "cmpxchg_64" : "cmpxchg32_32") + "(" + place.substring(1, place.length() - 1) + ", " + result
                            + ", " +
                            register + ")");
                }
            }
        }
    }

    /** A record of a ring buffer: reserved, written, given back, perhaps written again. */
    private void ringRecord() {
        String none = newLabel();
        int size = 8 * (1 + random.nextInt(3));
        int copy = wild() ? target() : 9;
        Holds[] before = registers.clone();
        add("r1 = ring ll");
        add("r2 = " + (wild() ? r(with(Holds.NUMBER)) : Integer.toString(size)));
        add("r3 = " + (wild() ? 1 : 0));
        add("call bpf_ringbuf_reserve");
        add("if r0 == 0 goto " + none);
        add(r(copy) + " = r0");
        add("*(u64 *)" + at("r0", wild() ? wildOffset() : size - 8) + " = " + (chance(50) ? "5" : r(6 + random.nextInt(3))));
        add("r1 = " + (wild() ? r(random.nextInt(11)) : "r0"));
        add("r2 = 0");
        add("call " + (chance(50) ? "bpf_ringbuf_submit" : "bpf_ringbuf_discard"));
        if (wild()) {
            add("*(u64 *)" + at(r(copy), 0) + " = 6");
            add("r1 = " + r(copy));
            add("call bpf_ringbuf_submit");
        }
        place(none);
        endCall();
        add("r0 = 4");
        add(r(copy) + " = 4");
        System.arraycopy(before, 6, registers, 6, 4);
        set(copy, Holds.NUMBER);
    }

    /** bpf_loop over a function that adds up a word of the stack. */
    private void callbackLoop() {
        clearWordsUnlessWild();
        add("r1 = " + (wild() ? r(random.nextInt(11)) : Integer.toString(random.nextInt(40))));
        add("r2 = callback ll");
        add("r3 = r10");
        add("r3 += " + (wild() ? stackOffset() - random.nextInt(8) : -8 * (1 + random.nextInt(WORDS))));
        add("r4 = " + (wild() ? 1 : 0));
        add("call bpf_loop");
        endCall();
    }

    private void rare() {
        int register = with(Holds.NUMBER);
        switch (random.nextInt(5)) {
            case 0 -> add(r(register) + " = -" + r(register));
            case 1 -> add(r(register) + " = " + new String[]{"be16", "be32", "le16", "bswap32", "bswap64"}[random.nextInt(5)] + " " + r(register));
            case 2 -> {
                String out = newLabel();
                add("may_goto " + out);
                arithmetic();
                place(out);
            }
            case 3 -> {
                // Numbers of pointers, and pointers that lost what they were.
                int target = target();
                add(r(target) + " = " + r(wild() ? random.nextInt(11) : 8));
                add(r(target) + " -= r7");
                set(target, registers[8] == Holds.END && registers[7] == Holds.PACKET ? Holds.NUMBER : Holds.ANYTHING);
            }
            default -> {
                String out = newLabel();
                add("if " + condition() + " goto " + out);
                add("if " + condition() + " goto " + (wild() ? "@end@" : out));
                place(out);
            }
        }
    }
}
