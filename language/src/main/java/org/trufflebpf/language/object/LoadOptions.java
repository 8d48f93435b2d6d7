package org.trufflebpf.language.object;

import java.util.Map;
import java.util.Set;
import org.trufflebpf.language.btf.Btf;

/**
 * What an object file is resolved against: everything about the kernel it runs on that its code may ask for.
 *
 * @param target the kernel's types; null for {@link Btf#builtIn}
 * @param kconfig the kernel's configuration, by name ({@code CONFIG_HZ}), each value as in {@code /boot/config}: {@code y}, {@code n}, {@code m}, a
 *        number, or a text in double quotes
 * @param kernelFunctions names of the kernel functions that exist, for programs that ask (bpf_ksym_exists)
 */
public record LoadOptions(Btf target, Map<String, String> kconfig, Set<String> kernelFunctions) {
    public LoadOptions {
        target = target == null ? Btf.builtIn() : target;
        kconfig = Map.copyOf(kconfig);
        kernelFunctions = Set.copyOf(kernelFunctions);
    }

    /** The built-in types, an empty configuration, no kernel functions. */
    public static LoadOptions defaults() {
        return new LoadOptions(null, Map.of(), Set.of());
    }
}
