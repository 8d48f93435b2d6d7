package org.trufflebpf.language.optimizer;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.trufflebpf.language.cfg.Graph;
import org.trufflebpf.language.verifier.Analysis;

/** What is done to a program's graph before it is compiled, in this order. Each gives a graph that does the same. */
public enum Pass {
    UNROLL {
        @Override
        Graph run(Analysis analysis) {
            return Unroller.unroll(analysis);
        }
    },
    HOIST {
        @Override
        Graph run(Analysis analysis) {
            return Hoister.hoist(analysis);
        }
    },
    WIDEN {
        @Override
        Graph run(Analysis analysis) {
            return Widener.widen(analysis);
        }
    },
    REPEAT {
        @Override
        Graph run(Analysis analysis) {
            return Repeater.repeat(analysis);
        }
    },
    STRAIGHTEN {
        @Override
        Graph run(Analysis analysis) {
            return Straightener.straighten(analysis);
        }
    },
    GATHER {
        @Override
        Graph run(Analysis analysis) {
            return Gatherer.gather(analysis);
        }
    },
    COMBINE {
        @Override
        Graph run(Analysis analysis) {
            return MemoryCombiner.combine(analysis);
        }
    };

    /** @param analysis of the graph as it is so far */
    abstract Graph run(Analysis analysis);

    /** {@code all}, {@code none}, or names separated by commas. */
    public static Set<Pass> parse(String text) {
        if (text.equals("all")) {
            return EnumSet.allOf(Pass.class);
        }
        Set<Pass> passes = EnumSet.noneOf(Pass.class);
        if (!text.equals("none")) {
            for (String name : text.split(",")) {
                passes.add(of(name));
            }
        }
        return passes;
    }

    private static Pass of(String name) {
        for (Pass pass : values()) {
            if (pass.toString().equals(name)) {
                return pass;
            }
        }
        throw new IllegalArgumentException("must be all, none, or some of " +
                        Arrays.stream(values()).map(Pass::toString).collect(Collectors.joining(", ")) + ", separated by commas");
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
