package org.trufflebpf.io.generator;

import java.util.List;

/**
 * A packet and what varies in it.
 *
 * @param packet with any values in the fields that vary; callers must not change the array
 * @param patches written in their order
 */
public record FlowTemplate(byte[] packet, List<Patch> patches, List<Checksum> checksums) {
    public FlowTemplate {
        patches = List.copyOf(patches);
        checksums = List.copyOf(checksums);
    }
}
