/** The {@code ebpf} command: an embedder of the language like any other. */
module org.trufflebpf.launcher {
    requires org.graalvm.launcher;
    requires org.graalvm.polyglot;
    requires jdk.unsupported;

    exports org.trufflebpf.launcher;
}
