package org.trufflebpf.bench;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.IntFunction;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.ObjectSpec;

/**
 * An operation on a kind of map, as programs of {@code bench/src/main/bpf/operations.c} do it once ({@code NAME_1}) and ten times ({@code NAME_10}),
 * on keys in random order that are all there.
 *
 * @param label what it is
 * @param program without the number of times
 * @param map that it works on
 * @param type the map's kind, one of enum bpf_map_type; in the object some maps are of another
 * @param entries the map's size
 * @param count of the keys
 * @param keys what they are; rings and queues, which have none, get numbers as values
 */
record MapOperation(String label, String program, String map, int type, int entries, int count, Keys keys) {
    /** The more of the two numbers of times. */
    static final int TIMES = 10;

    private static final int HASH = 1;
    private static final int ARRAY = 2;
    private static final int PERCPU_HASH = 5;
    private static final int PERCPU_ARRAY = 6;
    private static final int LRU_HASH = 9;
    private static final int LRU_PERCPU_HASH = 10;
    private static final int LPM_TRIE = 11;
    private static final int ARRAY_OF_MAPS = 12;
    private static final int HASH_OF_MAPS = 13;
    private static final int QUEUE = 22;
    private static final int RINGBUF = 27;
    private static final int BLOOM_FILTER = 30;

    private static final int FEW = 1000;
    private static final int MANY = 64_000;
    private static final int RULES = 10_000;
    private static final int MANY_RULES = 500_000;
    private static final int INNER_MAPS = 64;
    /** Bytes of a ring, and of a record with its header. */
    private static final int RING = 1 << 18;
    private static final int RECORD = 24;

    /** Kinds of keys, each with a program that makes them and does nothing with them. */
    enum Keys {
        INDEX("index_keys", MapOperation::bytes), FLOW("flow_keys", MapOperation::flow), PREFIX4("prefix4_keys", MapOperation::rule4),
        PREFIX6("prefix6_keys", MapOperation::rule6);

        private final String program;
        private final IntFunction<byte[]> bytes;

        Keys(String program, IntFunction<byte[]> bytes) {
            this.program = program;
            this.bytes = bytes;
        }

        /** Making such keys alone, with a map that is not used: what is to be subtracted from operations that have them. */
        MapOperation alone() {
            return new MapOperation("keys alone, " + name(), program, "queue", QUEUE, FEW, FEW, this);
        }

        byte[] key(int number) {
            return bytes.apply(number);
        }
    }

