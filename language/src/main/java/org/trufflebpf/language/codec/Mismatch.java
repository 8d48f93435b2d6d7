package org.trufflebpf.language.codec;

import com.oracle.truffle.api.interop.InteropException;
import com.oracle.truffle.api.interop.InteropLibrary;
import java.math.BigInteger;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import org.trufflebpf.language.codec.Layout.Choice;
import org.trufflebpf.language.codec.Layout.Field;
import org.trufflebpf.language.codec.Layout.Floating;
import org.trufflebpf.language.codec.Layout.Number;
import org.trufflebpf.language.codec.Layout.Opaque;
import org.trufflebpf.language.codec.Layout.Sequence;
import org.trufflebpf.language.codec.Layout.Structure;
import org.trufflebpf.language.codec.Layout.Text;
import org.trufflebpf.language.codec.Layout.Truth;
import org.trufflebpf.maps.Errno;
import org.trufflebpf.maps.MapException;

/** What does not fit, in one line: the place, what it takes, what was given. */
final class Mismatch {
    private static final InteropLibrary INTEROP = InteropLibrary.getUncached();
    /** Names in a list. */
    private static final int MAX_NAMES = 8;
    private static final int MAX_BITS = 256;
    private static final int MAX_TEXT = 40;

    private Mismatch() {
    }

    /** A value of a wrong kind, size or range. */
    static MapException of(Place place, Layout layout, Object value) throws InteropException {
        return exception(place, "takes " + wanted(layout) + ", not " + given(value));
    }

    static MapException missing(Place place, Layout layout) {
        return exception(place, "is missing: takes " + wanted(layout));
    }

    static MapException unknownMember(Place place, Structure structure, String name) {
        return exception(place, "has no member " + quoted(name) + ": takes " + wanted(structure));
    }

    /** @param given none or several members of a union */
    static MapException notOneMember(Place place, Structure union, List<Field> given) {
        return exception(place, "takes exactly one of " + names(union.fields()) + ", not " + (given.isEmpty() ? "none" : names(given)));
    }

    private static MapException exception(Place place, String what) {
        return new MapException(Errno.EINVAL, place.toString(), what);
    }

    /** Bytes that leave room for the 0 at the end. */
    static int longestText(Text text) {
        return Math.max(0, text.size() - 1);
    }

    private static String wanted(Layout layout) {
        return switch (layout) {
            case Number number -> "a whole number from " + Bits.least(number) + " to " + Bits.most(number);
            case Truth _ -> "true or false";
            case Choice choice -> names(choice.values().keySet()) + ", or a whole number from " + Bits.least(choice.number()) + " to "
                    + Bits.most(choice.number());
            case Floating _ -> "a number";
            case Text text -> "a text of at most " + longestText(text) + " bytes or an array of " + text.size();
            case Sequence sequence -> "an array of " + sequence.count() + (sequence.count() == 1 ? " element" : " elements");
            case Structure structure when structure.union() -> "an object with one of " + names(structure.fields());
            case Structure structure -> "an object with " + names(structure.fields());
            case Opaque opaque -> "a buffer or an array of " + opaque.size() + (opaque.size() == 1 ? " byte" : " bytes");
        };
    }

    /** Of anonymous structures the names inside. */
    private static String names(List<Field> fields) {
        return names(fields.stream().limit(MAX_NAMES + 1L)
                .map(field -> field.isAnonymous() ? "(" + names(((Structure) field.layout()).members().keySet()) + ")" : field.name()).toList());
    }

    private static String names(Collection<String> names) {
        StringBuilder text = new StringBuilder();
        Iterator<String> iterator = names.iterator();
        for (int i = 0; iterator.hasNext(); i++) {
            text.append(i == 0 ? "" : ", ").append(i == MAX_NAMES ? "..." : iterator.next());
            if (i == MAX_NAMES) {
                break;
            }
        }
        return text.isEmpty() ? "nothing" : text.toString();
    }

    private static String given(Object value) throws InteropException {
        if (INTEROP.isNull(value)) {
            return "null";
        }
        if (INTEROP.isBoolean(value)) {
            return Boolean.toString(INTEROP.asBoolean(value));
        }
        if (INTEROP.isNumber(value)) {
            return number(value);
        }
        if (INTEROP.isString(value)) {
            return quoted(INTEROP.asString(value));
        }
        if (INTEROP.hasBufferElements(value)) {
            return "a buffer of " + INTEROP.getBufferSize(value) + " bytes";
        }
        if (INTEROP.hasArrayElements(value)) {
            return "an array of " + INTEROP.getArraySize(value);
        }
        return Members.has(value) ? "an object" : "a value of another kind";
    }

    private static String number(Object value) throws InteropException {
        if (INTEROP.fitsInLong(value)) {
            return Long.toString(INTEROP.asLong(value));
        }
        BigInteger whole = INTEROP.fitsInBigInteger(value) ? INTEROP.asBigInteger(value) : null;
        if (whole != null && whole.bitLength() <= MAX_BITS) {
            return whole.toString();
        }
        return INTEROP.fitsInDouble(value) ? Double.toString(INTEROP.asDouble(value)) : "another number";
    }

    private static String quoted(String text) {
        String line = text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) + "..." : text;
        return "'" + line.replaceAll("\\p{Cntrl}", "?") + "'";
    }
}
