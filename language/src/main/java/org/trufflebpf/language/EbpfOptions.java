package org.trufflebpf.language;

import com.oracle.truffle.api.Option;
import java.util.Locale;
import java.util.Set;
import org.graalvm.options.OptionCategory;
import org.graalvm.options.OptionKey;
import org.graalvm.options.OptionStability;
import org.graalvm.options.OptionType;
import org.graalvm.polyglot.SandboxPolicy;
import org.trufflebpf.language.optimizer.Pass;
import org.trufflebpf.language.verifier.Safety;

/** The {@code --ebpf.*} options. */
@Option.Group(EbpfLanguage.ID)
public final class EbpfOptions {
    @Option(help = "Loop iterations that one packet may take before its program is stopped (default: 8388608).", usageSyntax = "<count>", //
                    category = OptionCategory.USER, stability = OptionStability.STABLE, sandbox = SandboxPolicy.CONSTRAINED)
    public static final OptionKey<Long> MaxLoopIterations = new OptionKey<>(8L << 20, between(1, Long.MAX_VALUE));

    @Option(help = "Memory that the maps of one object may take, in MiB (default: 4096).", usageSyntax = "<MiB>", //
                    category = OptionCategory.USER, stability = OptionStability.STABLE, sandbox = SandboxPolicy.CONSTRAINED)
    public static final OptionKey<Long> MaxMapMemory = new OptionKey<>(4096L, between(1, Long.MAX_VALUE >> 20));

    @Option(help = "Types that CO-RE relocations are resolved against: builtin, kernel (of the running machine), or a BTF file (default: builtin).", //
                    usageSyntax = "builtin|kernel|<file>", category = OptionCategory.USER, stability = OptionStability.STABLE, //
                    sandbox = SandboxPolicy.CONSTRAINED)
    public static final OptionKey<String> TargetBtf = new OptionKey<>("builtin");

    @Option(help = "Values of the kernel's configuration for programs that ask for them, a file as in /boot/config (default: none).", //
                    usageSyntax = "<file>", category = OptionCategory.USER, stability = OptionStability.STABLE, sandbox = SandboxPolicy.CONSTRAINED)
    public static final OptionKey<String> Kconfig = new OptionKey<>("");

    @Option(help = "What bpf_csum_diff gives: 16 bits as since Linux 6.13 (folded), or 32 bits as before on x86 (unfolded) (default: folded).", //
                    usageSyntax = "folded|unfolded", category = OptionCategory.USER, stability = OptionStability.STABLE, //
                    sandbox = SandboxPolicy.CONSTRAINED)
    public static final OptionKey<ChecksumForm> CsumDiff = new OptionKey<>(ChecksumForm.FOLDED);

    @Option(help = "What becomes of a program that is not proved safe: graduated runs it with checks, strict rejects it, off checks everything (default: graduated).", //
                    usageSyntax = "graduated|strict|off", category = OptionCategory.USER, stability = OptionStability.STABLE, //
                    sandbox = SandboxPolicy.CONSTRAINED)
    public static final OptionKey<VerifyMode> Verify = new OptionKey<>(VerifyMode.GRADUATED);

    @Option(help = "Whether programs that run over ports are compiled for what their maps hold, too, anew whenever these have changed and rest again " + //
                    "(default: true; --log.ebpf.specialization.level=FINE tells what was made use of).", usageSyntax = "true|false", //
                    category = OptionCategory.USER, stability = OptionStability.STABLE, sandbox = SandboxPolicy.CONSTRAINED)
    public static final OptionKey<Boolean> Specialize = new OptionKey<>(true);

    @Option(help = "Print what an object holds when it is evaluated without arguments (default: false; bin/polyglot sets it).", //
                    category = OptionCategory.EXPERT, stability = OptionStability.STABLE, sandbox = SandboxPolicy.CONSTRAINED)
    public static final OptionKey<Boolean> Describe = new OptionKey<>(false);

    @Option(help = "Whether --cpusampler sees C lines as functions of the program; packets take somewhat longer (default: false; ebpf sets it " +
                    "with --cpusampler).", usageSyntax = "true|false", category = OptionCategory.USER, stability = OptionStability.STABLE, //
                    sandbox = SandboxPolicy.CONSTRAINED)
    public static final OptionKey<Boolean> SampleLines = new OptionKey<>(false);

    @Option(help = "What is done to programs before they are compiled: all, none, or passes by name, separated by commas, to measure what each gives " +
                    "(default: all).", usageSyntax = "all|none|<pass>,...", category = OptionCategory.INTERNAL, stability = OptionStability.EXPERIMENTAL)
    public static final OptionKey<Set<Pass>> Optimize = new OptionKey<>(Pass.parse("all"), new OptionType<>("passes", Pass::parse));

    /**
     * Graal gives up above 10,000 blocks in one dispatch loop (MaximumLoopExplosionCount), and no part has more than this many. Where thousands of ways
     * meet, compiling takes time that grows with the square: 30,000 instructions in parts of 3,000, 6,000, 9,000 and 12,000 took 7, 12, 48 and 85 s, for
     * code of the same speed (8.7 to 8.8 us a packet, measured).
     */
    @Option(help = "Instructions that are compiled as one, calls counted as many; larger programs are cut into parts (default: 6000).", //
                    usageSyntax = "<count>", category = OptionCategory.INTERNAL, stability = OptionStability.EXPERIMENTAL)
    public static final OptionKey<Long> PartLimit = new OptionKey<>(6000L, between(1, Integer.MAX_VALUE));

    /** Values of {@link #CsumDiff}. */
    enum ChecksumForm {
        FOLDED, UNFOLDED;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Values of {@link #Verify}. */
    enum VerifyMode {
        GRADUATED(Safety.GRADUATED), STRICT(Safety.STRICT), OFF(Safety.OFF);

        private final Safety safety;

        VerifyMode(Safety safety) {
            this.safety = safety;
        }

        Safety safety() {
            return safety;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private EbpfOptions() {
    }

    private static OptionType<Long> between(long min, long max) {
        return new OptionType<>("a whole number", text -> {
            try {
                return Long.valueOf(text);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("must be a whole number");
            }
        }, value -> {
            if (value < min) {
                throw new IllegalArgumentException("must be at least " + min);
            }
            if (value > max) {
                throw new IllegalArgumentException("must be at most " + max);
            }
        });
    }
}
