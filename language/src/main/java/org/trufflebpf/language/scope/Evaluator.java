package org.trufflebpf.language.scope;

import com.oracle.truffle.api.interop.InteropException;
import com.oracle.truffle.api.interop.InteropLibrary;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.trufflebpf.language.codec.TypedNumber;
import org.trufflebpf.language.codec.TypedParts;
import org.trufflebpf.language.expression.CInteger;
import org.trufflebpf.language.expression.Expression;
import org.trufflebpf.language.expression.Expression.Binary;
import org.trufflebpf.language.expression.Expression.BinaryOperator;
import org.trufflebpf.language.expression.Expression.Call;
import org.trufflebpf.language.expression.Expression.Compound;
import org.trufflebpf.language.expression.Expression.Conditional;
import org.trufflebpf.language.expression.Expression.Index;
import org.trufflebpf.language.expression.Expression.Literal;
import org.trufflebpf.language.expression.Expression.Member;
import org.trufflebpf.language.expression.Expression.Name;
import org.trufflebpf.language.expression.Expression.Text;
import org.trufflebpf.language.expression.Expression.Unary;
import org.trufflebpf.language.expression.ExpressionException;
import org.trufflebpf.language.interop.Dictionary;
import org.trufflebpf.language.interop.NumberText;
import org.trufflebpf.language.interop.PointerValue;
import org.trufflebpf.language.interop.ScopeValue;
import org.trufflebpf.language.scope.Operand.Other;
import org.trufflebpf.language.scope.Operand.Pointer;
import org.trufflebpf.language.scope.Operand.Whole;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.MapException;
import org.trufflebpf.maps.Values;

/** Evaluates expressions where a program stands. What they name is what debuggers show there, and what they give is shown as that is. */
final class Evaluator {
    private static final InteropLibrary INTEROP = InteropLibrary.getUncached();
    private static final String NO_ENTRY = "<no entry>";
    /** Its elements are those of the value that has it. */
    private static final String BYTES = "bytes";
    /** How C programs call the context. */
    private static final String CTX = "ctx";
    private static final List<String> GROUPS = List.of(ProgramScopes.REGISTERS, ProgramScopes.GLOBALS, ProgramScopes.MAPS);
    /** Names that an error message lists. */
    private static final int MAX_NAMES = 24;
    /** Characters of a value in an error message. */
    private static final int MAX_TEXT = 60;

    private final ScopeValue scope;

    Evaluator(ScopeValue scope) {
        this.scope = scope;
    }

    /** An interop value. */
    Object value(Expression expression) throws ExpressionException {
        return operand(expression).shown();
    }

    /** As in C; an entry of a map is true if it is there, unless it is the number 0. */
    boolean isTrue(Expression expression) throws ExpressionException {
        return isTrue(operand(expression), expression);
    }

    private static boolean isTrue(Operand operand, Expression expression) throws ExpressionException {
        return switch (operand) {
            case Other(Object shown, _) when INTEROP.isString(shown) && !shown.equals(NO_ENTRY) -> throw notANumber(shown, expression);
            case Other(Object shown, _) -> !shown.equals(NO_ENTRY);
            case Whole _, Pointer _ -> integer(operand, expression).isTrue();
        };
    }

    private Operand operand(Expression expression) throws ExpressionException {
        return switch (expression) {
            case Literal literal -> Whole.of(literal.value());
            case Text text -> new Other(text.value(), null);
            case Name name -> Operand.of(named(name));
            case Member member -> member(member);
            case Index index -> index(index);
            case Unary unary -> unary(unary);
            case Binary binary -> binary(binary);
            case Conditional choice -> operand(isTrue(choice.condition()) ? choice.yes() : choice.no());
            case Call call -> call(call);
            case Compound compound -> new Other(key(compound), null);
        };
    }

    /** An interop value or a number with its type. */
    private Object named(Name name) throws ExpressionException {
        Object found = scope.typedMember(name.name());
        for (String group : GROUPS) {
            found = found == null && scope.outermost().typedMember(group) instanceof Dictionary members ? members.typedMember(name.name()) : found;
        }
        if (name.name().equals(CTX) && (found == null || found.equals(Locals.OPTIMIZED_OUT))) {
            // The program may be done with it, debuggers are not.
            found = scope.outermost().typedMember(ProgramScopes.CONTEXT);
        }
        if (found == null && name.name().matches("r(\\d|10)")) {
            // Those that hold 0 are not listed.
            found = new TypedNumber(0, Long.SIZE, false, false);
        }
        if (found == null) {
            throw new ExpressionException(name.offset(), "no '" + name.name() + "' here; there are " + names(scope));
        }
        return found;
    }

