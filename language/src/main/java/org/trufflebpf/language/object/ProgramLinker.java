package org.trufflebpf.language.object;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import org.trufflebpf.language.btf.BtfExtension;
import org.trufflebpf.language.isa.MapReference;
import org.trufflebpf.language.isa.RawInstruction;
import org.trufflebpf.language.object.ElfFile.Relocation;
import org.trufflebpf.language.object.ElfFile.Symbol;
import org.trufflebpf.language.object.ElfFile.SymbolType;

/**
 * Makes one program: the main function, then each function that it calls or passes to a helper, once, with everything that the instructions refer
 * to filled in as the kernel's loader encodes it.
 */
final class ProgramLinker {
    /** R_BPF_64_64: a 64-bit constant. */
    private static final int RELOCATE_CONSTANT = 1;
    /** R_BPF_64_32: a call. */
    private static final int RELOCATE_CALL = 10;

    private final Definitions definitions;
    private final Set<String> kernelFunctions;
    private final CodeFunction main;

    private final Map<CodeFunction, Integer> starts = new LinkedHashMap<>();
    private final Queue<CodeFunction> pending = new ArrayDeque<>();
    private final Map<Integer, MapReference> references = new HashMap<>();
    private final Map<Integer, String> kfuncs = new HashMap<>();
    private final List<ProgramSpec.Line> lines = new ArrayList<>();
    private byte[] code = new byte[0];
    private int slots;

    ProgramLinker(Definitions definitions, Set<String> kernelFunctions, CodeFunction main) {
        this.definitions = definitions;
        this.kernelFunctions = kernelFunctions;
        this.main = main;
    }

    ProgramSpec link() throws MalformedObjectException {
        place(main);
        while (!pending.isEmpty()) {
            patch(pending.remove());
        }
        List<ProgramSpec.Function> functions = new ArrayList<>();
        starts.forEach((function, start) -> functions.add(new ProgramSpec.Function(start, function.name())));
        return new ProgramSpec(main.name(), main.section().name(), Arrays.copyOf(code, slots * RawInstruction.BYTES), references, functions,
                lines, kfuncs);
    }

    /** The slot where the function starts in the program, which it becomes a part of. */
    private int place(CodeFunction function) throws MalformedObjectException {
        Integer known = starts.get(function);
        if (known != null) {
            return known;
        }
        int start = slots;
        if (function.size() > CodeSection.MAX_SLOTS - start) {
            throw new MalformedObjectException("program " + main.name() + " has more than " + CodeSection.MAX_SLOTS + " instructions");
        }
        slots += function.size();
        if (slots * RawInstruction.BYTES > code.length) {
            code = Arrays.copyOf(code, Math.max(slots * RawInstruction.BYTES, 2 * code.length));
        }
        System.arraycopy(function.section().code(), function.start() * RawInstruction.BYTES, code, start * RawInstruction.BYTES,
                function.size() * RawInstruction.BYTES);
        starts.put(function, start);
        pending.add(function);
        addLines(function, start);
        return start;
    }

    private void addLines(CodeFunction function, int start) {
        Map<Integer, BtfExtension.Line> own = function.section().lines(function);
        if (!lines.isEmpty() && !own.containsKey(function.start())) {
            // The last line of the function before must not reach into this one.
            lines.add(new ProgramSpec.Line(start, "", 0, 0, ""));
        }
        own.forEach((slot, line) -> lines.add(
                new ProgramSpec.Line(start + slot - function.start(), line.file(), line.line(), line.column(), line.text())));
    }

    private void patch(CodeFunction function) throws MalformedObjectException {
        int start = starts.get(function);
        for (int slot = function.start(); slot < function.end(); slot++) {
            int linked = start + slot - function.start();
            RawInstruction instruction = RawInstruction.at(code, linked);
            Relocation relocation = function.section().relocation(slot);
            if (instruction.opcode() == RawInstruction.DOUBLE_CONSTANT) {
                if (slot + 1 == function.end()) {
                    throw at(function, slot, "the function ends within a 64-bit constant");
                }
                if (relocation != null) {
                    patchConstant(function, slot, linked, instruction, relocation);
                }
                slot++;
            } else if (instruction.opcode() == Definitions.CALL && (relocation != null || instruction.source() == RawInstruction.CALL_LOCAL)) {
                patchCall(function, slot, linked, instruction, relocation);
            } else if (relocation != null) {
                throw at(function, slot, "a relocation against " + relocation.symbol().name() + " at an instruction that takes none");
            }
        }
    }

