/** Off-heap memory, packet ports, the poll loop and Linux system calls. Knows nothing of eBPF programs or Truffle. */
module org.trufflebpf.io {
    requires jdk.unsupported;

    exports org.trufflebpf.io.burst;
    exports org.trufflebpf.io.dpdk;
    exports org.trufflebpf.io.generator;
    exports org.trufflebpf.io.linux;
    exports org.trufflebpf.io.loop;
    exports org.trufflebpf.io.memory;
    exports org.trufflebpf.io.net;
    exports org.trufflebpf.io.pcap;
    exports org.trufflebpf.io.port;
    exports org.trufflebpf.io.tap;
    exports org.trufflebpf.io.xsk;
}
