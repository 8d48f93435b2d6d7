/** eBPF maps as Truffle objects over off-heap storage. */
module org.trufflebpf.maps {
    requires transitive org.graalvm.truffle;
    requires transitive org.trufflebpf.io;

    exports org.trufflebpf.maps;
}
