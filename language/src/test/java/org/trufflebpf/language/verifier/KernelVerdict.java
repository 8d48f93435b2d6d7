package org.trufflebpf.language.verifier;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.trufflebpf.io.linux.Bpf;
import org.trufflebpf.io.linux.BpfException;
import org.trufflebpf.io.linux.KernelMap;
import org.trufflebpf.io.linux.KernelProgram;
import org.trufflebpf.io.linux.KernelVersion;
import org.trufflebpf.language.btf.Btf;
import org.trufflebpf.language.btf.BtfType;
import org.trufflebpf.language.btf.MalformedBtfException;
import org.trufflebpf.language.isa.MapReference;
import org.trufflebpf.language.isa.RawInstruction;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.ProgramSpec;

/** What the running kernel says of an assembled program. */
final class KernelVerdict {
    private KernelVerdict() {
    }

    /** Why the kernel cannot be asked, or null. */
    static String missing() {
        if (!Bpf.available()) {
            return Bpf.reason();
        }
        return KernelVersion.current().isAtLeast(6, 15) ? null : "this kernel does not have all instructions, 6.15 has";
    }

    /** The kernel's log, or null if it accepts the first program of {@code object}. */
    static String rejection(ObjectSpec object) throws BpfException {
        List<KernelMap> maps = new ArrayList<>();
        try {
            byte[] code = object.programs().getFirst().code().clone();
            for (MapSpec spec : object.maps()) {
                KernelMap map = KernelMap.create(spec.type(), spec.keySize(), spec.valueSize(), (int) spec.maxEntries(), spec.flags(), null);
                maps.add(map);
                patch(code, object.programs().getFirst(), spec.name(), map.fd());
            }
            callKernelFunctions(code, object.programs().getFirst());
            KernelProgram.load(code, "GPL", "verdict").close();
            return null;
        } catch (BpfException e) {
            if (e.log().isEmpty()) {
                throw e;
            }
            return e.log();
        } finally {
            maps.forEach(KernelMap::close);
        }
    }

    private static void callKernelFunctions(byte[] code, ProgramSpec program) {
        program.kfuncs().forEach((slot, name) -> {
            RawInstruction raw = RawInstruction.at(code, slot);
            int number = KernelTypes.ALL.find(name, BtfType.Function.class).orElseThrow();
            new RawInstruction(raw.opcode(), raw.target(), raw.source(), raw.offset(), number).write(code, slot);
        });
    }

    /** Of the running kernel; read when the first program calls one of its functions. */
    private static final class KernelTypes {
        static final Btf ALL = read();

        private static Btf read() {
            try {
                return Btf.parse(Files.readAllBytes(Path.of("/sys/kernel/btf/vmlinux")));
            } catch (IOException | MalformedBtfException e) {
                throw new IllegalStateException("the types of the running kernel: " + e.getMessage(), e);
            }
        }
    }

    private static void patch(byte[] code, ProgramSpec program, String map, int fd) {
        for (Map.Entry<Integer, MapReference> reference : program.references().entrySet()) {
            if (reference.getValue().map().equals(map)) {
                RawInstruction raw = RawInstruction.at(code, reference.getKey());
                new RawInstruction(raw.opcode(), raw.target(), raw.source(), raw.offset(), fd).write(code, reference.getKey());
            }
        }
    }
}
