package org.trufflebpf.maps;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/** Something that behaves as a map; all subjects must give the same answers, as text: "ok", a value's bytes, or the name of an error. */
interface Subject extends AutoCloseable {

    /** One operation: lookup, update, delete, push, pop, peek or, for the control plane, freeze. */
    record Step(String operation, byte[] key, byte[] value, long flags) {
        @Override
        public String toString() {
            return operation + " " + HexFormat.of().formatHex(key) + " " + HexFormat.of().formatHex(value) + " " + flags;
        }
    }

    String run(Step step);

    @Override
    void close();

    static String answer(long result) {
        return result == 0 ? "ok" : Errno.name((int) -result);
    }

    static String answer(byte[] value) {
        return value == null ? "ENOENT" : HexFormat.of().formatHex(value);
    }

    static BpfMap create(MapDefinition definition) {
        return MapFactory.create(definition, 1, 2, Codec.untyped(definition.keySize()), Codec.untyped(definition.valueSize()));
    }

    /** The face for programs, but for updates of device maps, which programs may not make. */
    static Subject program(MapDefinition definition) {
        BpfMap map = create(definition);
        Subject control = control(map);
        // Keys and values at odd addresses and exactly as long as they may be.
        NativeBlock block = new NativeBlock(definition.keySize() + definition.valueSize() + 128);
        long key = block.address() + 1;
        long value = key + definition.keySize();
        long guard = value + definition.valueSize();
        return new Subject() {
            @Override
            public String run(Step step) {
                Memory.copyFrom(step.key, 0, key, definition.keySize());
                Memory.copyFrom(step.value, 0, value, definition.valueSize());
                Memory.putLong(guard, 0x5AFE_5AFE_5AFE_5AFEL);
                String answer = switch (step.operation) {
                    case "lookup" -> {
                        long address = map.lookup(key, 1);
                        yield answer(address == 0 ? null : Memory.bytes(address, definition.valueSize()));
                    }
                    case "update" -> map instanceof DevMap ? control.run(step) : answer(map.update(key, value, step.flags, 1));
                    case "delete" -> map instanceof DevMap ? control.run(step) : answer(map.delete(key));
                    case "push" -> answer(map.push(value, step.flags));
                    case "pop" -> out(map.pop(value));
                    case "peek" -> map instanceof BloomFilterMap ? answer(map.peek(value)) : out(map.peek(value));
                    default -> throw new AssertionError(step);
                };
                if (Memory.getLong(guard) != 0x5AFE_5AFE_5AFE_5AFEL) {
                    throw new AssertionError(step + " wrote past the value");
                }
                return answer;
            }

            private String out(long result) {
                byte[] bytes = Memory.bytes(value, definition.valueSize());
                if (result == -Errno.ENOENT && !Arrays.equals(bytes, new byte[bytes.length])) {
                    throw new AssertionError("an empty map left the buffer as it was");
                }
                return result == 0 ? answer(bytes) : answer(result);
            }

            @Override
            public void close() {
                control.close();
                block.close();
            }
        };
    }

    static Subject control(BpfMap map) {
        return new Subject() {
            @Override
            public String run(Step step) {
                byte[] value = perCpu(map.kind(), step.value, map.cpus());
                try {
                    switch (step.operation) {
                        case "lookup" -> {
                            return one(map.get(step.key));
                        }
                        case "update" -> map.put(step.key, value, step.flags);
                        case "delete" -> {
                            return map.remove(step.key) ? "ok" : "ENOENT";
                        }
                        case "push" -> map.push(value, step.flags);
                        case "pop" -> {
                            return one(map.next(true));
                        }
                        case "peek" -> {
                            if (map instanceof BloomFilterMap filter) {
                                return filter.contains(value) ? "ok" : "ENOENT";
                            }
                            return one(map.next(false));
                        }
                        case "freeze" -> map.freeze();
                        default -> throw new AssertionError(step);
                    }
                    return "ok";
                } catch (MapException e) {
                    return Errno.name(e.errno());
                }
            }

            private String one(byte[] value) {
                return answer(value == null ? null : Arrays.copyOf(value, map.valueSize()));
            }

            @Override
            public void close() {
                map.close();
            }
        };
    }

