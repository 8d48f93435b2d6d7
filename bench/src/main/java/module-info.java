/** Measures programs: ours beside the kernel's and native code's. Open, because JMH finds benchmarks and their generated code by reflection. */
open module org.trufflebpf.bench {
    requires com.google.gson;
    requires java.desktop;
    requires java.management;
    requires jmh.core;
    requires org.graalvm.polyglot;
    requires org.graalvm.truffle.compiler;
    requires org.graalvm.truffle.runtime;
    requires org.trufflebpf.language;
    requires org.trufflebpf.launcher;
    requires xchart;

    provides org.trufflebpf.launcher.FurtherCommand with org.trufflebpf.bench.BenchCommand;
}
