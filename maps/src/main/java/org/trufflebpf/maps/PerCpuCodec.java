package org.trufflebpf.maps;

import com.oracle.truffle.api.interop.InteropException;
import com.oracle.truffle.api.interop.InteropLibrary;
import java.util.Arrays;

/** The values of all CPUs, each rounded up to 8 bytes, as an array that has one element per CPU. */
record PerCpuCodec(Codec element, int cpus) implements Codec {
    private static final InteropLibrary INTEROP = InteropLibrary.getUncached();

    private int stride() {
        return (int) Words.roundUp(element.size(), 8);
    }

    @Override
    public int size() {
        return stride() * cpus;
    }

    @Override
    public Object decode(byte[] bytes) {
        Object[] values = new Object[cpus];
        for (int cpu = 0; cpu < cpus; cpu++) {
            values[cpu] = element.decode(Arrays.copyOfRange(bytes, cpu * stride(), cpu * stride() + element.size()));
        }
        return new Values(values);
    }

    @Override
    public byte[] encode(Object value) {
        byte[] bytes = new byte[size()];
        try {
            if (!INTEROP.hasArrayElements(value) || INTEROP.getArraySize(value) != cpus) {
                throw new MapException(Errno.EINVAL, "an array with a value for each of the " + cpus + " CPUs is needed");
            }
            for (int cpu = 0; cpu < cpus; cpu++) {
                byte[] one = encode(cpu, INTEROP.readArrayElement(value, cpu));
                System.arraycopy(one, 0, bytes, cpu * stride(), one.length);
            }
        } catch (InteropException e) {
            throw new MapException(Errno.EINVAL, "cannot be read: " + e.getMessage());
        }
        return bytes;
    }

    private byte[] encode(int cpu, Object value) {
        try {
            return element.encode(value);
        } catch (MapException e) {
            throw e.ofCpu(cpu);
        }
    }
}