    private static byte[] perCpu(MapKind kind, byte[] value, int cpus) {
        if (!kind.isPerCpu()) {
            return value.clone();
        }
        int stride = (value.length + 7) / 8 * 8;
        byte[] values = new byte[stride * cpus];
        for (int cpu = 0; cpu < cpus; cpu++) {
            System.arraycopy(value, 0, values, cpu * stride, value.length);
        }
        return values;
    }

    static Subject kernel(MapDefinition definition) {
        long map = Kernel.create(definition);
        if (map < 0) {
            throw new AssertionError(definition + ": " + Errno.name((int) -map));
        }
        return kernel(definition, map);
    }

    /** The kernel's map behind a descriptor, which closing closes. */
    static Subject kernel(MapDefinition definition, long map) {
        return new Subject() {
            @Override
            public String run(Step step) {
                byte[] value = perCpu(definition.kind(), step.value, Kernel.possibleCpus());
                return switch (step.operation) {
                    case "lookup" -> out(Kernel.element(Kernel.MAP_LOOKUP_ELEM, map, step.key, value, 0), value);
                    case "update" -> answer(Kernel.element(Kernel.MAP_UPDATE_ELEM, map, step.key, value, step.flags));
                    case "delete" -> answer(Kernel.element(Kernel.MAP_DELETE_ELEM, map, step.key, null, 0));
                    case "push" -> answer(Kernel.element(Kernel.MAP_UPDATE_ELEM, map, null, value, step.flags));
                    case "pop" -> out(Kernel.element(Kernel.MAP_LOOKUP_AND_DELETE_ELEM, map, null, value, 0), value);
                    case "peek" -> out(Kernel.element(Kernel.MAP_LOOKUP_ELEM, map, null, value, 0), value);
                    case "freeze" -> answer(Kernel.element(Kernel.MAP_FREEZE, map, null, null, 0));
                    default -> throw new AssertionError(step);
                };
            }

            private String out(long result, byte[] value) {
                boolean copied = result == 0 && definition.kind() != MapKind.BLOOM_FILTER;
                return copied ? answer(Arrays.copyOf(value, definition.valueSize())) : answer(result);
            }

            @Override
            public void close() {
                Kernel.close(map);
            }
        };
    }

    /** Out of java.util; for kinds of random tests. */
    static Subject model(MapDefinition definition) {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        Deque<byte[]> queue = new ArrayDeque<>();
        return new Subject() {
            @Override
            public String run(Step step) {
                return switch (definition.kind()) {
                    case HASH, PERCPU_HASH, LRU_HASH, LRU_PERCPU_HASH -> hash(step, HexFormat.of().formatHex(step.key));
                    case QUEUE, STACK -> queue(step);
                    default -> throw new AssertionError(definition);
                };
            }

            private String hash(Step step, String key) {
                boolean present = entries.containsKey(key);
                switch (step.operation) {
                    case "lookup" -> {
                        return answer(entries.get(key));
                    }
                    case "delete" -> {
                        return entries.remove(key) == null ? "ENOENT" : "ok";
                    }
                    default -> {
                        if (step.flags > 2) {
                            return "EINVAL";
                        }
                        if (present && step.flags == MapFlags.NOEXIST) {
                            return "EEXIST";
                        }
                        if (!present && step.flags == MapFlags.EXIST) {
                            return "ENOENT";
                        }
                        if (!present && entries.size() == definition.maxEntries()) {
                            return "E2BIG";
                        }
                        entries.put(key, step.value);
                        return "ok";
                    }
                }
            }

            private String queue(Step step) {
                switch (step.operation) {
                    case "push" -> {
                        if (step.flags != 0 && step.flags != MapFlags.EXIST) {
                            return "EINVAL";
                        }
                        if (queue.size() == definition.maxEntries()) {
                            if (step.flags == 0) {
                                return "E2BIG";
                            }
                            queue.removeFirst();
                        }
                        queue.addLast(step.value);
                        return "ok";
                    }
                    case "pop" -> {
                        return answer(definition.kind() == MapKind.QUEUE ? queue.pollFirst() : queue.pollLast());
                    }
                    default -> {
                        return answer(definition.kind() == MapKind.QUEUE ? queue.peekFirst() : queue.peekLast());
                    }
                }
            }

            @Override
            public void close() {
                // Nothing to release.
            }
        };
    }
}