    static final List<MapOperation> ALL = List.of(
                    new MapOperation("HASH lookup, 1,000", "hash_lookup", "hash", HASH, FEW, FEW, Keys.FLOW),
                    new MapOperation("HASH lookup, 64,000", "hash_lookup", "hash", HASH, MANY, MANY, Keys.FLOW),
                    new MapOperation("HASH update, 1,000", "hash_update", "hash", HASH, FEW, FEW, Keys.FLOW),
                    new MapOperation("HASH update, 64,000", "hash_update", "hash", HASH, MANY, MANY, Keys.FLOW),
                    new MapOperation("HASH insert and delete", "hash_insert_delete", "hash", HASH, 2 * FEW, FEW, Keys.FLOW),
                    new MapOperation("LRU_HASH lookup", "hash_lookup", "hash", LRU_HASH, FEW + FEW / 4, FEW, Keys.FLOW),
                    new MapOperation("PERCPU_HASH lookup", "hash_lookup", "hash", PERCPU_HASH, FEW, FEW, Keys.FLOW),
                    new MapOperation("LRU_PERCPU_HASH lookup", "hash_lookup", "hash", LRU_PERCPU_HASH, FEW + FEW / 4, FEW, Keys.FLOW),
                    new MapOperation("LPM_TRIE IPv4, 10,000", "rules4_lookup", "rules4", LPM_TRIE, RULES, RULES, Keys.PREFIX4),
                    new MapOperation("LPM_TRIE IPv4, 500,000", "rules4_lookup", "rules4", LPM_TRIE, MANY_RULES, MANY_RULES, Keys.PREFIX4),
                    new MapOperation("LPM_TRIE IPv6, 10,000", "rules6_lookup", "rules6", LPM_TRIE, RULES, RULES, Keys.PREFIX6),
                    new MapOperation("ARRAY lookup", "array_lookup", "array", ARRAY, FEW, FEW, Keys.INDEX),
                    new MapOperation("PERCPU_ARRAY lookup", "array_lookup", "array", PERCPU_ARRAY, FEW, FEW, Keys.INDEX),
                    new MapOperation("ARRAY_OF_MAPS, inner lookup", "array_of_maps_lookup", "array_of_maps", ARRAY_OF_MAPS, INNER_MAPS,
                                    INNER_MAPS * INNER_MAPS, Keys.INDEX),
                    new MapOperation("HASH_OF_MAPS, inner lookup", "hash_of_maps_lookup", "hash_of_maps", HASH_OF_MAPS, INNER_MAPS,
                                    INNER_MAPS * INNER_MAPS, Keys.INDEX),
                    new MapOperation("RINGBUF output", "ring_output", "ring", RINGBUF, RING, FEW, Keys.INDEX),
                    new MapOperation("RINGBUF reserve and submit", "ring_submit", "ring", RINGBUF, RING, FEW, Keys.INDEX),
                    new MapOperation("QUEUE push and pop", "queue_push_pop", "queue", QUEUE, FEW, FEW, Keys.INDEX),
                    new MapOperation("BLOOM_FILTER peek", "filter_peek", "filter", BLOOM_FILTER, FEW, FEW, Keys.FLOW));

    /** Maps of several megabytes, which are a mapping of their own. */
    static final List<MapOperation> LARGE = List.of(
                    new MapOperation("HASH, 64,000", "hash_lookup", "hash", HASH, MANY, MANY, Keys.FLOW),
                    new MapOperation("LRU_HASH, 64,000", "hash_lookup", "hash", LRU_HASH, MANY, MANY, Keys.FLOW),
                    new MapOperation("PERCPU_HASH, 64,000", "hash_lookup", "hash", PERCPU_HASH, MANY, MANY, Keys.FLOW),
                    new MapOperation("LPM_TRIE IPv4, 10,000", "rules4_lookup", "rules4", LPM_TRIE, RULES, RULES, Keys.PREFIX4),
                    new MapOperation("LPM_TRIE IPv4, 500,000", "rules4_lookup", "rules4", LPM_TRIE, MANY_RULES, MANY_RULES, Keys.PREFIX4),
                    new MapOperation("LPM_TRIE IPv6, 10,000", "rules6_lookup", "rules6", LPM_TRIE, RULES, RULES, Keys.PREFIX6),
                    new MapOperation("ARRAY, 128,000", "array_lookup", "array", ARRAY, 2 * MANY, 2 * MANY, Keys.INDEX),
                    new MapOperation("PERCPU_ARRAY, 64,000", "array_lookup", "array", PERCPU_ARRAY, MANY, MANY, Keys.INDEX));

    /** What two workers do at once. */
    static final List<MapOperation> SHARED = List.of(
                    new MapOperation("PERCPU_HASH count", "hash_count", "hash", PERCPU_HASH, FEW, FEW, Keys.FLOW),
                    new MapOperation("PERCPU_ARRAY lookup", "array_lookup", "array", PERCPU_ARRAY, FEW, FEW, Keys.INDEX),
                    new MapOperation("HASH lookup", "hash_lookup", "hash", HASH, FEW, FEW, Keys.FLOW),
                    new MapOperation("HASH update", "hash_update", "hash", HASH, MANY, MANY, Keys.FLOW));

    private static final int PACKET_LENGTH = 64;
    private static final int STATE = 16;
    private static final int KEYS = 24;

