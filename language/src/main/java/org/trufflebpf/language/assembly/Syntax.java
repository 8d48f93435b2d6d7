package org.trufflebpf.language.assembly;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.AtomicOperation;
import org.trufflebpf.language.isa.Instruction.ByteOrder;
import org.trufflebpf.language.isa.Instruction.Condition;
import org.trufflebpf.language.isa.Instruction.Size;

/** The words of LLVM's assembly language for BPF, both ways: for reading and for writing. */
final class Syntax {

    static final Map<AluOperation, String> ASSIGNMENTS = new EnumMap<>(Map.ofEntries(Map.entry(AluOperation.ADD, "+="),
            Map.entry(AluOperation.SUB, "-="), Map.entry(AluOperation.MUL, "*="), Map.entry(AluOperation.DIV, "/="),
            Map.entry(AluOperation.SDIV, "s/="), Map.entry(AluOperation.MOD, "%="), Map.entry(AluOperation.SMOD, "s%="),
            Map.entry(AluOperation.OR, "|="), Map.entry(AluOperation.AND, "&="), Map.entry(AluOperation.XOR, "^="),
            Map.entry(AluOperation.LSH, "<<="), Map.entry(AluOperation.RSH, ">>="), Map.entry(AluOperation.ARSH, "s>>="),
            Map.entry(AluOperation.MOV, "=")));
    static final Map<String, AluOperation> ASSIGNMENTS_BY_TEXT = inverse(ASSIGNMENTS);

    static final Map<Condition, String> COMPARISONS = new EnumMap<>(Map.ofEntries(Map.entry(Condition.EQ, "=="), Map.entry(Condition.NE, "!="),
            Map.entry(Condition.GT, ">"), Map.entry(Condition.GE, ">="), Map.entry(Condition.LT, "<"), Map.entry(Condition.LE, "<="),
            Map.entry(Condition.SGT, "s>"), Map.entry(Condition.SGE, "s>="), Map.entry(Condition.SLT, "s<"), Map.entry(Condition.SLE, "s<="),
            Map.entry(Condition.SET, "&")));
    static final Map<String, Condition> COMPARISONS_BY_TEXT = inverse(COMPARISONS);

    /** What follows {@code lock *(u64 *)(r1 + 0x0)}. */
    static final Map<AtomicOperation, String> LOCKED = new EnumMap<>(
            Map.of(AtomicOperation.ADD, "+=", AtomicOperation.OR, "|=", AtomicOperation.AND, "&=", AtomicOperation.XOR, "^="));
    static final Map<String, AtomicOperation> LOCKED_BY_TEXT = inverse(LOCKED);

    static final Map<AtomicOperation, String> FETCHING = new EnumMap<>(Map.of(AtomicOperation.ADD, "atomic_fetch_add", AtomicOperation.OR,
            "atomic_fetch_or", AtomicOperation.AND, "atomic_fetch_and", AtomicOperation.XOR, "atomic_fetch_xor"));
    static final Map<String, AtomicOperation> FETCHING_BY_TEXT = inverse(FETCHING);

    static final Map<ByteOrder, String> SWAPS = new EnumMap<>(Map.of(ByteOrder.LITTLE, "le", ByteOrder.BIG, "be", ByteOrder.SWAP, "bswap"));
    static final Map<String, ByteOrder> SWAPS_BY_TEXT = inverse(SWAPS);

    static final Map<String, Size> SIZES = Map.of("u8", Size.BYTE, "u16", Size.HALF, "u32", Size.WORD, "u64", Size.DOUBLE);
    static final Map<String, Size> SIGNED_SIZES = Map.of("s8", Size.BYTE, "s16", Size.HALF, "s32", Size.WORD);

    static final String EXCHANGE_WIDE = "xchg_64";
    static final String EXCHANGE_NARROW = "xchg32_32";
    static final String COMPARE_EXCHANGE_WIDE = "cmpxchg_64";
    static final String COMPARE_EXCHANGE_NARROW = "cmpxchg32_32";
    static final String LOAD_ACQUIRE = "load_acquire";
    static final String STORE_RELEASE = "store_release";

    private static final Pattern REGISTER = Pattern.compile("[rw]\\d+");
    private static final Pattern SWAP = Pattern.compile("(le|be|bswap)\\d+");
    private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z_.$][A-Za-z0-9_.$]*");
    private static final Set<String> WORDS = Set.of(EXCHANGE_WIDE, EXCHANGE_NARROW, COMPARE_EXCHANGE_WIDE, COMPARE_EXCHANGE_NARROW, LOAD_ACQUIRE,
            "atomic_fetch_add", "atomic_fetch_or", "atomic_fetch_and", "atomic_fetch_xor", STORE_RELEASE, "lock", "if", "goto", "gotol", "may_goto",
            "call", "callx", "exit", "ll", "s");

    private Syntax() {
    }

    private static <K> Map<String, K> inverse(Map<K, String> map) {
        Map<String, K> inverse = new HashMap<>();
        map.forEach((key, text) -> inverse.put(text, key));
        return Map.copyOf(inverse);
    }

    static boolean isRegister(String word) {
        return REGISTER.matcher(word).matches();
    }

    static boolean isSwap(String word) {
        return SWAP.matcher(word).matches();
    }

    /** {@code name} as the assembler reads it back: in quotes where it is not a plain word or means something else. */
    static String quoted(String name) {
        if (PLAIN_NAME.matcher(name).matches() && !isRegister(name) && !isSwap(name) && !WORDS.contains(name)) {
            return name;
        }
        StringBuilder text = new StringBuilder("\"");
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < 0x20 || c >= 0x7f) {
                text.append("\\u%04x".formatted((int) c));
            } else {
                text.append(c);
            }
        }
        return text.append('"').toString();
    }

    static String hex(long value) {
        return value < 0 ? "-0x" + Long.toHexString(-value) : "0x" + Long.toHexString(value);
    }
}
