package org.trufflebpf.language.runtime;

import com.oracle.truffle.api.CompilerDirectives;
import java.util.Arrays;
import org.trufflebpf.maps.RingMap;

/** The ring buffers in maps of maps that one worker's program has got at with the packet at hand, and may hold records of. */
public final class InnerRings {
    private final int cpu;
    private RingMap[] rings = new RingMap[4];
    private int count;

    InnerRings(int cpu) {
        this.cpu = cpu;
    }

    public void add(RingMap ring) {
        for (int i = count - 1; i >= 0; i--) {
            if (rings[i] == ring) {
                return;
            }
        }
        if (count == rings.length) {
            CompilerDirectives.transferToInterpreter();
            rings = Arrays.copyOf(rings, 2 * count);
        }
        rings[count++] = ring;
    }

    /** Whether {@code size} bytes at an address lie in one record that the program holds. */
    public boolean own(long address, long size) {
        for (int i = 0; i < count; i++) {
            if (rings[i].ownsLive(address, size, cpu)) {
                return true;
            }
        }
        return false;
    }

    /** False when it is no record that the program holds. */
    public boolean giveBack(boolean submits, long record, long flags) {
        for (int i = 0; i < count; i++) {
            if (submits ? rings[i].submit(record, flags, cpu) : rings[i].discard(record, flags, cpu)) {
                return true;
            }
        }
        return false;
    }

    /** For the end of the program. */
    public void discardLive() {
        for (int i = 0; i < count; i++) {
            rings[i].discardLive(cpu);
            rings[i] = null;
        }
        count = 0;
    }
}
