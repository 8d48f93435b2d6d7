package org.trufflebpf.language.packettest;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.trufflebpf.language.object.MapSpec;

/**
 * Whatever the object, its program counts packets in entry 0 of the map 'count', which has a value on each of two CPUs, and swaps MAC addresses.
 * What it does with shorter frames: of one byte it returns 77, of three it traps.
 */
final class SwappingEngine implements TestEngine {
    private static final int PERCPU_ARRAY = 6;

    private final boolean compile;

    SwappingEngine(boolean compile) {
        this.compile = compile;
    }

    @Override
    public String name() {
        return compile ? "compiling" : "swapping";
    }

    @Override
    public Session load(byte[] object, String objectName, String program) {
        return new SwappingSession();
    }

    private static final class SwappingSession implements Session {
        private static final byte[] KEY = new byte[4];

        private long count;
        private long taken;

        @Override
        public Result run(Input input) throws UnsupportedException {
            byte[] packet = input.packet().clone();
            if (packet.length > 4000) {
                throw new UnsupportedException("too long for this engine");
            }
            count++;
            if (packet.length < 14) {
                return new Result(packet.length == 1 ? 77 : 2, packet, input.metadata(), packet.length == 3 ? "stopped on purpose" : null);
            }
            System.arraycopy(input.packet(), 0, packet, 6, 6);
            System.arraycopy(input.packet(), 6, packet, 0, 6);
            return new Result(3, packet, input.metadata(), null);
        }

        @Override
        public MapSpec map(String name) {
            return name.equals("count") ? MapSpec.of(name, PERCPU_ARRAY, 4, 8, 1) : null;
        }

        @Override
        public void write(String map, byte[] key, byte[] value, boolean everyCpu) {
            count = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getLong() * (everyCpu ? 2 : 1);
        }

        @Override
        public List<byte[]> read(String map, byte[] key) {
            if (!Arrays.equals(key, KEY)) {
                return List.of();
            }
            return List.of(bytes(count - count / 2), bytes(count / 2));
        }

        private static byte[] bytes(long number) {
            return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(number).array();
        }

        @Override
        public boolean delete(String map, byte[] key) {
            return false;
        }

        /** A record of eight bytes for each packet since the last: how many packets there were. */
        @Override
        public byte[] takeRecord(String map) {
            return taken < count ? bytes(++taken) : null;
        }

        @Override
        public long entries(String map) {
            return 1;
        }

        @Override
        public void close() {
        }
    }
}
