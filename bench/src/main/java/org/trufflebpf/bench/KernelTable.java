package org.trufflebpf.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.trufflebpf.io.linux.BpfException;
import org.trufflebpf.io.linux.KernelMap;
import org.trufflebpf.io.linux.KernelRing;
import org.trufflebpf.language.object.MapSpec;

/**
 * A map in the kernel.
 *
 * @param entries its size
 * @param inner what inner maps are like; null in other maps
 */
record KernelTable(KernelMap map, long entries, MapSpec inner) implements Table {
    private static final String MEMORY = "memlock:";

    @Override
    public void put(byte[] key, byte[] value) {
        try {
            map.update(key, value, KernelMap.ANY);
        } catch (BpfException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** The outer map keeps the inner one alive. */
    @Override
    public Table putTable(byte[] key) {
        try {
            KernelMap created = KernelMap.create(inner.type(), inner.keySize(), inner.valueSize(), (int) inner.maxEntries());
            put(key, ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(created.fd()).array());
            return new KernelTable(created, inner.maxEntries(), null);
        } catch (BpfException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    @Override
    public void drain() {
        try (KernelRing ring = KernelRing.open(map, entries)) {
            while (ring.take() != null) {
                // Only the room counts.
            }
        } catch (BpfException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    @Override
    public int valueSize() {
        return map.valueSize();
    }

    /** What the kernel says. */
    @Override
    public long memory() {
        try {
            return Files.readAllLines(Path.of("/proc/self/fdinfo/" + map.fd())).stream().filter(line -> line.startsWith(MEMORY))
                            .mapToLong(line -> Long.parseLong(line.substring(MEMORY.length()).strip())).findFirst().orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
