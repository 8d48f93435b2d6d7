/** Measures programs: ours beside the kernel's and native code's. Open, because JMH finds benchmarks and their generated code by reflection. */
open module org.trufflebpf.bench {
    requires jmh.core;
    requires org.graalvm.polyglot;
    requires org.trufflebpf.language;
}
