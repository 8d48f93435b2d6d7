package org.trufflebpf.io.linux;

import org.trufflebpf.io.libc.Libc;

/** Whether the running kernel's own BPF can be used: with it {@link KernelMap} and {@link KernelProgram} are the reference for ours. */
public final class Bpf {
    /** Map types of enum bpf_map_type, as far as they have a meaning here. */
    public static final int MAP_TYPE_HASH = 1;
    public static final int MAP_TYPE_ARRAY = 2;
    public static final int MAP_TYPE_PERCPU_HASH = 5;
    public static final int MAP_TYPE_PERCPU_ARRAY = 6;
    public static final int MAP_TYPE_LRU_PERCPU_HASH = 10;
    public static final int MAP_TYPE_XSKMAP = 17;
    public static final int MAP_TYPE_QUEUE = 22;
    public static final int MAP_TYPE_STACK = 23;
    public static final int MAP_TYPE_RINGBUF = 27;

    private static final String UNAVAILABLE = probe();

    private Bpf() {
    }

    private static String probe() {
        if (!Libc.available()) {
            Module module = Bpf.class.getModule();
            return "system calls need Linux on x86-64 and a Java started with --enable-native-access="
                    + (module.isNamed() ? module.getName() : "ALL-UNNAMED");
        }
        try (KernelMap map = KernelMap.create(MAP_TYPE_ARRAY, 4, 8, 1);
                KernelProgram program = KernelProgram.load(KernelProgram.RETURN_PASS, "GPL", "probe")) {
            return map.valueSize() == 8 && program.run(new byte[14]).result() == 2 ? null : "the kernel's bpf does not work";
        } catch (BpfException e) {
            return "the kernel's bpf cannot be used: " + e.getMessage();
        }
    }

    /** Whether maps can be created and XDP programs loaded and run. */
    public static boolean available() {
        return UNAVAILABLE == null;
    }

    /** One line that says why not, empty if {@link #available}. */
    public static String reason() {
        return UNAVAILABLE == null ? "" : UNAVAILABLE;
    }
}
