/** The {@code ebpf} command: an embedder of the language like any other. */
module org.trufflebpf.launcher {
    requires org.graalvm.launcher;
    requires transitive org.graalvm.polyglot;
    requires jdk.unsupported;

    exports org.trufflebpf.launcher;

    uses org.trufflebpf.launcher.FurtherCommand;
}
