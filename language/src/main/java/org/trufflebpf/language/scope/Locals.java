package org.trufflebpf.language.scope;

import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.trufflebpf.language.btf.Btf;
import org.trufflebpf.language.btf.BtfType;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.codec.BtfCodec;
import org.trufflebpf.language.codec.TypedNumber;
import org.trufflebpf.language.dwarf.DebugInfo;
import org.trufflebpf.language.dwarf.Machine;
import org.trufflebpf.language.interop.PointerValue;
import org.trufflebpf.language.interop.ScopeValue;
import org.trufflebpf.language.nodes.FrameLayout;
import org.trufflebpf.language.nodes.StepView;

/**
 * The C variables that can be seen where a program stands. Numbers, structs, enums and arrays are decoded as in maps; a pointer says where it points,
 * and has the members of what is there, or the member {@code *}; and what the compiler has left no trace of is {@code <optimized out>}.
 */
final class Locals {
    private static final InteropLibrary INTEROP = InteropLibrary.getUncached();
    static final String OPTIMIZED_OUT = "<optimized out>";

    private final Btf types;
    private final StepView view;
    private final Object context;
    private final Machine machine;

    /** @param context what a pointer to the context points to */
    Locals(Btf types, StepView view, Object context) {
        this.types = types;
        this.view = view;
        this.context = context;
        this.machine = new Machine() {
            @Override
            public long register(int number) {
                return view.register(Registers.of(number, view.depth()));
            }

            @Override
            public byte[] read(long address, int size) {
                return view.mayRead(address, size) ? view.bytes(address, size) : null;
            }
        };
    }

    /** @param scopes from the innermost out */
    ScopeValue around(List<DebugInfo.Scope> scopes, ScopeValue outermost) {
        ScopeValue scope = outermost;
        for (DebugInfo.Scope next : scopes.reversed()) {
            Map<String, Object> variables = new LinkedHashMap<>();
            next.variables().forEach(variable -> variables.put(variable.name(), value(variable)));
            scope = new ScopeValue(next.function(), variables, scope);
        }
        return scope;
    }

    private Object value(DebugInfo.Variable variable) {
        byte[] bytes = variable.value(machine);
        if (bytes == null) {
            return OPTIMIZED_OUT;
        }
        Object value = TypedNumber.decode(BtfCodec.of(types, variable.type(), bytes.length), bytes);
        if (types.resolve(variable.type()) instanceof BtfType.Pointer type && value instanceof TypedNumber number) {
            return pointer(type, number.bits());
        }
        return value;
    }

    private Object pointer(BtfType.Pointer type, long address) {
        return address == FrameLayout.CONTEXT_HANDLE ? context : pointerTo(type, address);
    }

    private PointerValue pointerTo(BtfType.Pointer type, long address) {
        long size = types.sizeOf(type.target());
        Object target = null;
        if (size >= 1 && size <= Short.MAX_VALUE && view.mayRead(address, (int) size)) {
            target = TypedNumber.decode(BtfCodec.of(types, type.target(), (int) size), view.bytes(address, (int) size));
        }
        return new PointerValue(view.describe(address), address, Math.max(0, size), target, members(type, target),
                        elsewhere -> pointerTo(type, elsewhere));
    }

    private Map<String, Object> members(BtfType.Pointer type, Object target) {
        try {
            boolean structure = target != null && types.resolve(type.target()) instanceof BtfType.Composite;
            return structure && INTEROP.hasMembers(target) ? Members.of(target) : Map.of();
        } catch (UnsupportedMessageException e) {
            throw new IllegalStateException("it has members", e);
        }
    }
}
