package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.TruffleObject;
import com.oracle.truffle.api.interop.UnknownIdentifierException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import java.util.Arrays;

/**
 * What other languages see of a map: members that describe it and, in the subclasses, its contents. A map has a face with its own codecs; the
 * member {@code raw} is another one whose keys and values are bytes.
 */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
abstract sealed class MapFace implements TruffleObject permits HashFace, QueueFace, StreamFace, SampleFace {
    private static final String[] MEMBERS = {"name", "kind", "keySize", "valueSize", "maxEntries", "size", "raw"};

    final BpfMap map;
    final Codec keyCodec;
    final Codec valueCodec;

    MapFace(BpfMap map, Codec keyCodec, Codec valueCodec) {
        this.map = map;
        this.keyCodec = keyCodec;
        this.valueCodec = valueCodec;
    }

    static MapFace of(BpfMap map, Codec key, Codec value) {
        return switch (map.kind()) {
            case HASH, LRU_HASH, LPM_TRIE, DEVMAP_HASH, HASH_OF_MAPS -> new HashFace(map, key, value);
            case PERCPU_HASH, LRU_PERCPU_HASH -> new HashFace(map, key, new PerCpuCodec(value, map.cpus()));
            case ARRAY, DEVMAP, PROG_ARRAY, ARRAY_OF_MAPS, CPUMAP, XSKMAP -> new ArrayFace(map, key, value);
            case PERCPU_ARRAY -> new ArrayFace(map, key, new PerCpuCodec(value, map.cpus()));
            case QUEUE, STACK, BLOOM_FILTER -> new QueueFace(map, key, value);
            case RINGBUF, PERF_EVENT_ARRAY -> new StreamFace(map, key, Codec.bytes(0));
            case USER_RINGBUF -> new SampleFace(map, key, Codec.bytes(0));
        };
    }

    final Object decodeKey(byte[] bytes) {
        return keyCodec.decode(bytes);
    }

    final Object decodeValue(byte[] bytes) {
        return valueCodec.decode(bytes);
    }

    final byte[] encodeKey(Object key) {
        return encode("key", keyCodec, key);
    }

    final byte[] encodeValue(Object value) {
        return encode("value", valueCodec, value);
    }

    final byte[] encode(String what, Codec codec, Object value) {
        try {
            return codec.encode(value);
        } catch (MapException e) {
            throw e.of(map.name(), what);
        }
    }

    /** Members that the subclass has besides. */
    String[] methods() {
        return new String[0];
    }

    @ExportMessage
    boolean hasMembers() {
        return true;
    }

    @ExportMessage
    @TruffleBoundary
    Object getMembers(@SuppressWarnings("unused") boolean includeInternal) {
        String[] methods = methods();
        Object[] names = new Object[MEMBERS.length + methods.length];
        System.arraycopy(MEMBERS, 0, names, 0, MEMBERS.length);
        System.arraycopy(methods, 0, names, MEMBERS.length, methods.length);
        return new Values(names);
    }

    @ExportMessage
    @TruffleBoundary
    boolean isMemberReadable(String member) {
        return Arrays.asList(MEMBERS).contains(member);
    }

    @ExportMessage
    @TruffleBoundary
    Object readMember(String member) throws UnknownIdentifierException {
        return switch (member) {
            case "name" -> map.name();
            case "kind" -> map.kind().name();
            case "keySize" -> map.keySize();
            case "valueSize" -> map.valueSize();
            case "maxEntries" -> map.maxEntries();
            case "size" -> map.size();
            case "raw" -> of(map, Codec.bytes(map.keySize()), Codec.bytes(map.valueSize()));
            default -> throw UnknownIdentifierException.create(member);
        };
    }

    @ExportMessage
    @TruffleBoundary
    Object toDisplayString(@SuppressWarnings("unused") boolean allowSideEffects) {
        return "map " + map.name() + " (" + map.kind() + ", " + map.maxEntries() + " entries)";
    }
}