    private void patchCall(CodeFunction caller, int slot, int linked, RawInstruction call, Relocation relocation) throws MalformedObjectException {
        if (relocation != null && relocation.type() != RELOCATE_CALL) {
            throw at(caller, slot, "a relocation of type " + relocation.type() + " at a call");
        }
        if (relocation != null && relocation.symbol().isUndefined()) {
            patchKernelCall(caller, slot, linked, call, relocation.symbol());
            return;
        }
        CodeFunction callee = definitions.target(caller.section(), slot);
        if (callee == null) {
            throw at(caller, slot, "a call of something that is not the start of a function");
        }
        new RawInstruction(Definitions.CALL, call.target(), RawInstruction.CALL_LOCAL, call.offset(), place(callee) - linked - 1).write(code, linked);
    }

    private void patchKernelCall(CodeFunction caller, int slot, int linked, RawInstruction call, Symbol symbol) throws MalformedObjectException {
        if (!(definitions.extern(symbol.name()) instanceof Extern.KernelFunction)) {
            throw at(caller, slot, "it calls " + symbol.name() + ", which the object does not define; " + advice(symbol.name()));
        }
        kfuncs.put(linked, symbol.name());
        new RawInstruction(Definitions.CALL, call.target(), RawInstruction.CALL_KFUNC, 0, 0).write(code, linked);
    }

    private static String advice(String function) {
        return switch (function) {
            case "memset", "memcpy", "memmove", "memcmp" -> "use __builtin_" + function + " with a small constant size";
            default -> "define it static or link the objects with bpftool gen object";
        };
    }

    private void patchConstant(CodeFunction function, int slot, int linked, RawInstruction constant, Relocation relocation)
            throws MalformedObjectException {
        Symbol symbol = relocation.symbol();
        if (relocation.type() != RELOCATE_CONSTANT) {
            throw at(function, slot, "a relocation of type " + relocation.type() + " at a 64-bit constant");
        }
        if (symbol.isUndefined()) {
            patchExtern(function, slot, linked, constant, symbol);
            return;
        }
        long offset = symbol.value() + constant.immediate();
        MapSpec data = definitions.data(symbol.section());
        if (data != null) {
            if (offset < 0 || offset >= data.valueSize()) {
                throw at(function, slot, "it takes the address of byte " + offset + " of " + data.name() + ", which has " + data.valueSize());
            }
            writeConstant(linked, constant, RawInstruction.MAP_VALUE, 0, (int) offset);
            references.put(linked, new MapReference(data.name(), true));
        } else if (definitions.isCode(symbol.section())) {
            CodeFunction pointed = definitions.target(function.section(), slot);
            if (pointed == null) {
                throw at(function, slot, "it takes the address of something that is not the start of a function");
            }
            writeConstant(linked, constant, RawInstruction.FUNCTION, place(pointed) - linked - 1, 0);
        } else {
            String map = definitions.map(symbol.section(), symbol.type() == SymbolType.SECTION ? offset : symbol.value());
            if (map == null) {
                throw at(function, slot, "it refers to " + symbol.name() + ", which is neither a map, a variable of a data section nor a function");
            }
            writeConstant(linked, constant, RawInstruction.MAP, 0, 0);
            references.put(linked, new MapReference(map, false));
        }
    }

    private void patchExtern(CodeFunction function, int slot, int linked, RawInstruction constant, Symbol symbol) throws MalformedObjectException {
        switch (definitions.extern(symbol.name())) {
            case Extern.KernelConfig(int offset) -> {
                writeConstant(linked, constant, RawInstruction.MAP_VALUE, 0, offset);
                references.put(linked, new MapReference(KernelConfig.MAP_NAME, true));
            }
            // Nothing can be done with the address but to compare it with null, before a call.
            case Extern.KernelFunction(String name) when kernelFunctions.contains(name) ->
                writeConstant(linked, constant, RawInstruction.CONSTANT, 1, 0);
            case Extern.KernelFunction _, Extern.KernelVariable _ when symbol.weak() ->
                writeConstant(linked, constant, RawInstruction.CONSTANT, 0, 0);
            case null -> throw at(function, slot, "it refers to " + symbol.name() + ", which the object does not define");
            case Extern.KernelFunction _, Extern.KernelVariable _ ->
                throw at(function, slot, "it refers to " + symbol.name() + " of the kernel, which does not exist here; "
                    + "declare it __weak and test it");
        }
    }

    private void writeConstant(int slot, RawInstruction constant, int kind, int low, int high) {
        new RawInstruction(constant.opcode(), constant.target(), kind, constant.offset(), low).write(code, slot);
        RawInstruction second = RawInstruction.at(code, slot + 1);
        new RawInstruction(second.opcode(), second.target(), second.source(), second.offset(), high).write(code, slot + 1);
    }

    private MalformedObjectException at(CodeFunction function, int slot, String what) {
        return new MalformedObjectException("program " + main.name() + ", " + function.section().describe(slot) + ": " + what);
    }
}
