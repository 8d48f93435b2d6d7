package org.trufflebpf.io.generator;

import java.util.List;

/** Chooses the values of packet after packet: a digit for the template and one for each variable. One thread, one queue. */
abstract sealed class Digits {
    final long[] sizes;
    final long[] digits;

    private Digits(long[] sizes) {
        this.sizes = sizes;
        this.digits = new long[sizes.length];
    }

    /** Moves on to the next packet; {@link #digits} then holds the template's number and the variables' digits. */
    abstract void next();

    /** For one of several queues, which share the flows. */
    static Digits of(Traffic traffic, int queue, int queues) {
        List<Long> variables = traffic.sizes();
        long[] sizes = new long[1 + variables.size()];
        sizes[0] = traffic.templates().size();
        for (int i = 0; i < variables.size(); i++) {
            sizes[i + 1] = variables.get(i);
        }
        return switch (traffic.choice()) {
            case FlowChoice.InTurn turn -> new Turning(sizes, queue, queues);
            case FlowChoice.Fresh fresh -> new Fresh(sizes, traffic, queue, queues);
            case FlowChoice.Uniform uniform -> new Uniform(sizes, traffic, queue, queues, uniform.flows());
            case FlowChoice.Zipf zipf -> new Zipf(sizes, traffic, queue, queues, zipf);
        };
    }

    /** Counts as an odometer does, the first digit fastest. */
    private static final class Turning extends Digits {
        private final int queues;
        /** How far the next packet is from the one before. */
        private int steps;

        Turning(long[] sizes, int queue, int queues) {
            super(sizes);
            this.queues = queues;
            this.steps = queue;
        }

        @Override
        void next() {
            for (int i = 0; i < steps; i++) {
                advance();
            }
            steps = queues;
        }

        private void advance() {
            for (int i = 0; i < digits.length; i++) {
                if (++digits[i] < sizes[i]) {
                    return;
                }
                digits[i] = 0;
            }
        }
    }

    /** Digits that look like chance. */
    private abstract static sealed class Drawn extends Digits {
        /** Bits that digits may take from 64 random ones; the others keep all values equally likely but for some millionths. */
        private static final int MOST_BITS = 44;

        final Randomness randomness;
        private final boolean inOrder;
        private final int queues;
        private final long seed;
        /** Before which digits new random bits are needed. */
        private final boolean[] renews;
        private long template;

        Drawn(long[] sizes, Traffic traffic, int queue, int queues) {
            super(sizes);
            this.inOrder = traffic.inOrder();
            this.queues = queues;
            this.seed = Randomness.hash(traffic.seed(), 0);
            this.randomness = new Randomness(seed + queue);
            this.template = queue % sizes[0];
            this.renews = new boolean[sizes.length];
            int used = 0;
            for (int i = 1; i < sizes.length; i++) {
                int bits = Long.SIZE - Long.numberOfLeadingZeros(sizes[i] - 1);
                renews[i] = i > 1 && used + bits > MOST_BITS;
                used = renews[i] ? bits : used + bits;
            }
        }

        final void nextTemplate() {
            if (inOrder) {
                digits[0] = template;
                template = (template + queues) % sizes[0];
            } else if (sizes[0] > 1) {
                digits[0] = Randomness.below(sizes[0], randomness.next());
            }
        }

        final void choose(long key) {
            long bits = key;
            for (int i = 1; i < digits.length; i++) {
                bits = renews[i] ? Randomness.hash(key, i) : bits;
                digits[i] = Randomness.below(sizes[i], bits);
                // The low half of the product is what is left of the chance after this digit.
                bits *= sizes[i];
            }
        }

        final void chooseFlow(long flow) {
            choose(Randomness.hash(seed, flow));
        }
    }

    private static final class Fresh extends Drawn {
        Fresh(long[] sizes, Traffic traffic, int queue, int queues) {
            super(sizes, traffic, queue, queues);
        }

        @Override
        void next() {
            nextTemplate();
            choose(randomness.next());
        }
    }

    /** A flow belongs to one queue, as where a network card deals packets out, unless there are more queues than flows. */
    private static final class Uniform extends Drawn {
        private final long first;
        private final long step;
        private final long flows;

        Uniform(long[] sizes, Traffic traffic, int queue, int queues, long flows) {
            super(sizes, traffic, queue, queues);
            boolean shared = flows < queues;
            this.first = shared ? 0 : queue;
            this.step = shared ? 1 : queues;
            this.flows = shared ? flows : (flows - queue + queues - 1) / queues;
        }

        @Override
        void next() {
            nextTemplate();
            chooseFlow(first + step * Randomness.below(flows, randomness.next()));
        }
    }

    private static final class Zipf extends Drawn {
        private final long first;
        private final long step;
        private final ZipfTable table;

        Zipf(long[] sizes, Traffic traffic, int queue, int queues, FlowChoice.Zipf choice) {
            super(sizes, traffic, queue, queues);
            boolean shared = choice.flows() < queues;
            this.first = shared ? 0 : queue;
            this.step = shared ? 1 : queues;
            this.table = new ZipfTable((int) first, (int) step, choice.flows(), choice.skew());
        }

        @Override
        void next() {
            nextTemplate();
            chooseFlow(first + step * table.draw(randomness.next(), randomness.next()));
        }
    }
}
