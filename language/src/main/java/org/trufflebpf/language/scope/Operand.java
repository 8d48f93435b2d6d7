package org.trufflebpf.language.scope;

import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import java.math.BigInteger;
import org.trufflebpf.language.codec.TypedNumber;
import org.trufflebpf.language.expression.CInteger;
import org.trufflebpf.language.interop.NumberText;
import org.trufflebpf.language.interop.PointerValue;
import org.trufflebpf.maps.Codec;
import org.trufflebpf.maps.WholeNumber;

/** What expressions calculate with. */
sealed interface Operand {
    /** The interop value that people see. */
    Object shown();

    /** @param shown as the program's own numbers are shown: by names, as texts, in network order */
    record Whole(CInteger integer, Object shown) implements Operand {
        static Whole of(CInteger integer) {
            return new Whole(integer, integer.signed() ? WholeNumber.of(integer.bits()) : WholeNumber.ofUnsigned(integer.bits()));
        }

        static Whole of(boolean truth) {
            return new Whole(CInteger.ofTruth(truth), truth);
        }
    }

    record Pointer(PointerValue shown) implements Operand {
    }

    /**
     * Structures, arrays, maps, texts, and numbers that are too wide to calculate with.
     *
     * @param element of an array whose elements other languages see without a type; otherwise null
     */
    record Other(Object shown, Codec element) implements Operand {
    }

    /** @param value an interop value or a number with its type; one without is a long, as far as that holds it */
    static Operand of(Object value) {
        return switch (value) {
            case TypedNumber number -> new Whole(new CInteger(number.bits(), number.width(), number.signed()), number.value());
            case NumberText number -> new Whole(new CInteger(number.bits(), number.width(), false), number);
            case PointerValue pointer -> new Pointer(pointer);
            default -> untyped(value);
        };
    }

    private static Operand untyped(Object value) {
        InteropLibrary interop = InteropLibrary.getUncached();
        try {
            if (interop.isBoolean(value)) {
                return new Whole(CInteger.ofTruth(interop.asBoolean(value)), value);
            }
            if (interop.fitsInLong(value)) {
                return new Whole(CInteger.ofLong(interop.asLong(value)), value);
            }
            if (interop.fitsInBigInteger(value)) {
                BigInteger number = interop.asBigInteger(value);
                if (number.signum() > 0 && number.bitLength() <= Long.SIZE) {
                    return new Whole(CInteger.ofUnsignedLong(number.longValue()), value);
                }
            }
            return new Other(value, null);
        } catch (UnsupportedMessageException e) {
            throw new IllegalStateException("it was asked what it is", e);
        }
    }
}
