package org.trufflebpf.language.btf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The built-in types are those of target.h, and laid out as the kernel's. */
class BuiltInBtfTest {
    private static final Btf BTF = Btf.builtIn();
    /** Types of the kernel's inside, of which only what programs ask for is there. */
    private static final Set<String> PARTIAL = Set.of("net_device", "xdp_rxq_info", "xdp_txq_info", "xdp_buff");

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({"xdp_md, 24", "ethhdr, 14", "vlan_hdr, 4", "iphdr, 20", "ipv6hdr, 40", "tcphdr, 20", "udphdr, 8", "icmphdr, 8", "icmp6hdr, 8",
        "arphdr, 8", "bpf_fib_lookup, 64", "in6_addr, 16", "bpf_spin_lock, 4", "bpf_timer, 16", "bpf_devmap_val, 8"})
    void sizes(String name, long size) {
        assertEquals(size, BTF.sizeOf(BTF.find(name, BtfType.Composite.class).orElseThrow()));
    }

    @ParameterizedTest
    @CsvSource({"xdp_action, XDP_REDIRECT, 4", "bpf_map_type, BPF_MAP_TYPE_LPM_TRIE, 11", "bpf_func_id, BPF_FUNC_fib_lookup, 69",
        "bpf_func_id, BPF_FUNC_xdp_store_bytes, 190"})
    void enumerators(String enumeration, String name, long value) {
        BtfType.Enumeration type = (BtfType.Enumeration) BTF.type(BTF.find(enumeration, BtfType.Enumeration.class).orElseThrow());
        assertTrue(type.values().contains(new BtfType.Enumerator(name, value)));
    }

    @Test
    void isBuiltFromItsSource() throws IOException, InterruptedException {
        Clang.run(Path.of("src/main/btf/build"), directory);
        assertArrayEquals(Files.readAllBytes(Path.of("src/main/resources/org/trufflebpf/language/btf/target.btf")),
                Files.readAllBytes(directory.resolve("target.btf")));
    }

    /** Whatever struct or enum the running kernel has under the same name agrees with it, member by member. */
    @Test
    void agreesWithTheRunningKernel() throws IOException, MalformedBtfException {
        Path file = Path.of("/sys/kernel/btf/vmlinux");
        if (!Files.isReadable(file)) {
            System.out.println("skipped: this kernel does not describe its types in " + file);
        }
        assumeTrue(Files.isReadable(file), "no " + file);
        Btf kernel = Btf.parse(Files.readAllBytes(file));
        List<String> compared = new ArrayList<>();
        for (int id = 1; id < BTF.count(); id++) {
            String name = BTF.type(id).name();
            int other = kernel.find(name, BTF.type(id).getClass()).orElse(0);
            if (name.isEmpty() || other == 0) {
                continue;
            }
            switch (BTF.type(id)) {
                case BtfType.Composite struct when !PARTIAL.contains(name) -> {
                    assertEquals(layout(BTF, struct), layout(kernel, (BtfType.Composite) kernel.type(other)), name);
                    compared.add(name);
                }
                case BtfType.Enumeration enumeration -> {
                    for (BtfType.Enumerator value : enumeration.values()) {
                        ((BtfType.Enumeration) kernel.type(other)).values().stream().filter(candidate -> candidate.name().equals(value.name()))
                                .forEach(candidate -> assertEquals(candidate.value(), value.value(), value.name()));
                    }
                    compared.add(name);
                }
                default -> {
                    // Only structs, unions and enums have a layout of their own.
                }
            }
        }
        assertTrue(compared.containsAll(List.of("xdp_md", "ethhdr", "iphdr", "ipv6hdr", "tcphdr", "udphdr", "bpf_fib_lookup", "bpf_map_type")),
                compared.toString());
    }

    private static List<String> layout(Btf btf, BtfType.Composite struct) {
        List<String> members = new ArrayList<>(List.of("size " + struct.size()));
        for (BtfType.Member member : struct.members()) {
            members.add(member.name() + " at " + member.bitOffset() + ", "
                    + (member.bitSize() != 0 ? member.bitSize() : Byte.SIZE * btf.sizeOf(member.type())) + " bits");
        }
        return members;
    }
}
