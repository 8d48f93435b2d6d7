package org.trufflebpf.launcher;

/** The {@code ebpf} command. */
public final class EbpfLauncher {
    private EbpfLauncher() {
    }
}
