package org.trufflebpf.language.cfg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NodeSplitterTest {

    @Test
    void reducibleGraphsStayAsTheyAre() {
        Random random = new Random(1);
        int reducible = 0;
        for (int i = 0; i < 3000; i++) {
            Graph graph = RandomGraph.make(random, random.nextInt(1, 14));
            if (RandomGraph.isReducible(graph)) {
                reducible++;
                assertSame(graph, NodeSplitter.split(graph));
            }
        }
        assertTrue(reducible > 500, reducible + " graphs were reducible");
        Graph nest = RandomGraph.nest(50);
        assertTrue(RandomGraph.isReducible(nest));
        assertSame(nest, NodeSplitter.split(nest));
    }

    @Test
    void irreducibleGraphsBecomeReducible() {
        Random random = new Random(2);
        int irreducible = 0;
        int split = 0;
        for (int i = 0; i < 3000; i++) {
            Graph graph = RandomGraph.make(random, random.nextInt(4, 14));
            if (!RandomGraph.isReducible(graph)) {
                irreducible++;
                Graph result = NodeSplitter.split(graph);
                assertTrue(result.blocks().size() <= 4 * graph.blocks().size(), "grows from " + graph.blocks().size() + " to " +
                                result.blocks().size());
                // Some that tangle more than programs do are given up when they have grown too much.
                split += RandomGraph.isReducible(result) ? 1 : 0;
                assertSameBehaviour(graph, result, random);
            }
        }
        assertTrue(irreducible > 500 && split > irreducible * 0.95, split + " of " + irreducible + " graphs became reducible");
    }

    @Test
    void twoEntriesBecomeOne() {
        Graph graph = RandomGraph.irreducibleRow(1);
        assertFalse(RandomGraph.isReducible(graph));
        Graph result = NodeSplitter.split(graph);
        assertTrue(RandomGraph.isReducible(result));
        assertEquals(graph.blocks().size() + 1, result.blocks().size());
    }

    @Test
    void growthEnds() {
        Graph graph = RandomGraph.irreducibleRow(3000);
        Graph result = NodeSplitter.split(graph);
        assertTrue(result.blocks().size() > graph.blocks().size());
        assertTrue(result.blocks().size() <= graph.blocks().size() + 1000);
        assertSameBehaviour(graph, result, new Random(3));
    }

    @Test
    void hostileGraphsTakeBoundedTime() {
        Random random = new Random(4);
        for (Graph graph : new Graph[]{RandomGraph.nest(50_000), RandomGraph.irreducibleRow(50_000), RandomGraph.make(random, 100_000)}) {
            assertTimeoutPreemptively(Duration.ofSeconds(20), () -> NodeSplitter.split(graph));
        }
    }

    /** The same decisions lead through the same blocks, up to copies. */
    private static void assertSameBehaviour(Graph graph, Graph split, Random random) {
        for (int run = 0; run < 10; run++) {
            int one = 0;
            int other = 0;
            for (int step = 0; step < 200; step++) {
                Block block = graph.blocks().get(one);
                Block copy = split.blocks().get(other);
                assertEquals(block.end(), copy.end());
                int[] successors = block.terminator().successors();
                assertEquals(successors.length, copy.terminator().successors().length);
                if (successors.length == 0) {
                    break;
                }
                int way = random.nextInt(successors.length);
                one = successors[way];
                other = copy.terminator().successors()[way];
            }
        }
    }
}
