package org.trufflebpf.language.codec;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import java.util.List;
import java.util.OptionalInt;
import org.trufflebpf.language.btf.Btf;
import org.trufflebpf.language.btf.BtfType;
import org.trufflebpf.maps.Codec;

/**
 * Keys and values by their types in C. For any thread.
 *
 * <p>Other languages see
 * <ul>
 * <li>integers of 1 to 16 bytes, bit-fields and pointers as whole numbers, never negative unless signed. {@code __be16}, {@code __be32} and
 * {@code __be64} are the numbers that the bytes mean on the network: port 80 is 80;
 * <li>{@code bool} as true or false, {@code float} and {@code double} as numbers;
 * <li>enums as numbers with a member {@code name};
 * <li>arrays as arrays, but arrays of {@code char} that hold printable text with a 0 after it as texts, which are arrays of bytes, too;
 * <li>structs, unions and the variables of data sections as objects. Members of anonymous structs and unions belong to the object around them,
 * and those of a union are all there, as views of the same bytes. A second static variable of the same name is called {@code name.2};
 * <li>what only programs may touch (spin locks, timers, the links of lists and trees) and types that C has not here as bytes.
 * </ul>
 * Objects, arrays and texts are read-only buffers of their bytes, too. Decoded values never change. JavaScript's {@code ===} takes enums, texts and
 * numbers from 2^63 on, which are more than its own, for other things: compare with {@code ==}.
 *
 * <p>Written is the same: objects (or hashes, such as Java's maps) with all members of a struct and exactly one of each union, arrays of exactly the
 * right length, numbers in range, enums by name or number (also one without a name), texts that leave room for a 0. What only programs may touch
 * can be left out. In place of any value a buffer of its size gives its bytes, and, unless it is an array, so does an array of bytes.
 */
public final class BtfCodec implements Codec {
    private final Btf btf;
    private final int type;
    private final int size;
    /** Made when first needed, as few maps are ever looked into; several threads may make the same. */
    private volatile Layout layout;

    private BtfCodec(Btf btf, int type, int size) {
        this.btf = btf;
        this.type = type;
        this.size = size;
    }

    /**
     * @param btf null when nothing is known
     * @param type 0 when it is not known; for data sections the DATASEC
     * @param size bytes that the map has for it; types of another size are not taken
     */
    public static Codec of(Btf btf, int type, int size) {
        return btf == null || size == 0 || btf.sizeOf(type) != size ? Codec.untyped(size) : new BtfCodec(btf, type, size);
    }

    /**
     * @param name with or without {@code struct}, {@code union} or {@code enum} before it
     * @return null when there is none, or it has no size
     */
    public static Codec named(Btf btf, String name) {
        if (btf == null) {
            return null;
        }
        for (Class<? extends BtfType> kind : List.of(BtfType.Composite.class, BtfType.Enumeration.class, BtfType.Typedef.class, BtfType.Int.class,
                BtfType.Float.class)) {
            String bare = name;
            if (kind == BtfType.Composite.class) {
                bare = name.replaceFirst("^(struct|union) ", "");
            } else if (kind == BtfType.Enumeration.class) {
                bare = name.replaceFirst("^enum ", "");
            }
            OptionalInt found = btf.find(bare, kind);
            if (found.isPresent() && btf.sizeOf(found.getAsInt()) >= 1 && btf.sizeOf(found.getAsInt()) <= Integer.MAX_VALUE) {
                return new BtfCodec(btf, found.getAsInt(), (int) btf.sizeOf(found.getAsInt()));
            }
        }
        return null;
    }

    Layout layout() {
        Layout known = layout;
        if (known == null) {
            known = Layouts.of(btf, type);
            layout = known;
        }
        return known;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    @TruffleBoundary
    public Object decode(byte[] bytes) {
        return Decoder.decode(layout(), bytes, 0);
    }

    @Override
    @TruffleBoundary
    public byte[] encode(Object value) {
        return Encoder.encode(layout(), value);
    }
}