    private Operand member(Member member) throws ExpressionException {
        Operand object = operand(member.object());
        Object holder = object instanceof Pointer(PointerValue pointer) ? target(pointer, member) : object.shown();
        Object found = null;
        try {
            if (holder instanceof TypedParts parts) {
                found = parts.typedMember(member.name());
            } else if (INTEROP.isMemberReadable(holder, member.name())) {
                found = INTEROP.readMember(holder, member.name());
            }
        } catch (InteropException e) {
            throw new ExpressionException(member.offset(), "'" + member.name() + "' cannot be read: " + e.getMessage());
        }
        if (found == null) {
            requireTrace(holder, member.object());
            String there = INTEROP.hasMembers(holder) ? "; there are " + names(holder) : ", " + text(holder) + " has none";
            throw new ExpressionException(member.offset(), "no member '" + member.name() + "'" + there);
        }
        return Operand.of(found);
    }

    private static Object target(PointerValue pointer, Expression expression) throws ExpressionException {
        if (pointer.target() == null) {
            String place = pointer.address() == 0 ? "a null pointer" : text(pointer);
            throw new ExpressionException(expression.offset(), "nothing may be read at " + place + "; PTR && ... asks first whether it is null");
        }
        return pointer.target();
    }

    private Operand index(Index index) throws ExpressionException {
        Operand object = operand(index.object());
        Operand at = operand(index.index());
        if (object instanceof Pointer(PointerValue pointer)) {
            return Operand.of(target(pointer.plus(integer(at, index.index()).bits()), index));
        }
        if (object.shown() instanceof BpfMap map) {
            return entry(map, at, index);
        }
        Object array = object.shown();
        if (!INTEROP.hasArrayElements(array) && array instanceof TypedParts parts && parts.typedMember(BYTES) != null) {
            array = parts.typedMember(BYTES);
        }
        if (!INTEROP.hasArrayElements(array)) {
            requireTrace(array, index.object());
            throw new ExpressionException(index.offset(), text(array) + " has no elements; arrays, maps, pointers and the packet have");
        }
        long number = integer(at, index.index()).bits();
        try {
            if (!INTEROP.isArrayElementReadable(array, number)) {
                throw new ExpressionException(index.offset(), "no element " + number + ", there are " + INTEROP.getArraySize(array) + ", from 0");
            }
            if (array instanceof TypedParts parts) {
                return Operand.of(parts.typedElement(number));
            }
            Object element = INTEROP.readArrayElement(array, number);
            return Operand.of(object instanceof Other other && other.element() != null ? TypedNumber.of(element, other.element()) : element);
        } catch (InteropException e) {
            throw new ExpressionException(index.offset(), "the element cannot be read: " + e.getMessage());
        }
    }

    /** Of per-CPU maps the values of all CPUs. */
    private static Operand entry(BpfMap map, Operand key, Index index) throws ExpressionException {
        if (!INTEROP.hasHashEntries(map)) {
            throw new ExpressionException(index.offset(), "map " + map.name() + " has no keys");
        }
        try {
            Object sought = key(key);
            map.keyCodec().encode(sought);
            if (!INTEROP.isHashEntryReadable(map, sought)) {
                return new Other(NO_ENTRY, null);
            }
            Object value = INTEROP.readHashValue(map, sought);
            return value instanceof Values ? new Other(value, map.valueCodec()) : Operand.of(TypedNumber.of(value, map.valueCodec()));
        } catch (MapException e) {
            throw new ExpressionException(index.index().offset(), "no key of map " + map.name() + ": " + e.detail());
        } catch (InteropException e) {
            throw new ExpressionException(index.offset(), "the entry cannot be read: " + e.getMessage());
        }
    }

    /** Members and numbers as people see them in the map, so {@code __be16} as {@code bpf_htons} gives them, and header fields as numbers. */
    private Object key(Compound compound) throws ExpressionException {
        List<Object> values = new ArrayList<>();
        for (Expression value : compound.values()) {
            values.add(key(operand(value)));
        }
        if (compound.names().isEmpty()) {
            return Values.of(values);
        }
        Map<String, Object> members = new LinkedHashMap<>();
        for (int i = 0; i < values.size(); i++) {
            members.put(compound.names().get(i), values.get(i));
        }
        return new Dictionary("key", members);
    }

    private static Object key(Operand operand) {
        return operand instanceof Whole(CInteger integer, NumberText _) ? Whole.of(integer).shown() : operand.shown();
    }

    private Operand call(Call call) throws ExpressionException {
        int width = call.function().width();
        CInteger swapped = new CInteger(integer(operand(call.argument()), call.argument()).bits(), width, false).swapped();
        return call.function().toNetwork() ? Operand.of(TypedNumber.ofNetwork(swapped.bits(), width)) : Whole.of(swapped);
    }

    private Operand unary(Unary unary) throws ExpressionException {
        Operand operand = operand(unary.operand());
        return switch (unary.operator()) {
            case NOT -> Whole.of(!isTrue(operand, unary.operand()));
            case MINUS -> Whole.of(integer(operand, unary.operand()).negated());
            case PLUS -> Whole.of(integer(operand, unary.operand()).promoted());
            case COMPLEMENT -> Whole.of(integer(operand, unary.operand()).complement());
            case FOLLOW -> {
                if (operand instanceof Pointer(PointerValue pointer)) {
                    yield Operand.of(target(pointer, unary));
                }
                requireTrace(operand.shown(), unary.operand());
                throw new ExpressionException(unary.offset(), "* follows pointers of C variables only, not " + text(operand.shown()));
            }
        };
    }

