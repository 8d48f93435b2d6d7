package org.trufflebpf.tests;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.IntFunction;
import org.trufflebpf.io.linux.Bpf;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.packettest.TestEngine;

/**
 * The kernel, which writes down as statements of packet tests what comes of each packet, and what is in the maps at the end; not
 * in a program's variables, which may be scratch space of the CPU that it happened to run on.
 */
final class KernelRecorder implements TestEngine {
    /** Bytes of a number in a test file. */
    private static final int LONGEST_NUMBER = 8;
    /** Entries of a map that are asked for one by one: larger ones are left out. */
    private static final long LARGEST_MAP = 65_536;
    /** So many zeros at the end of a record are written as such. */
    private static final int ZEROS = 8;

    private final KernelEngine kernel = new KernelEngine();
    private final StringBuilder text;
    private final IntFunction<String> packetStatement;

    /** @param packetStatement of the first, second, ... packet, counted from 1 */
    KernelRecorder(StringBuilder text, IntFunction<String> packetStatement) {
        this.text = text;
        this.packetStatement = packetStatement;
    }

    @Override
    public String name() {
        return kernel.name();
    }

    @Override
    public Session load(byte[] object, String objectName, String program) throws FailedException {
        return new Recording((KernelEngine.KernelSession) kernel.load(object, objectName, program));
    }

    private final class Recording implements Session {
        private final KernelEngine.KernelSession session;
        private int packets;

        Recording(KernelEngine.KernelSession session) {
            this.session = session;
        }

        @Override
        public Result run(Input input) throws FailedException {
            Result result = session.run(input);
            text.append(packetStatement.apply(++packets)).append("expect ").append(result.verdict()).append(changes(input.packet(), result.packet()))
                    .append('\n');
            for (MapSpec map : session.maps()) {
                if (map.type() == Bpf.MAP_TYPE_RINGBUF) {
                    records(map.name());
                }
            }
            return result;
        }

        private void records(String map) throws FailedException {
            for (byte[] record = takeRecord(map); record != null; record = takeRecord(map)) {
                text.append("expect map ").append(map).append(" record = ").append(bytes(record)).append('\n');
            }
        }

        @Override
        public void close() {
            try {
                for (MapSpec map : session.maps()) {
                    boolean variables = map.contents() != null;
                    // The kernel has other numbers for programs and maps every time.
                    boolean numbers = !map.values().isEmpty();
                    if (map.type() != Bpf.MAP_TYPE_RINGBUF && !variables && !numbers && map.maxEntries() <= LARGEST_MAP) {
                        contents(map);
                    }
                }
            } catch (FailedException e) {
                throw new IllegalStateException(e.getMessage(), e);
            } finally {
                session.close();
            }
        }

        /** Entries that are not zero. */
        private void contents(MapSpec map) throws FailedException {
            List<byte[]> keys = new ArrayList<>(session.keys(map.name()));
            keys.sort((a, b) -> a.length <= LONGEST_NUMBER ? number(a).compareTo(number(b)) : Arrays.compareUnsigned(a, b));
            for (byte[] key : keys) {
                List<byte[]> values = read(map.name(), key);
                if (values.stream().anyMatch(value -> !number(value).equals(BigInteger.ZERO))) {
                    text.append("expect map ").append(map.name()).append('[').append(value(List.of(key))).append("] = ").append(value(values))
                            .append('\n');
                }
            }
            text.append("expect map ").append(map.name()).append(" entries = ").append(session.entries(map.name())).append('\n');
        }

        @Override
        public MapSpec map(String name) {
            return session.map(name);
        }

        @Override
        public void write(String map, byte[] key, byte[] value, boolean everyCpu) throws FailedException {
            session.write(map, key, value, everyCpu);
        }

        @Override
        public List<byte[]> read(String map, byte[] key) throws FailedException {
            return session.read(map, key);
        }

        @Override
        public boolean delete(String map, byte[] key) throws FailedException {
            return session.delete(map, key);
        }

        @Override
        public byte[] takeRecord(String map) throws FailedException {
            return session.takeRecord(map);
        }

        @Override
        public long entries(String map) throws FailedException {
            return session.entries(map);
        }
    }

    /** The runs of bytes that differ; the whole packet if it has another length. */
    private static String changes(byte[] before, byte[] after) {
        if (before.length != after.length) {
            return " packet hex " + HexFormat.of().formatHex(after);
        }
        StringBuilder changes = new StringBuilder();
        int at = 0;
        while (at < before.length) {
            int start = at;
            while (at < before.length && before[at] != after[at]) {
                at++;
            }
            if (at > start) {
                changes.append(' ').append(start).append('=').append(HexFormat.of().formatHex(after, start, at));
            }
            at++;
        }
        return changes.isEmpty() ? " unchanged" : " bytes" + changes;
    }

    /** @param values one, or one for each CPU: no one knows which of them ran the program, so that only the sum can be compared */
    private static String value(List<byte[]> values) {
        int size = values.getFirst().length;
        if (size <= LONGEST_NUMBER) {
            return values.stream().map(KernelRecorder::number).reduce(BigInteger.ZERO, BigInteger::add).toString();
        }
        return values.size() == 1 ? bytes(values.getFirst()) : sum(values);
    }

    private static String sum(List<byte[]> values) {
        StringJoiner sum = new StringJoiner(", ", "{", "}");
        int size = values.getFirst().length;
        for (int at = 0, width; at < size; at += width) {
            width = Math.min(LONGEST_NUMBER, Integer.highestOneBit(size - at));
            int from = at;
            int to = at + width;
            BigInteger total = values.stream().map(value -> number(Arrays.copyOfRange(value, from, to))).reduce(BigInteger.ZERO, BigInteger::add);
            sum.add("u" + width * 8 + " " + total);
        }
        return sum.toString();
    }

    private static String bytes(byte[] bytes) {
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] == 0) {
            end--;
        }
        HexFormat hex = HexFormat.of();
        return end == 0 || bytes.length - end < ZEROS ? "hex " + hex.formatHex(bytes)
                : "{hex " + hex.formatHex(bytes, 0, end) + ", zero " + (bytes.length - end) + "}";
    }

    private static BigInteger number(byte[] littleEndian) {
        byte[] bytes = littleEndian.clone();
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = littleEndian[bytes.length - 1 - i];
        }
        return new BigInteger(1, bytes);
    }
}
