package org.trufflebpf.language.btf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Types as C. */
class BtfPrinterTest {
    private static String definition(String name, Class<? extends BtfType> kind) {
        Btf btf = Btf.builtIn();
        return new BtfPrinter(btf).definition(btf.find(name, kind).orElseThrow());
    }

    @Test
    void structsWithBitFieldsArraysAndAnonymousUnions() {
        assertEquals("""
                struct ipv6hdr {
                    __u8 priority : 4;
                    __u8 version : 4;
                    __u8 flow_lbl[3];
                    __be16 payload_len;
                    __u8 nexthdr;
                    __u8 hop_limit;
                    union {
                        struct {
                            struct in6_addr saddr;
                            struct in6_addr daddr;
                        };
                        struct {
                            struct in6_addr saddr;
                            struct in6_addr daddr;
                        } addrs;
                    };
                }""", definition("ipv6hdr", BtfType.Composite.class));
    }

    @Test
    void pointersAndFlexibleArrays() {
        assertEquals("""
                struct xdp_rxq_info {
                    struct net_device *dev;
                    __u32 queue_index;
                }""", definition("xdp_rxq_info", BtfType.Composite.class));
        assertEquals("""
                struct bpf_lpm_trie_key {
                    __u32 prefixlen;
                    __u8 data[];
                }""", definition("bpf_lpm_trie_key", BtfType.Composite.class));
    }

    @Test
    void enums() {
        assertEquals("""
                enum xdp_action {
                    XDP_ABORTED = 0,
                    XDP_DROP = 1,
                    XDP_PASS = 2,
                    XDP_TX = 3,
                    XDP_REDIRECT = 4,
                }""", definition("xdp_action", BtfType.Enumeration.class));
    }

    @Test
    void typedefsOfNumbersKeepTheirName() {
        assertEquals("__u32", definition("__u32", BtfType.Typedef.class));
    }
}
