/** eBPF as a GraalVM language. */
module org.trufflebpf.language {
    requires com.google.gson;
    requires org.graalvm.polyglot;
    requires transitive org.graalvm.truffle;
    requires org.graalvm.truffle.compiler;
    requires org.graalvm.truffle.runtime;
    requires transitive org.trufflebpf.io;
    requires transitive org.trufflebpf.maps;

    exports org.trufflebpf.language to org.trufflebpf.bench;
    exports org.trufflebpf.language.btf;
    exports org.trufflebpf.language.isa;
    exports org.trufflebpf.language.object;
    exports org.trufflebpf.language.packettest;
    exports org.trufflebpf.language.run;

    provides com.oracle.truffle.api.provider.TruffleLanguageProvider with org.trufflebpf.language.EbpfLanguageProvider;
}
