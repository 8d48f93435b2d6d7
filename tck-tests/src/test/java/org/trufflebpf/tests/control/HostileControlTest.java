package org.trufflebpf.tests.control;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.truffle.api.exception.AbstractTruffleException;
import com.oracle.truffle.api.interop.InteropException;
import com.oracle.truffle.api.interop.InteropLibrary;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.proxy.ProxyArray;
import org.graalvm.polyglot.proxy.ProxyExecutable;
import org.graalvm.polyglot.proxy.ProxyHashMap;
import org.graalvm.polyglot.proxy.ProxyIterator;
import org.graalvm.polyglot.proxy.ProxyObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.EventStream;
import org.trufflebpf.maps.MapKind;

/**
 * Four threads of a control plane that means no good send every message there is, with everything there is, to maps, values, iterators, events and
 * programs, while two workers run the programs: they get guest errors and nothing else, all of it ends, and the maps stay whole.
 * {@code -Dcontrol.seconds=N} runs longer, {@code -Dcontrol.seed=N} other calls.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileControlTest {
    private static final double SECONDS = Double.parseDouble(System.getProperty("control.seconds", "4"));
    private static final long SEED = Long.getLong("control.seed", 1);
    private static final int THREADS = 4;
    private static final List<String> PROGRAMS = List.of("hashes", "evictions", "prefixes", "per_cpu", "arrays", "events", "inner_maps", "queues");
    /** The one map that hostile threads do not get: what programs count there must add up. */
    private static final String KEPT = "counters";
    private static final List<String> MEMBERS = List.of("name", "kind", "keySize", "valueSize", "maxEntries", "size", "raw", "push", "pop", "peek",
            "take",
            "poll", "lost", "as", "run", "section", "number", "check", "count", "", "\0", "none", "snapshot", "restore", "programs", "maps", "btf");

    private final AtomicLong calls = new AtomicLong();
    private final AtomicLong errors = new AtomicLong();

    @TempDir
    private Path folder;

    /**
     * With assertions the library asks a map two or more things about a key or index and compares the answers; between them another thread may have
     * put the key in or taken it out.
     */
    private static boolean changedBetween(Throwable error) {
        StackTraceElement top = error.getStackTrace()[0];
        return top.getClassName().equals(InteropLibrary.class.getName() + "$Asserts")
                && List.of("HashEntry", "HashValue", "ArrayElement", "IteratorNext").stream().anyMatch(top.getMethodName()::contains);
    }

    /** What one thread knows: everything that it was given, and what came of it. */
    private final class Attacker implements Workers.Step {
        private static final int MOST = 200;
        private final List<Object> things = new ArrayList<>();
        private final Context context;

        Attacker(Workers workers, Value object) {
            this.context = workers.context();
            for (BpfMap map : workers.instance().maps()) {
                if (!map.name().equals(KEPT)) {
                    things.add(workers.map(map.name()));
                }
            }
            things.add(object);
            object.getMember("programs").getMemberKeys().forEach(program -> things.add(object.getMember("programs").getMember(program)));
        }

        @Override
        public void run(SplittableRandom random) {
            calls.incrementAndGet();
            try {
                Object result = call(context.asValue(things.get(random.nextInt(things.size()))), random);
                if (result instanceof Value value && !value.isNull()) {
                    keep(value, random);
                }
            } catch (PolyglotException e) {
                errors.incrementAndGet();
                if ((e.isInternalError() || e.isCancelled()) && !changedBetween(e)) {
                    throw new AssertionError(e.getMessage(), e);
                }
            } catch (IllegalArgumentException | UnsupportedOperationException | ClassCastException | NullPointerException | IndexOutOfBoundsException
                    | NoSuchElementException e) {
                // What Value throws for arguments that no message takes.
                errors.incrementAndGet();
            }
        }

        private void keep(Value value, SplittableRandom random) {
            if (things.size() < MOST) {
                things.add(value);
            } else {
                things.set(MOST / 2 + random.nextInt(MOST / 2), value);
            }
        }

        private Object call(Value target, SplittableRandom random) {
            return switch (random.nextInt(30)) {
                case 0, 1, 2 -> {
                    target.putHashEntry(argument(random), argument(random));
                    yield null;
                }
                case 3 -> target.getHashValue(argument(random));
                case 4 -> target.removeHashEntry(argument(random));
                case 5 -> target.hasHashEntry(argument(random));
                case 6 -> target.getHashEntriesIterator();
                case 7 -> target.getHashKeysIterator();
                case 8 -> target.getHashValuesIterator();
                case 9, 10, 11 -> target.getIteratorNextElement();
                case 12 -> target.getIterator();
                case 13 -> target.getArrayElement(index(random));
                case 14, 15 -> {
                    target.setArrayElement(index(random), argument(random));
                    yield null;
                }
                case 16 -> target.removeArrayElement(index(random));
                case 17, 18 -> target.getMember(member(random));
                case 19 -> {
                    target.putMember(member(random), argument(random));
                    yield null;
                }
                case 20, 21, 22 -> invoke(target, member(random), random);
                case 23 -> target.execute(arguments(random));
                case 24 -> target.readBufferLong(ByteOrder.BIG_ENDIAN, index(random));
                case 25 -> {
                    target.readBuffer(index(random), new byte[16], random.nextInt(-2, 18), random.nextInt(1, 18));
                    yield null;
                }
                case 26 -> target.as(Object.class);
                case 27 -> target.toString() + target.getMetaObject() + target.getMemberKeys();
                case 28 -> target.getHashSize() + target.getArraySize();
                default -> target.newInstance(arguments(random));
            };
        }

        /** Waiting and files are asked for as a hostile caller may, who does not want to wait himself. */
        private Object invoke(Value target, String member, SplittableRandom random) {
            return switch (member) {
                case "poll" -> target.invokeMember(member, argument(random), random.nextBoolean() ? random.nextInt(-1, 3) : "soon");
                case "as" -> target.invokeMember(member, random.nextBoolean() ? "struct entry" : argument(random));
                case "snapshot", "restore" -> target.invokeMember(member, folder.resolve("f" + random.nextInt(3)).toString());
                default -> target.invokeMember(member, arguments(random));
            };
        }

        private String member(SplittableRandom random) {
            return MEMBERS.get(random.nextInt(MEMBERS.size()));
        }

        private long index(SplittableRandom random) {
            return switch (random.nextInt(8)) {
                case 0 -> random.nextLong();
                case 1 -> -1;
                case 2 -> Long.MAX_VALUE;
                case 3 -> 1L << 32;
                default -> random.nextInt(70);
            };
        }

        private Object[] arguments(SplittableRandom random) {
            Object[] arguments = new Object[random.nextInt(4)];
            Arrays.setAll(arguments, i -> argument(random));
            return arguments;
        }

        private Object argument(SplittableRandom random) {
            return switch (random.nextInt(24)) {
                case 0 -> null;
                case 1 -> random.nextInt();
                case 2, 3, 4 -> random.nextInt(64);
                case 5 -> random.nextLong();
                case 6 -> BigInteger.ONE.shiftLeft(random.nextInt(300)).negate();
                case 7 -> Double.longBitsToDouble(random.nextLong());
                case 8 -> "x".repeat(random.nextInt(40));
                case 9 -> random.nextBoolean();
                case 10, 11, 12 -> bytes(random, new int[] {0, 1, 4, 8, 16, 24, 60, 5000}[random.nextInt(8)]);
                case 13 -> ByteBuffer.wrap(bytes(random, 24)).asReadOnlyBuffer();
                case 14 -> new long[16];
                case 15 -> entry(random);
                case 16 -> throwing();
                case 17 -> endless();
                case 18 -> lying();
                case 19 -> itself();
                case 20 -> (ProxyExecutable) given -> {
                    throw new IllegalStateException("the callback fails");
                };
                case 21 -> (ProxyExecutable) given -> callBack(random);
                default -> things.get(random.nextInt(things.size()));
            };
        }

        /** The library's assertions do not like an executable that says that it cannot be executed. */
        private Object callBack(SplittableRandom random) {
            try {
                return random.nextInt(8) == 0 ? call(context.asValue(things.get(0)), random) : 0;
            } catch (UnsupportedOperationException e) {
                throw new IllegalStateException(e);
            }
        }

        private static byte[] bytes(SplittableRandom random, int size) {
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            return bytes;
        }

        /** What struct entry takes, more or less. */
        private Object entry(SplittableRandom random) {
            Map<String, Object> members = new HashMap<>();
            for (String member : List.of("check", "count", "check_again", "number", "inverse", "length", "address")) {
                if (random.nextInt(3) > 0) {
                    members.put(member, random.nextInt(8) == 0 ? argument(random) : random.nextInt(100));
                }
            }
            return ProxyObject.fromMap(members);
        }

        private static Object throwing() {
            return new ProxyHashMap() {
                private static RuntimeException error() {
                    return new IllegalArgumentException("no");
                }

                @Override
                public long getHashSize() {
                    throw error();
                }

                @Override
                public boolean hasHashEntry(Value key) {
                    throw error();
                }

                @Override
                public Object getHashValue(Value key) {
                    throw error();
                }

                @Override
                public void putHashEntry(Value key, Value value) {
                    throw error();
                }

                @Override
                public Object getHashEntriesIterator() {
                    throw error();
                }
            };
        }

        /** An array that never ends. */
        private static Object endless() {
            return new ProxyArray() {
                @Override
                public Object get(long index) {
                    return this;
                }

                @Override
                public void set(long index, Value value) {
                    throw new UnsupportedOperationException();
                }

                @Override
                public long getSize() {
                    return Long.MAX_VALUE;
                }
            };
        }

        /** An array that has what it says that it has not, and an iterator. */
        private static Object lying() {
            final class Liar implements ProxyArray, ProxyIterator {
                private long calls;

                @Override
                public Object get(long index) {
                    throw new ArrayIndexOutOfBoundsException();
                }

                @Override
                public void set(long index, Value value) {
                    throw new ArrayIndexOutOfBoundsException();
                }

                @Override
                public long getSize() {
                    return calls++ % 2 == 0 ? 16 : -1;
                }

                @Override
                public boolean hasNext() {
                    return true;
                }

                @Override
                public Object getNext() {
                    throw new NoSuchElementException();
                }
            }
            return new Liar();
        }

        private static Object itself() {
            Map<String, Object> members = new HashMap<>();
            Object object = ProxyObject.fromMap(members);
            for (String member : List.of("check", "count", "check_again", "number", "inverse", "length", "address", "name")) {
                members.put(member, object);
            }
            return object;
        }
    }

    @Test
    void mapsStayWholeUnderValues() throws Exception {
        attack(Attacker::new);
    }

    /** All messages of the library, without the checks of polyglot's Value. */
    private final class RawAttacker implements Workers.Step {
        private static final List<Method> MESSAGES = Arrays.stream(InteropLibrary.class.getMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && !Modifier.isStatic(method.getModifiers())
                && !Modifier.isFinal(method.getModifiers())
                        && method.getDeclaringClass() == InteropLibrary.class && method.getParameterCount() > 0
                        && method.getParameterTypes()[0] == Object.class)
                .sorted(Comparator.comparing(Method::toString)).toList();
        private static final int MOST = 200;
        private final List<Object> things = new ArrayList<>();
        private final InteropLibrary interop = InteropLibrary.getUncached();

        RawAttacker(Workers workers) {
            workers.instance().maps().stream().filter(map -> !map.name().equals(KEPT)).forEach(things::add);
        }

        @Override
        public void run(SplittableRandom random) {
            Method message = MESSAGES.get(random.nextInt(MESSAGES.size()));
            Object[] arguments = new Object[message.getParameterCount()];
            for (int i = 0; i < arguments.length; i++) {
                arguments[i] = i == 0 ? things.get(random.nextInt(things.size())) : argument(message.getParameterTypes()[i], random);
            }
            if (message.getName().equals("invokeMember") && arguments[1].equals("poll") || message.getName().equals("writeBuffer")) {
                return;
            }
            calls.incrementAndGet();
            try {
                Object result = message.invoke(interop, arguments);
                if (result != null && InteropLibrary.isValidValue(result) && !interop.isNull(result)) {
                    if (things.size() < MOST) {
                        things.add(result);
                    } else {
                        things.set(MOST / 2 + random.nextInt(MOST / 2), result);
                    }
                }
            } catch (InvocationTargetException e) {
                errors.incrementAndGet();
                if (!(e.getCause() instanceof InteropException) && !(e.getCause() instanceof AbstractTruffleException)
                        && !changedBetween(e.getCause())) {
                    throw new AssertionError(message.getName() + " of " + arguments[0].getClass() + ": " + e.getCause(), e.getCause());
                }
            } catch (IllegalAccessException e) {
                throw new AssertionError(e);
            }
        }

        private Object argument(Class<?> type, SplittableRandom random) {
            if (type == String.class) {
                return MEMBERS.get(random.nextInt(MEMBERS.size() - 5));
            } else if (type == long.class) {
                return random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(70);
            } else if (type == int.class) {
                // The library's own assertions do not like reading no byte of what is no buffer.
                return random.nextInt(1, 9);
            } else if (type == byte.class) {
                return (byte) random.nextInt();
            } else if (type == short.class) {
                return (short) random.nextInt();
            } else if (type == float.class) {
                return random.nextFloat();
            } else if (type == double.class) {
                return random.nextDouble();
            } else if (type == boolean.class) {
                return random.nextBoolean();
            } else if (type == byte[].class) {
                return new byte[32];
            } else if (type == InteropLibrary.class) {
                return interop;
            } else if (type == ByteOrder.class) {
                return random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
            } else if (type == Object[].class) {
                Object[] arguments = new Object[random.nextInt(3)];
                Arrays.setAll(arguments, i -> argument(Object.class, random));
                return arguments;
            }
            return switch (random.nextInt(6)) {
                case 0 -> random.nextInt(64);
                case 1 -> random.nextLong();
                case 2 -> "text";
                case 3 -> random.nextDouble();
                default -> things.get(random.nextInt(things.size()));
            };
        }
    }

    @Test
    void mapsStayWholeUnderMessages() throws Exception {
        attack((workers, object) -> new RawAttacker(workers));
    }

    private void attack(BiFunction<Workers, Value, Workers.Step> attackers) throws Exception {
        try (Workers workers = new Workers()) {
            for (BpfMap map : workers.instance().maps()) {
                if (map.kind() == MapKind.HASH || map.kind() == MapKind.LPM_TRIE) {
                    map.put(new byte[map.keySize()], new byte[map.controlValueSize()], 0);
                }
            }
            // An instance of its own for what may not be done to maps of running workers, as to fill them from a file.
            Value object = Objects.evaluate(workers.context(), "stress");
            Workers.Step[] steps = new Workers.Step[THREADS];
            for (int i = 0; i < THREADS; i++) {
                Workers.Step attacker = attackers.apply(workers, object);
                SplittableRandom random = new SplittableRandom(SEED * THREADS + i);
                steps[i] = ignored -> attacker.run(random);
            }
            workers.run(SECONDS, PROGRAMS, steps);
            System.out.printf("hostile control plane: %d calls, of them %d refused, beside %d packets%n", calls.get(), errors.get(),
                    packets(workers));
            assertTrue(calls.get() > errors.get() + 50 && errors.get() > 50, calls + " calls, " + errors + " errors");
            checkCounts(workers);
            workers.instance().maps().forEach(HostileControlTest::checkWhole);
        }
    }

    private static long packets(Workers workers) {
        long packets = 0;
        for (int key = 0; key < Workers.KEYS; key++) {
            packets += workers.packets(key);
        }
        return packets;
    }

    private static void checkCounts(Workers workers) {
        long counted = 0;
        for (int key = 0; key < Workers.KEYS; key++) {
            counted += workers.map(KEPT).getArrayElement(key).asLong();
        }
        assertTrue(counted > 0);
        assertEquals(packets(workers) / PROGRAMS.size(), counted);
    }

    /** Every entry once, found by its key, as many as there are said to be; and there is room for as many as there should be. */
    private static void checkWhole(BpfMap map) {
        if (map instanceof EventStream) {
            return;
        }
        Set<ByteBuffer> keys = new HashSet<>();
        long count = 0;
        for (Iterator<BpfMap.Entry> entries = map.entries(); entries.hasNext(); count++) {
            BpfMap.Entry entry = entries.next();
            if (map.keySize() > 0) {
                assertTrue(keys.add(ByteBuffer.wrap(entry.key())), map.name() + " has a key twice");
                assertArrayEquals(entry.value(), map.get(entry.key()), map.name());
            }
        }
        assertEquals(map.size(), count, map.name());
        assertTrue(count <= map.maxEntries(), map.name());
        if (map.kind() == MapKind.HASH || map.kind() == MapKind.PERCPU_HASH || map.kind() == MapKind.LRU_HASH) {
            keys.forEach(key -> assertTrue(map.remove(key.array()), map.name()));
            for (int key = 0; key < map.maxEntries(); key++) {
                map.put(ByteBuffer.allocate(map.keySize()).putInt(key).array(), new byte[map.controlValueSize()], 1);
            }
            assertEquals(map.maxEntries(), map.size(), map.name());
        }
    }
}
