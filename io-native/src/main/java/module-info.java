/** Off-heap memory, packet ports and the poll loop. Knows nothing of eBPF or Truffle. */
module org.trufflebpf.io {
    requires jdk.unsupported;

    exports org.trufflebpf.io.burst;
    exports org.trufflebpf.io.memory;
}
