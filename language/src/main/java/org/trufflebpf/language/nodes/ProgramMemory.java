package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;
import org.trufflebpf.language.helpers.ReadableMemory;
import org.trufflebpf.language.runtime.Worker;

/**
 * All memory that a program may read, for helpers that find addresses in their arguments: packet, stack, values of the maps that it names and records
 * that it holds. What a program puts together from numbers leads nowhere else.
 */
public final class ProgramMemory {
    private final int packetStartSlot;
    private final AddressNode.Regions regions;

    ProgramMemory(int packetStartSlot, AddressNode.Regions regions) {
        this.packetStartSlot = packetStartSlot;
        this.regions = regions;
    }

    /** It as it is for the packet at hand. */
    public View at(VirtualFrame frame) {
        return new View(regions, frame.getLongStatic(packetStartSlot), frame.getLongStatic(FrameLayout.DATA_END),
                        frame.getLongStatic(FrameLayout.STACK), Rings.Held.of(frame), (Worker) frame.getArguments()[0]);
    }

    /** Good until the helper returns. */
    public record View(AddressNode.Regions regions, long packetStart, long packetEnd, long stack, Rings.Held held, Worker worker)
                    implements ReadableMemory {
        @Override
        public boolean canRead(long address, int size) {
            return regions.contain(packetStart, packetEnd, stack, held, worker, address, size);
        }
    }
}
