package org.trufflebpf.io.net;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What is known of a network, as somebody describes it.
 *
 * @param rules all of a family, or none if it has only those that are there from the start
 */
public record NetworkTables(List<NetworkInterface> interfaces, List<Route> routes, List<Neighbour> neighbours, List<RoutingRule> rules) {
    public static final NetworkTables EMPTY = new NetworkTables(List.of(), List.of(), List.of(), List.of());

    public NetworkTables {
        interfaces = List.copyOf(interfaces);
        routes = List.copyOf(routes);
        neighbours = List.copyOf(neighbours);
        rules = List.copyOf(rules);
    }

    /** The same with {@link NetworkInterface#unknown} for those numbers that it does not describe. */
    public NetworkTables withPorts(List<Integer> numbers) {
        Set<Integer> known = new HashSet<>();
        interfaces.forEach(one -> known.add(one.index()));
        List<NetworkInterface> all = new ArrayList<>(interfaces);
        numbers.stream().filter(known::add).map(NetworkInterface::unknown).forEach(all::add);
        return new NetworkTables(all, routes, neighbours, rules);
    }
}
