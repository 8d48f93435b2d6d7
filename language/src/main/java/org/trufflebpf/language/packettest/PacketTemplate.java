package org.trufflebpf.language.packettest;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How a packet comes about: where its bytes come from, and what is then done to them, in order.
 *
 * @param position where the test file describes it
 */
public record PacketTemplate(Position position, Base base, List<Edit> edits) {
    /** Where the bytes come from. */
    public sealed interface Base {
        /** Headers, outermost first, with lengths, types and checksums that follow from them unless given. */
        record Headers(List<Layer> layers) implements Base {
            public Headers {
                layers = List.copyOf(layers);
            }
        }

        /** @param bytes callers must not change the array */
        record Bytes(byte[] bytes) implements Base {
        }

        /**
         * A packet of a capture file.
         *
         * @param number from 1
         * @param capture path, relative to the test file
         */
        record Frame(int number, String capture) implements Base {
        }

        /** All packets of a capture file, one after the other; only in templates of generated packets. */
        record Frames(String capture) implements Base {
        }
    }

    /** What is done to the bytes. */
    public sealed interface Edit {
        /** Only the bytes of the field change; checksums do not follow. */
        record Set(Change change) implements Edit {
        }

        /** The packet ends after {@code length} bytes. */
        record Cut(Position position, int length) implements Edit {
        }

        /** Zeros follow up to {@code length} bytes. */
        record Pad(Position position, int length) implements Edit {
        }
    }

    public PacketTemplate {
        edits = List.copyOf(edits);
    }

    /** The same with one more edit. Headers that nobody has touched yet are changed before they become bytes, so that checksums follow. */
    PacketTemplate with(Edit edit) throws PacketTestException {
        if (base instanceof Base.Headers headers && edits.isEmpty() && edit instanceof Edit.Set(Change.OfField change)) {
            return new PacketTemplate(position, changed(headers, change), edits);
        }
        List<Edit> more = new ArrayList<>(edits);
        more.add(edit);
        return new PacketTemplate(position, base, more);
    }

    private static Base.Headers changed(Base.Headers headers, Change.OfField change) throws PacketTestException {
        List<Layer> layers = new ArrayList<>(headers.layers());
        int seen = 0;
        for (int i = 0; i < layers.size(); i++) {
            if (layers.get(i).header() == change.header() && ++seen == change.occurrence()) {
                Map<Field, FieldValue> values = new HashMap<>(layers.get(i).values());
                values.put(change.field(), change.value());
                layers.set(i, new Layer(change.header(), values));
                return new Base.Headers(layers);
            }
        }
        throw PacketBuilder.noSuchHeader(change);
    }
}
