/** Measures programs: ours beside the kernel's and native code's. Open, because JMH finds benchmarks and their generated code by reflection. */
@SuppressWarnings("requires-automatic")
open module org.trufflebpf.bench {
    requires jmh.core;
    requires org.graalvm.polyglot;
    requires org.trufflebpf.language;
}