    private Operand binary(Binary binary) throws ExpressionException {
        BinaryOperator operator = binary.operator();
        if (operator == BinaryOperator.AND) {
            return Whole.of(isTrue(binary.left()) && isTrue(binary.right()));
        }
        if (operator == BinaryOperator.OR) {
            return Whole.of(isTrue(binary.left()) || isTrue(binary.right()));
        }
        Operand left = operand(binary.left());
        Operand right = operand(binary.right());
        if (operator == BinaryOperator.EQUAL || operator == BinaryOperator.UNEQUAL) {
            String one = name(left);
            String other = name(right);
            if (one != null && other != null && (left instanceof Other || right instanceof Other)) {
                return Whole.of(one.equals(other) == (operator == BinaryOperator.EQUAL));
            }
        }
        if (operator == BinaryOperator.ADD && left instanceof Whole && right instanceof Pointer(PointerValue pointer)) {
            return new Pointer(pointer.plus(integer(left, binary.left()).bits()));
        }
        if (left instanceof Pointer(PointerValue pointer)) {
            if (operator == BinaryOperator.SUBTRACT && right instanceof Pointer(PointerValue from)) {
                return Whole.of(CInteger.ofLong((pointer.address() - from.address()) / pointer.stride()));
            }
            if (operator == BinaryOperator.ADD || operator == BinaryOperator.SUBTRACT) {
                long elements = integer(right, binary.right()).bits();
                return new Pointer(pointer.plus(operator == BinaryOperator.ADD ? elements : -elements));
            }
        }
        CInteger x = integer(left, binary.left());
        CInteger y = integer(right, binary.right());
        if (!CInteger.isDefined(operator, x, y)) {
            throw new ExpressionException(binary.offset(), "C does not say what " + x.promoted() + " " + operator.symbol() + " " + y + " is");
        }
        CInteger result = CInteger.apply(operator, x, y);
        return switch (operator) {
            case EQUAL, UNEQUAL, LESS, AT_MOST, GREATER, AT_LEAST -> Whole.of(result.isTrue());
            default -> Whole.of(result);
        };
    }

    /** The text that a text, an address or flags are compared by, or an enum's name; null for what has none. */
    private static String name(Operand operand) {
        try {
            if (INTEROP.isString(operand.shown())) {
                return operand.shown().equals(Locals.OPTIMIZED_OUT) ? null : INTEROP.asString(operand.shown());
            }
            return INTEROP.isNumber(operand.shown()) && INTEROP.isMemberReadable(operand.shown(), "name")
                    ? INTEROP.asString(INTEROP.readMember(operand.shown(), "name")) : null;
        } catch (InteropException e) {
            throw new IllegalStateException("it was asked what it is", e);
        }
    }

    private static CInteger integer(Operand operand, Expression expression) throws ExpressionException {
        return switch (operand) {
            case Whole(CInteger integer, _) -> integer;
            case Pointer(PointerValue pointer) -> CInteger.ofUnsignedLong(pointer.address());
            case Other(Object shown, _) -> throw notANumber(shown, expression);
        };
    }

    private static ExpressionException notANumber(Object shown, Expression expression) throws ExpressionException {
        requireTrace(shown, expression);
        String advice = shown.equals(NO_ENTRY) ? "; MAP[KEY] && ... asks first whether there is one" : INTEROP.isString(shown) ? "; == compares texts"
                : INTEROP.hasArrayElements(shown) ? "; an index chooses one of its elements"
                : INTEROP.hasMembers(shown) ? "; choose one of " + names(shown) : "";
        return new ExpressionException(expression.offset(), text(shown) + " is no number" + advice);
    }

    private static void requireTrace(Object value, Expression expression) throws ExpressionException {
        if (value.equals(Locals.OPTIMIZED_OUT)) {
            throw new ExpressionException(expression.offset(), "the compiler has kept this nowhere at this line; ask at a line that uses it");
        }
    }

    private static String text(Object value) {
        String text = INTEROP.toDisplayString(value, false).toString();
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "...";
    }

    private static String names(Object value) {
        try {
            Object members = INTEROP.getMembers(value);
            long count = INTEROP.getArraySize(members);
            List<String> names = new ArrayList<>();
            for (long i = 0; i < Math.min(count, MAX_NAMES); i++) {
                names.add(INTEROP.asString(INTEROP.readArrayElement(members, i)));
            }
            return String.join(", ", names) + (count > MAX_NAMES ? " and more" : "");
        } catch (InteropException e) {
            throw new IllegalStateException("members that a value names can be read", e);
        }
    }
}
