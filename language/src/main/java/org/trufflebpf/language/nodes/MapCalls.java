package org.trufflebpf.language.nodes;

import java.util.List;
import java.util.function.Supplier;
import org.trufflebpf.language.helpers.MapNodes;
import org.trufflebpf.language.helpers.MapOperation;
import org.trufflebpf.language.helpers.MapSource;
import org.trufflebpf.language.helpers.RedirectNodes;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.maps.ArrayMap;
import org.trufflebpf.maps.ArrayOfMaps;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.CpuMap;
import org.trufflebpf.maps.DevMap;
import org.trufflebpf.maps.HashMap;
import org.trufflebpf.maps.HashOfMaps;
import org.trufflebpf.maps.LpmTrieMap;
import org.trufflebpf.maps.MapFlags;
import org.trufflebpf.maps.MapKind;
import org.trufflebpf.maps.MapOfMaps;
import org.trufflebpf.maps.PerCpuArrayMap;
import org.trufflebpf.maps.XskMap;

/** Calls that look elements up or change them: nodes for the kind of map, and for keys that lie in registers. */
final class MapCalls {
    private MapCalls() {
    }

    /** An operation on the map in r1. */
    static ExpressionNode operate(HelperCall call, MapOperation operation) {
        return call.withMap(1, map -> switch (operation) {
            case LOOKUP -> lookup(call, map);
            case UPDATE -> update(call, map);
            case DELETE, PUSH, POP, PEEK -> known(call, operation, map);
        },
                        template -> inner(call, operation, template));
    }

    private static ExpressionNode inner(HelperCall call, MapOperation operation, MapSpec template) {
        MapKind kind = MapKind.of(template.type());
        boolean sameEntries = (template.flags() & MapFlags.INNER_MAP) == 0;
        // Callbacks of timers get maps that are no references.
        if (operation == MapOperation.LOOKUP && kind == MapKind.ARRAY && sameEntries && !template.hasTimer() && call.hasOneMap(1)) {
            return new InnerMapNodes.ArrayLookup(template, call.argument(1), call.index(2));
        }
        return new InnerMapNodes.Operate(operation, template, call.inner(1, BpfMap.class, template), key(call, operation, template.keySize()),
                        value(call, operation, template.valueSize()), flags(call, operation));
    }

    static ExpressionNode lookupOnCpu(HelperCall call) {
        return call.withMap(1, map -> new MapNodes.LookupOnCpu(MapSource.of(map), call.memory(2, map.keySize()), call.argument(3)),
                        template -> new MapNodes.LookupOnCpu(call.inner(1, BpfMap.class, template), call.memory(2, template.keySize()), call.argument(3)));
    }

    /** The next element of bpf_for_each_map_elem. */
    static ExpressionNode next(HelperCall call) {
        return call.withMap(1, map -> next(call, map.kind(), () -> MapSource.of(map)),
                        template -> next(call, MapKind.of(template.type()), () -> call.inner(1, BpfMap.class, template)));
    }

    private static ExpressionNode next(HelperCall call, MapKind kind, Supplier<MapSource<BpfMap>> map) {
        return kind.hasElements() ? new ElementNodes.Next(map.get(), call.argument(2), call.argument(3))
                        : call.trap("gives " + call.helper.helperName() + " a map of kind " + kind + ", which it does not go over");
    }

    static ExpressionNode key(HelperCall call) {
        return call.withMap(1, map -> new ElementNodes.Key(MapSource.of(map), call.argument(2)),
                        template -> new ElementNodes.Key(call.inner(1, BpfMap.class, template), call.argument(2)));
    }

    static ExpressionNode redirect(HelperCall call) {
        return call.withMap(1, map -> switch (map) {
            case DevMap devices -> new RedirectNodes.ByMap(MapSource.of(devices), call.argument(2), call.argument(3));
            case CpuMap cpus -> new RedirectNodes.ToCpu(MapSource.of(cpus), call.argument(2), call.argument(3));
            case XskMap sockets -> new RedirectNodes.ToSocket(MapSource.of(sockets), call.argument(2), call.argument(3));
            default -> holdsNothing(call, map.name());
        }, template -> switch (MapKind.of(template.type())) {
            case DEVMAP, DEVMAP_HASH -> new RedirectNodes.ByMap(call.inner(1, DevMap.class, template), call.argument(2), call.argument(3));
            case CPUMAP -> new RedirectNodes.ToCpu(call.inner(1, CpuMap.class, template), call.argument(2), call.argument(3));
            case XSKMAP -> new RedirectNodes.ToSocket(call.inner(1, XskMap.class, template), call.argument(2), call.argument(3));
            default -> holdsNothing(call, template.name());
        });
    }

