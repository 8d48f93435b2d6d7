package org.trufflebpf.io.generator;

import java.util.List;

/**
 * What a generator port sends.
 *
 * @param templates packets to choose from, at least one
 * @param inOrder whether the templates follow each other, as the packets of a capture do; otherwise each packet draws one
 * @param sizes how many values each variable has, at least 1 each
 * @param rate packets per second over all queues, 0 for as fast as they are taken
 * @param count packets over all queues
 */
public record Traffic(List<FlowTemplate> templates, boolean inOrder, List<Long> sizes, FlowChoice choice, long rate, long count, long seed) {
    public Traffic {
        templates = List.copyOf(templates);
        sizes = List.copyOf(sizes);
    }
}
