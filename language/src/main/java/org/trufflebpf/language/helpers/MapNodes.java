package org.trufflebpf.language.helpers;

import com.oracle.truffle.api.frame.VirtualFrame;
import org.trufflebpf.language.nodes.ExpressionNode;
import org.trufflebpf.language.runtime.Worker;
import org.trufflebpf.maps.ArrayMap;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.HashMap;
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

        public static ExpressionNode create(HashMap map, ExpressionNode[] words) {
            return switch (words.length) {
                case 1 -> new HashLookup(map, words) {
                    @Override
                    public long execute(VirtualFrame frame) {
                        return this.map.lookupKey(cpu(frame), this.words[0].execute(frame));
                    }
                };
                case 2 -> new HashLookup(map, words) {
                    @Override
                    public long execute(VirtualFrame frame) {
                        return this.map.lookupKey(cpu(frame), this.words[0].execute(frame), this.words[1].execute(frame));
                    }
                };
                case 3 -> new HashLookup(map, words) {
                    @Override
                    public long execute(VirtualFrame frame) {
                        return this.map.lookupKey(cpu(frame), this.words[0].execute(frame), this.words[1].execute(frame), this.words[2].execute(frame));
                    }
                };
                default -> new HashLookup(map, words) {
                    @Override
                    public long execute(VirtualFrame frame) {
                        return this.map.lookupKey(cpu(frame), this.words[0].execute(frame), this.words[1].execute(frame), this.words[2].execute(frame),
                                        this.words[3].execute(frame));
                    }
                };
            };
        }
    }

    public static final class Lookup extends ExpressionNode {
        private final BpfMap map;
        @Child private ExpressionNode key;

        public Lookup(BpfMap map, ExpressionNode key) {
            this.map = map;
            this.key = key;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return map.lookup(key.execute(frame), cpu(frame));
        }
    }

    /** bpf_map_lookup_percpu_elem. */
    public static final class LookupOnCpu extends ExpressionNode {
        private final BpfMap map;
        @Child private ExpressionNode key;
        @Child private ExpressionNode cpu;

        public LookupOnCpu(BpfMap map, ExpressionNode key, ExpressionNode cpu) {
            this.map = map;
            this.key = key;
            this.cpu = cpu;
        }

        @Override
        public long execute(VirtualFrame frame) {
            int number = (int) cpu.execute(frame);
            return Integer.compareUnsigned(number, map.cpus()) >= 0 ? 0 : map.lookup(key.execute(frame), number);
        }
    }

    public static final class Update extends ExpressionNode {
        private final BpfMap map;
        @Child private ExpressionNode key;
        @Child private ExpressionNode value;
        @Child private ExpressionNode flags;

        public Update(BpfMap map, ExpressionNode key, ExpressionNode value, ExpressionNode flags) {
            this.map = map;
            this.key = key;
            this.value = value;
            this.flags = flags;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return map.update(key.execute(frame), value.execute(frame), flags.execute(frame), cpu(frame));
        }
    }

    public static final class Delete extends ExpressionNode {
        private final BpfMap map;
        @Child private ExpressionNode key;

        public Delete(BpfMap map, ExpressionNode key) {
            this.map = map;
            this.key = key;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return map.delete(key.execute(frame));
        }
    }

    public static final class Push extends ExpressionNode {
        private final BpfMap map;
        @Child private ExpressionNode value;
        @Child private ExpressionNode flags;

        public Push(BpfMap map, ExpressionNode value, ExpressionNode flags) {
            this.map = map;
            this.value = value;
            this.flags = flags;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return map.push(value.execute(frame), flags.execute(frame));
        }
    }

    public static final class Pop extends ExpressionNode {
        private final BpfMap map;
        @Child private ExpressionNode value;

        public Pop(BpfMap map, ExpressionNode value) {
            this.map = map;
            this.value = value;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return map.pop(value.execute(frame));
        }
    }

    public static final class Peek extends ExpressionNode {
        private final BpfMap map;
        @Child private ExpressionNode value;

        public Peek(BpfMap map, ExpressionNode value) {
            this.map = map;
            this.value = value;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return map.peek(value.execute(frame));
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
