package org.trufflebpf.language.nodes;

import org.trufflebpf.language.helpers.MapNodes;
import org.trufflebpf.language.helpers.MapOperation;
import org.trufflebpf.language.helpers.RedirectNodes;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.maps.ArrayMap;
import org.trufflebpf.maps.ArrayOfMaps;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.CpuMap;
import org.trufflebpf.maps.DevMap;
import org.trufflebpf.maps.HashMap;
import org.trufflebpf.maps.LpmTrieMap;
import org.trufflebpf.maps.MapOfMaps;
import org.trufflebpf.maps.PerCpuArrayMap;
import org.trufflebpf.maps.XskMap;

/** Calls that look elements up or change them: nodes for the kind of map, and for keys that lie in registers. */
final class MapCalls {
    private final InnerMaps innerMaps;

    MapCalls(InnerMaps innerMaps) {
        this.innerMaps = innerMaps;
    }

    /** An operation on the map in r1. */
    ExpressionNode operate(HelperCall call, MapOperation operation) {
        return call.withMap(1, map -> operation == MapOperation.LOOKUP ? lookup(call, map) : known(call, operation, map),
                        template -> new InnerMapNodes.Operate(operation, innerMaps, template, call.argument(1), key(call, operation, template.keySize()),
                                        value(call, operation, template.valueSize()), flags(call, operation),
                                        call.site("gives " + call.helper.helperName() + " a map that is not like the inner maps")));
    }

    static ExpressionNode redirect(HelperCall call) {
        return call.withMap(1, map -> switch (map) {
            case DevMap devices -> new RedirectNodes.ByMap(devices, call.argument(2), call.argument(3));
            case CpuMap _, XskMap _ -> new RedirectNodes.ToCpuOrSocket(map, call.argument(2), call.argument(3));
            default -> call.trap("gives bpf_redirect_map map '" + map.name() + "', which holds nothing to redirect to");
        });
    }

    private static ExpressionNode lookup(HelperCall call, BpfMap map) {
        return switch (map) {
            case ArrayMap array -> new MapNodes.ArrayLookup(array, call.index(2));
            case PerCpuArrayMap array -> new MapNodes.PerCpuArrayLookup(array, call.index(2));
            case HashMap hash when call.keyWords(2, hash.keySize()) instanceof ExpressionNode[] words -> MapNodes.HashLookup.create(hash, words);
            case LpmTrieMap rules when rules.keySize() <= LpmTrieMap.MAX_REGISTER_KEY && call.keyWords(2, rules.keySize()) instanceof ExpressionNode[] words ->
                MapNodes.PrefixLookup.create(rules, words);
            case ArrayOfMaps outer -> new InnerMapNodes.FindAt(outer, call.index(2));
            case MapOfMaps outer -> new InnerMapNodes.Find(outer, call.memory(2, map.keySize()));
            default -> known(call, MapOperation.LOOKUP, map);
        };
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