    private static final long SERVER = 0x50c6336401L;

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] bytes(int number) {
        return buffer(Integer.BYTES).putInt(number).array();
    }

    private static byte[] flow(int number) {
        return buffer(2 * Long.BYTES).putLong(number).putLong(SERVER).array();
    }

    /** Lengths as in the Internet's tables: six tenths are /24. */
    private static byte[] rule4(int number) {
        int share = number % 100;
        int length = share < 60 ? 24 : share < 70 ? 23 : share < 80 ? 22 : share < 84 ? 21 : share < 88 ? 20 : share < 91 ? 19 : share < 93 ? 18
                        : share < 94 ? 17 : share < 96 ? 16 : share < 97 ? 32 : share < 98 ? 28 : share < 99 ? 26 : 12;
        int mixed = number * 0x9e3779b1;
        int address = (mixed ^ mixed >>> 15) * 0x85ebca77;
        return buffer(2 * Integer.BYTES).putInt(length).putInt(Integer.reverseBytes(address)).array();
    }

    /** Lengths as in the Internet's tables: half are /48. */
    private static byte[] rule6(int number) {
        int share = number % 100;
        int length = share < 48 ? 48 : share < 70 ? 32 : share < 78 ? 44 : share < 84 ? 40 : share < 90 ? 36 : share < 95 ? 29 : share < 98 ? 64 : 128;
        long mixed = (number + 1) * 0x9e3779b97f4a7c15L;
        long high = 0x2a00000000000000L | (mixed ^ mixed >>> 29) >>> 11;
        return buffer(5 * Integer.BYTES).putInt(length).putLong(Long.reverseBytes(high)).putInt(0).putInt(number).array();
    }

    /** The object with this map's kind and size; the other maps are small. */
    ObjectSpec object() {
        ObjectSpec object = Checkout.object(Checkout.root().resolve("bench/src/main/bpf/operations.o"));
        List<MapSpec> maps = object.maps().stream().map(spec -> spec.name().equals(map) ? spec.withType(type).withMaxEntries(entries) : spec).toList();
        return new ObjectSpec(object.programs(), maps, object.btf(), object.license());
    }

    byte[] packet() {
        return buffer(PACKET_LENGTH).putInt(KEYS, count).array();
    }

    /** The packets of a burst, each of which asks for other keys. */
    PacketBurst burst(int cpu) {
        return new PacketBurst(packet(), cpu, (packet, index) -> Memory.putLong(packet + STATE, (index + 1L + cpu * PacketBurst.SIZE) << 32));
    }

    /** Packets after which the ring must be drained. */
    long packetsUntilFull() {
        return type == RINGBUF ? RING / RECORD / TIMES - PacketBurst.SIZE : Long.MAX_VALUE;
    }

    /** Puts all keys into the map, or what they have in it; programs fill rings and queues. */
    void fill(Table table) {
        if (type == RINGBUF || type == QUEUE) {
            return;
        }
        Table[] inner = new Table[INNER_MAPS];
        for (int number = 0; number < count; number++) {
            if (type != ARRAY_OF_MAPS && type != HASH_OF_MAPS) {
                put(table, number, number);
                continue;
            }
            int outer = number % INNER_MAPS;
            if (inner[outer] == null) {
                inner[outer] = table.putTable(keys.key(outer));
            }
            put(inner[outer], number / INNER_MAPS, number);
        }
    }

    /** The value begins with the number and 1, for each CPU where each has its own. */
    private void put(Table table, int at, int number) {
        if (type == BLOOM_FILTER) {
            table.put(new byte[0], keys.key(at));
            return;
        }
        ByteBuffer value = buffer(table.valueSize());
        for (int offset = 0; offset < table.valueSize(); offset += 16) {
            value.putInt(offset, number + 1);
        }
        table.put(keys.key(at), value.array());
    }
}
