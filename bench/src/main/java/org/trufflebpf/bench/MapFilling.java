package org.trufflebpf.bench;

import java.nio.file.Path;
import org.trufflebpf.language.EbpfContext;
import org.trufflebpf.language.run.CommandException;
import org.trufflebpf.language.run.Companion;
import org.trufflebpf.language.run.LoadedObject;
import org.trufflebpf.language.run.MapFile;
import org.trufflebpf.language.run.RunArguments;
import org.trufflebpf.language.run.Running;

/** Fills maps as users ask for it. */
final class MapFilling {
    private MapFilling() {
    }

    static void fromFile(LoadedObject object, Path file) {
        new MapFile(object.maps()).fill(file.toString(), BenchArguments.read(file));
    }

    /** Lets a control program do what it does before the first packet, and ends it: none come while it runs. */
    static void byControlProgram(LoadedObject object, String program, RunArguments.Control control) {
        Running run = new Running(program, object.programNames(), object.maps(), () -> {
            throw CommandException.failed("no packets are counted: a control program of ebpf bench ends before the first one");
        }, () -> { });
        try (Companion companion = EbpfContext.companions().start(run, control)) {
            companion.finish();
        }
    }
}
