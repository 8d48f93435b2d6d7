package org.trufflebpf.language.scope;

import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.InvalidArrayIndexException;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.source.SourceSection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.codec.TypedNumber;
import org.trufflebpf.language.dwarf.DebugInfo;
import org.trufflebpf.language.interop.Dictionary;
import org.trufflebpf.language.interop.NumberText;
import org.trufflebpf.language.interop.ScopeValue;
import org.trufflebpf.language.isa.RawInstruction;
import org.trufflebpf.language.isa.StackExtent;
import org.trufflebpf.language.nodes.ProgramLines;
import org.trufflebpf.language.nodes.ScopedLines;
import org.trufflebpf.language.nodes.StepView;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.verifier.ContextField;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.Codec;

/** What debuggers see of a program that stands at a line. */
public final class ProgramScopes implements ScopedLines {
    static final String PACKET = "packet";
    static final String CONTEXT = "context";
    static final String REGISTERS = "registers";
    static final String GLOBALS = "globals";
    static final String MAPS = "maps";

    private static final InteropLibrary INTEROP = InteropLibrary.getUncached();

    private final ProgramLines lines;
    private final ProgramSpec program;
    private final Supplier<List<BpfMap>> maps;
    private final Supplier<DebugInfo> debug;

    /**
     * @param lines where the program stands in its source
     * @param maps those of its instance
     * @param debug its object's, null where that has none; asked when somebody looks
     */
    public ProgramScopes(ProgramLines lines, ProgramSpec program, Supplier<List<BpfMap>> maps, Supplier<DebugInfo> debug) {
        this.lines = lines;
        this.program = program;
        this.maps = maps;
        this.debug = debug;
    }

    @Override
    public SourceSection section() {
        return lines.section();
    }

    @Override
    public SourceSection section(int slot) {
        return lines.section(slot);
    }

    @Override
    public Object scope(int slot, StepView view) {
        Map<String, Object> machine = new LinkedHashMap<>();
        machine.put(PACKET, Headers.of(view.bytes(view.data(), (int) (view.packetEnd() - view.data()))));
        Dictionary context = context(view);
        machine.put(CONTEXT, context);
        machine.put(REGISTERS, registers(view));
        machine.put("stack", stack(view));
        machine.put(GLOBALS, new Dictionary("globals", globals()));
        Map<String, Object> named = new LinkedHashMap<>();
        maps.get().forEach(map -> named.put(map.name(), map));
        machine.put(MAPS, new Dictionary("maps", named));
        ProgramSpec.Function function = program.functionAt(slot);
        DebugInfo info = debug.get();
        List<DebugInfo.Scope> scopes = info == null ? List.of()
                : info.scopesAt(function.name(), slot - function.slot(), StackExtent.of(program.code(), function.slot(), endOf(function)));
        ScopeValue outermost = new ScopeValue(scopes.isEmpty() ? function.name() : "machine", machine, null);
        return scopes.isEmpty() ? outermost : new Locals(info.types(), view, context).around(scopes, outermost);
    }

    private int endOf(ProgramSpec.Function function) {
        int next = program.functions().indexOf(function) + 1;
        return next < program.functions().size() ? program.functions().get(next).slot() : program.code().length / RawInstruction.BYTES;
    }

    private static Dictionary context(StepView view) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (ContextField field : ContextField.values()) {
            long value = view.context(field);
            Object shown = field.isPointer() ? place(view, value) : new TypedNumber(value, Integer.SIZE, false, false);
            fields.put(field.name().toLowerCase(Locale.ROOT), shown);
        }
        return Dictionary.saying("xdp_md", fields);
    }

    private static NumberText place(StepView view, long value) {
        return new NumberText(view.describe(value), value, Long.SIZE);
    }

    private static Dictionary registers(StepView view) {
        Map<String, Object> values = new LinkedHashMap<>();
        StringBuilder text = new StringBuilder();
        for (int register = 0; register < Registers.NAMED; register++) {
            long value = view.register(register);
            if (value != 0 && (register <= 10 || !Registers.isFramePointer(register))) {
                NumberText place = place(view, value);
                values.put(Registers.name(register), place);
                text.append(text.isEmpty() ? "" : " ").append(Registers.name(register)).append('=').append(place);
            }
        }
        return Dictionary.saying(text.toString(), values);
    }

    /** Words that are not zero. */
    private static Dictionary stack(StepView view) {
        Map<String, Object> words = new LinkedHashMap<>();
        for (long at = StepView.stackBytes() - Long.BYTES; at >= 0; at -= Long.BYTES) {
            byte[] word = view.bytes(view.stack() + at, Long.BYTES);
            for (byte part : word) {
                if (part != 0) {
                    words.put(view.describe(view.stack() + at), Codec.bytes(word.length).decode(word));
                    break;
                }
            }
        }
        return Dictionary.saying(words.size() + " words", words);
    }

    /** The variables of the data sections. */
    private Map<String, Object> globals() {
        Map<String, Object> variables = new LinkedHashMap<>();
        for (BpfMap map : maps.get()) {
            if (!map.name().startsWith(".")) {
                continue;
            }
            try {
                Members.of(INTEROP.readArrayElement(map, 0)).forEach(variables::putIfAbsent);
            } catch (UnsupportedMessageException | InvalidArrayIndexException e) {
                // A section whose variables BTF does not name; it stands among the maps.
                continue;
            }
        }
        return variables;
    }
}
