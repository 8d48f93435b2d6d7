package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.frame.VirtualFrame;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.language.helpers.MapOperation;
import org.trufflebpf.language.helpers.MapSource;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.runtime.Worker;
import org.trufflebpf.maps.ArrayMap;
import org.trufflebpf.maps.ArrayOfMaps;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.HashMap;
import org.trufflebpf.maps.HashOfMaps;
import org.trufflebpf.maps.KeyShape;
import org.trufflebpf.maps.MapKind;
import org.trufflebpf.maps.MapOfMaps;
import org.trufflebpf.maps.RingMap;

/** Maps of maps: finding an inner map, and operations on a map of which only the template is known before it runs. */
final class InnerMapNodes {
    private InnerMapNodes() {
    }

    /** bpf_map_lookup_elem in a map of maps: the inner map's handle, or 0. */
    static final class Find extends ExpressionNode {
        private final MapOfMaps outer;
        private final InnerMaps innerMaps;
        @Child private ExpressionNode key;

        Find(MapOfMaps outer, InnerMaps innerMaps, ExpressionNode key) {
            this.outer = outer;
            this.innerMaps = innerMaps;
            this.key = key;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return MapHandle.ofInner(outer.template().kind(), outer.inner(key.execute(frame)), innerMaps);
        }
    }

    /** The same with the index in a register. */
    static final class FindAt extends ExpressionNode {
        private final ArrayOfMaps outer;
        @Child private ExpressionNode index;

        FindAt(ArrayOfMaps outer, ExpressionNode index) {
            this.outer = outer;
            this.index = index;
        }

        @Override
        public long execute(VirtualFrame frame) {
            long reference = outer.referenceAt((int) index.execute(frame));
            return outer.template().kind() == MapKind.ARRAY ? reference : MapHandle.ofNumber(MapOfMaps.number(reference));
        }
    }

    /** The map whose handle a register holds, for calls that take a map of one kind; a map that is not like the template is a trap. */
    static final class Source<M> extends MapSource<M> {
        private final Class<M> type;
        private final InnerMaps innerMaps;
        private final MapKind kind;
        private final int keySize;
        private final int valueSize;
        @Child private ExpressionNode handle;
        private final TrapSite trap;

        Source(Class<M> type, InnerMaps innerMaps, MapSpec template, ExpressionNode handle, TrapSite trap) {
            this.type = type;
            this.innerMaps = innerMaps;
            this.kind = MapKind.of(template.type());
            this.keySize = template.keySize();
            this.valueSize = template.valueSize();
            this.handle = handle;
            this.trap = trap;
        }

        @Override
        public M execute(VirtualFrame frame) {
            BpfMap map = MapHandle.map(handle.execute(frame), innerMaps);
            if (map == null || map.kind() != kind || map.keySize() != keySize || map.valueSize() != valueSize || !type.isInstance(map)) {
                throw trap.trap(frame);
            }
            if (map instanceof RingMap ring) {
                ((Worker) frame.getArguments()[0]).innerRings().add(ring);
            }
            return type.cast(map);
        }
    }

    /** The same in a hash, with a key of one to four words in registers. */
    static final class FindByKey extends ExpressionNode {
        private final HashOfMaps outer;
        private final InnerMaps innerMaps;
        @Children private final ExpressionNode[] words;

        FindByKey(HashOfMaps outer, InnerMaps innerMaps, ExpressionNode[] words) {
            this.outer = outer;
            this.innerMaps = innerMaps;
            this.words = words;
        }

        @Override
        public long execute(VirtualFrame frame) {
            int number = outer.innerByKey(words[0].execute(frame), word(frame, 1), word(frame, 2), word(frame, 3));
            return MapHandle.ofInner(outer.template().kind(), number, innerMaps);
        }

        private long word(VirtualFrame frame, int index) {
            return index < words.length ? words[index].execute(frame) : 0;
        }
    }

    /** bpf_map_lookup_elem in the array whose reference a register certainly holds; it has as many entries as the template. */
    static final class ArrayLookup extends ExpressionNode {
        private final long entries;
        private final long stride;
        @Child private ExpressionNode reference;
        @Child private ExpressionNode index;

        ArrayLookup(MapSpec template, ExpressionNode reference, ExpressionNode index) {
            this.entries = template.maxEntries();
            this.stride = template.valueSize() + 7L & -8;
            this.reference = reference;
            this.index = index;
        }

        @Override
        public long execute(VirtualFrame frame) {
            long array = MapOfMaps.array(reference.execute(frame));
            long element = Integer.toUnsignedLong((int) index.execute(frame));
            return CompilerDirectives.injectBranchProbability(CompilerDirectives.LIKELY_PROBABILITY, element < entries) ? array + element * stride : 0;
        }
    }

    /** An operation on an inner map. */
    static final class Operate extends ExpressionNode {
        private final MapOperation operation;
        private final MapKind kind;
        private final KeyShape keyShape;
        @Child private MapSource<BpfMap> source;
        @Child private ExpressionNode key;
        @Child private ExpressionNode value;
        @Child private ExpressionNode flags;

        /** @param key, value, flags constants where the operation has none */
        Operate(MapOperation operation, MapSpec template, MapSource<BpfMap> source, ExpressionNode key, ExpressionNode value, ExpressionNode flags) {
            this.operation = operation;
            this.kind = MapKind.of(template.type());
            this.keyShape = new KeyShape(template.keySize());
            this.source = source;
            this.key = key;
            this.value = value;
            this.flags = flags;
        }

        @Override
        public long execute(VirtualFrame frame) {
            BpfMap map = source.execute(frame);
            long keyAddress = key.execute(frame);
            int cpu = ((Worker) frame.getArguments()[0]).cpu();
            if (operation == MapOperation.LOOKUP && kind == MapKind.ARRAY) {
                return ((ArrayMap) map).lookup(Memory.getInt(keyAddress));
            }
            if (operation == MapOperation.LOOKUP && map instanceof HashMap hash) {
                return hash.lookup(keyShape, keyAddress, cpu);
            }
            return apply(map, keyAddress, value.execute(frame), flags.execute(frame), cpu);
        }

        @TruffleBoundary
        private long apply(BpfMap map, long keyAddress, long valueAddress, long bits, int cpu) {
            return operation.apply(map, keyAddress, valueAddress, bits, cpu);
        }
    }
}
