package org.trufflebpf.language.helpers;

import com.oracle.truffle.api.frame.VirtualFrame;
import org.trufflebpf.language.nodes.ExpressionNode;
import org.trufflebpf.language.runtime.Worker;
import org.trufflebpf.maps.ArrayMap;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.HashMap;
import org.trufflebpf.maps.LpmTrieMap;
import org.trufflebpf.maps.PerCpuArrayMap;

/** Map helpers. The map is a constant of the node, so its sizes and addresses are constants of the machine code. */
public final class MapNodes {
    private MapNodes() {
    }

    static int cpu(VirtualFrame frame) {
        return ((Worker) frame.getArguments()[0]).cpu();
    }

    public static final class ArrayLookup extends ExpressionNode {
        private final ArrayMap map;
        @Child private ExpressionNode index;

        public ArrayLookup(ArrayMap map, ExpressionNode index) {
            this.map = map;
            this.index = index;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return map.lookup((int) index.execute(frame));
        }
    }

    public static final class PerCpuArrayLookup extends ExpressionNode {
        private final PerCpuArrayMap map;
        @Child private ExpressionNode index;

        public PerCpuArrayLookup(PerCpuArrayMap map, ExpressionNode index) {
            this.map = map;
            this.index = index;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return map.lookup((int) index.execute(frame), cpu(frame));
        }
    }

    /** With the key in registers, one to four words of it. */
    public abstract static class HashLookup extends ExpressionNode {
        final HashMap map;
        @Children final ExpressionNode[] words;

        HashLookup(HashMap map, ExpressionNode[] words) {
            this.map = map;
            this.words = words;
        }

        /** Most kinds have one value for all CPUs: then nothing is loaded. */
        final int cpuIfNeeded(VirtualFrame frame) {
            return map.kind().isPerCpu() ? cpu(frame) : 0;
        }

        public static ExpressionNode create(HashMap map, ExpressionNode[] words) {
            return switch (words.length) {
                case 1 -> new HashLookup(map, words) {
                    @Override
                    public long execute(VirtualFrame frame) {
                        return this.map.lookupKey(cpuIfNeeded(frame), this.words[0].execute(frame));
                    }
                };
                case 2 -> new HashLookup(map, words) {
                    @Override
                    public long execute(VirtualFrame frame) {
                        return this.map.lookupKey(cpuIfNeeded(frame), this.words[0].execute(frame), this.words[1].execute(frame));
                    }
                };
                case 3 -> new HashLookup(map, words) {
                    @Override
                    public long execute(VirtualFrame frame) {
                        return this.map.lookupKey(cpuIfNeeded(frame), this.words[0].execute(frame), this.words[1].execute(frame), this.words[2].execute(frame));
                    }
                };
                default -> new HashLookup(map, words) {
                    @Override
                    public long execute(VirtualFrame frame) {
                        return this.map.lookupKey(cpuIfNeeded(frame), this.words[0].execute(frame), this.words[1].execute(frame), this.words[2].execute(frame),
                                        this.words[3].execute(frame));
                    }
                };
            };
        }
    }

    /** bpf_map_update_elem of a program that holds no value of the map, with the key in registers, one to four words of it. */
    public static final class HashUpdate extends ExpressionNode {
        private final HashMap map;
        @Children private final ExpressionNode[] words;
        @Child private ExpressionNode value;
        @Child private ExpressionNode flags;

        public HashUpdate(HashMap map, ExpressionNode[] words, ExpressionNode value, ExpressionNode flags) {
            this.map = map;
            this.words = words;
            this.value = value;
            this.flags = flags;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return map.updateInPlace(value.execute(frame), flags.execute(frame), cpu(frame), words[0].execute(frame), word(frame, 1), word(frame, 2),
                            word(frame, 3));
        }

        private long word(VirtualFrame frame, int index) {
            return index < words.length ? words[index].execute(frame) : 0;
        }
    }

    /** Longest prefix match with prefix length and data in registers, one to three words of them. */
    public abstract static class PrefixLookup extends ExpressionNode {
        final LpmTrieMap map;
        @Children final ExpressionNode[] words;

        PrefixLookup(LpmTrieMap map, ExpressionNode[] words) {
            this.map = map;
            this.words = words;
        }

        public static ExpressionNode create(LpmTrieMap map, ExpressionNode[] words) {
            return switch (words.length) {
                case 1 -> new PrefixLookup(map, words) {
                    @Override
                    public long execute(VirtualFrame frame) {
                        return this.map.lookupKey(this.words[0].execute(frame));
                    }
                };
                case 2 -> new PrefixLookup(map, words) {
                    @Override
                    public long execute(VirtualFrame frame) {
                        return this.map.lookupKey(this.words[0].execute(frame), this.words[1].execute(frame));
                    }
                };
                default -> new PrefixLookup(map, words) {
                    @Override
                    public long execute(VirtualFrame frame) {
                        return this.map.lookupKey(this.words[0].execute(frame), this.words[1].execute(frame), this.words[2].execute(frame));
                    }
                };
            };
        }
    }

    /** bpf_map_lookup_percpu_elem. */
    public static final class LookupOnCpu extends ExpressionNode {
        @Child private MapSource<BpfMap> source;
        @Child private ExpressionNode key;
        @Child private ExpressionNode cpu;

        public LookupOnCpu(MapSource<BpfMap> source, ExpressionNode key, ExpressionNode cpu) {
            this.source = source;
            this.key = key;
            this.cpu = cpu;
        }

        @Override
        public long execute(VirtualFrame frame) {
            BpfMap map = source.execute(frame);
            int number = (int) cpu.execute(frame);
            return Integer.compareUnsigned(number, map.cpus()) >= 0 ? 0 : map.lookup(key.execute(frame), number);
        }
    }

    /** All that has no form of its own. */
    public static final class Operate extends ExpressionNode {
        private final MapOperation operation;
        private final BpfMap map;
        @Child private ExpressionNode key;
        @Child private ExpressionNode value;
        @Child private ExpressionNode flags;

        /** @param key, value, flags a constant where the operation has none */
        public Operate(MapOperation operation, BpfMap map, ExpressionNode key, ExpressionNode value, ExpressionNode flags) {
            this.operation = operation;
            this.map = map;
            this.key = key;
            this.value = value;
            this.flags = flags;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return operation.apply(map, key.execute(frame), value.execute(frame), flags.execute(frame), cpu(frame));
        }
    }

    /** A link in the chain over the maps that a register can hold. */
    public static final class IfHandle extends ExpressionNode {
        @Child private ExpressionNode handle;
        private final long expected;
        @Child private ExpressionNode then;
        @Child private ExpressionNode otherwise;

        public IfHandle(ExpressionNode handle, long expected, ExpressionNode then, ExpressionNode otherwise) {
            this.handle = handle;
            this.expected = expected;
            this.then = then;
            this.otherwise = otherwise;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return handle.execute(frame) == expected ? then.execute(frame) : otherwise.execute(frame);
        }
    }
}