    private static ExpressionNode holdsNothing(HelperCall call, String map) {
        return call.trap("gives bpf_redirect_map map '" + map + "', which holds nothing to redirect to");
    }

    private static ExpressionNode lookup(HelperCall call, BpfMap map) {
        ExpressionNode known = call.knownLookup();
        if (known != null) {
            return known;
        }
        List<FoldedMaps.Entry> entries = call.knownEntries(1);
        if (entries != null) {
            ExpressionNode[] key = knownMapsKey(call, map);
            return map instanceof LpmTrieMap ? KnownKeys.prefixes(entries, key, map.keySize()) : KnownKeys.exact(entries, key, map.keySize());
        }
        KeyTable table = call.knownTable(1);
        if (table != null) {
            return new KnownTable(table, knownMapsKey(call, map));
        }
        return switch (map) {
            case ArrayMap array -> new MapNodes.ArrayLookup(array, call.index(2));
            case PerCpuArrayMap array -> new MapNodes.PerCpuArrayLookup(array, call.index(2));
            case HashMap hash when call.keyWords(2, hash.keySize()) instanceof ExpressionNode[] words -> MapNodes.HashLookup.create(hash, words);
            case LpmTrieMap rules when rules.keySize() <= LpmTrieMap.MAX_REGISTER_KEY && call.keyWords(2, rules.keySize()) instanceof ExpressionNode[] words ->
                MapNodes.PrefixLookup.create(rules, words);
            case ArrayOfMaps outer -> new InnerMapNodes.FindAt(outer, call.index(2));
            case HashOfMaps outer when call.keyWords(2, outer.keySize()) instanceof ExpressionNode[] words -> new InnerMapNodes.FindByKey(outer, call.innerMaps(), words);
            case MapOfMaps outer -> new InnerMapNodes.Find(outer, call.innerMaps(), call.memory(2, map.keySize()));
            default -> known(call, MapOperation.LOOKUP, map);
        };
    }

    private static ExpressionNode[] knownMapsKey(HelperCall call, BpfMap map) {
        ExpressionNode[] words = call.keyWords(2, map.keySize());
        return words != null ? words : KnownKeys.words(() -> call.memory(2, map.keySize()), map.keySize());
    }

    private static ExpressionNode update(HelperCall call, BpfMap map) {
        return map instanceof HashMap hash && call.hasOneMap(1) && !call.mayHoldValue(call.state().register(1).map()) &&
                        call.keyWords(2, hash.keySize()) instanceof ExpressionNode[] words
                                        ? new MapNodes.HashUpdate(hash, words, call.memory(3, map.valueSize()), call.argument(4))
                                        : known(call, MapOperation.UPDATE, map);
    }

    private static ExpressionNode known(HelperCall call, MapOperation operation, BpfMap map) {
        return new MapNodes.Operate(operation, map, key(call, operation, map.keySize()), value(call, operation, map.valueSize()), flags(call, operation));
    }

    private static ExpressionNode key(HelperCall call, MapOperation operation, int size) {
        return switch (operation) {
            case LOOKUP, UPDATE, DELETE -> call.memory(2, size);
            case PUSH, POP, PEEK -> new ConstantNode(0);
        };
    }

    private static ExpressionNode value(HelperCall call, MapOperation operation, int size) {
        return switch (operation) {
            case UPDATE -> call.memory(3, size);
            case PUSH, POP, PEEK -> call.memory(2, size);
            case LOOKUP, DELETE -> new ConstantNode(0);
        };
    }

    private static ExpressionNode flags(HelperCall call, MapOperation operation) {
        return switch (operation) {
            case UPDATE -> call.argument(4);
            case PUSH -> call.argument(3);
            case LOOKUP, DELETE, POP, PEEK -> new ConstantNode(0);
        };
    }
}
