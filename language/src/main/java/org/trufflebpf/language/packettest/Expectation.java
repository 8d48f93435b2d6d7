package org.trufflebpf.language.packettest;

import java.util.List;
import org.trufflebpf.io.burst.Verdict;

/**
 * What must come of a packet.
 *
 * @param packet what its bytes must be
 * @param metadata the metadata in front of it; null if it is not compared
 */
public record Expectation(Position position, Verdict verdict, Bytes packet, byte[] metadata) {
    /** What the bytes of the packet must be afterwards. */
    public sealed interface Bytes {
        /** They are not compared. */
        record Whatever() implements Bytes {
        }

        /** As they went in, but for these changes. */
        record Differs(List<Change> changes) implements Bytes {
            public Differs {
                changes = List.copyOf(changes);
            }
        }

        /** Another packet. */
        record Whole(PacketTemplate packet) implements Bytes {
        }
    }
}
