package org.trufflebpf.language.run;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.trufflebpf.io.net.IpAddress;
import org.trufflebpf.io.net.Neighbour;
import org.trufflebpf.io.net.NetworkInterface;
import org.trufflebpf.io.net.NetworkTables;
import org.trufflebpf.io.net.Prefix;
import org.trufflebpf.io.net.Route;
import org.trufflebpf.io.net.RoutingRule;

/** A network described in JSON: docs/network.md. What its interfaces imply, such as routes to their own networks, need not be said. */
public final class EnvironmentFile {
    private static final List<String> FIELDS = List.of("interfaces", "mtu", "forwarding", "routes", "neigh", "rules", "note");
    /** Of files that say more of a machine than its network. */
    private static final List<String> UNUSED_FIELDS = List.of("ingress_ifindex", "rx_queue_index");
    private static final int MAX_INTERFACES = 1 << 16;
    private static final int METRIC_OF_CONNECTED_IPV6 = 256;

    private final Map<Integer, NetworkInterface> interfaces = new TreeMap<>();
    private final List<Route> routes = new ArrayList<>();
    private final List<Neighbour> neighbours = new ArrayList<>();
    private final List<RoutingRule> rules = new ArrayList<>();

    private EnvironmentFile() {
    }

    /** @throws CommandException with what is wrong where in the file called {@code name} */
    public static NetworkTables parse(String name, byte[] file) {
        EnvironmentFile environment = new EnvironmentFile();
        String place = name;
        try {
            JsonElement json = JsonParser.parseString(new String(file, StandardCharsets.UTF_8));
            if (!json.isJsonObject()) {
                throw new IllegalArgumentException("no JSON object");
            }
            JsonObject fields = json.getAsJsonObject();
            InterfaceSyntax syntax = new InterfaceSyntax(fields);
            for (String field : fields.keySet()) {
                if (!FIELDS.contains(field) && !UNUSED_FIELDS.contains(field)) {
                    throw new IllegalArgumentException("unknown field '" + field + "': there are " + String.join(", ", FIELDS));
                }
            }
            for (Map.Entry<String, JsonElement> one : object(fields, "interfaces").entrySet()) {
                place = name + ": interfaces \"" + one.getKey() + "\"";
                for (NetworkInterface port : syntax.parse(one.getKey(), text(one.getValue()))) {
                    environment.add(port);
                }
            }
            RouteSyntax words = new RouteSyntax(environment.interfaces.values());
            for (JsonElement route : array(fields, "routes")) {
                place = name + ": routes \"" + text(route) + "\"";
                environment.routes.add(words.route(text(route)));
            }
            for (JsonElement rule : array(fields, "rules")) {
                place = name + ": rules \"" + text(rule) + "\"";
                environment.rules.add(words.rule(text(rule)));
            }
            for (Map.Entry<String, JsonElement> one : object(fields, "neigh").entrySet()) {
                place = name + ": neigh \"" + one.getKey() + "\"";
                environment.neighbours.add(words.neighbour(one.getKey(), text(one.getValue())));
            }
        } catch (IllegalArgumentException e) {
            // What the file says may have line ends.
            throw CommandException.failed((place + ": " + e.getMessage()).replaceAll("\\p{Cntrl}+", " "));
        } catch (JsonParseException | IllegalStateException | StackOverflowError e) {
            throw CommandException.failed(name + ": " + JsonError.reason(e));
        }
        environment.interfaces.values().forEach(environment::addImplied);
        environment.addBuiltInRules();
        return new NetworkTables(List.copyOf(environment.interfaces.values()), environment.routes, environment.neighbours, environment.rules);
    }

    private void add(NetworkInterface port) {
        if (interfaces.size() == MAX_INTERFACES) {
            throw new IllegalArgumentException("more than " + MAX_INTERFACES + " interfaces");
        }
        if (interfaces.putIfAbsent(port.index(), port) != null) {
            throw new IllegalArgumentException("there is an interface with the number " + port.index() + " already");
        }
    }

    /** What the kernel makes of an address: local, its network connected, the last IPv4 address there a broadcast, the first IPv6 one an anycast. */
    private void addImplied(NetworkInterface port) {
        for (NetworkInterface.Address one : port.addresses()) {
            IpAddress address = one.address();
            boolean ipv6 = address.ipv6();
            Prefix network = one.prefix();
            addRoute(port, Prefix.host(address), Route.TABLE_LOCAL, Route.Type.LOCAL, 0, NetworkInterface.SCOPE_HOST, ipv6 ? null : address);
            if (network.length() < address.bits() && ipv6) {
                addRoute(port, network, Route.TABLE_MAIN, Route.Type.UNICAST, METRIC_OF_CONNECTED_IPV6, NetworkInterface.SCOPE_LINK, null);
            } else if (network.length() < address.bits() && port.nameless()) {
                addRoute(port, network, Route.TABLE_LOCAL, Route.Type.LOCAL, 0, NetworkInterface.SCOPE_HOST, address);
            } else if (network.length() < address.bits()) {
                addRoute(port, network, Route.TABLE_MAIN, Route.Type.UNICAST, 0, NetworkInterface.SCOPE_LINK, address);
            }
            if (!ipv6 && network.length() < IpAddress.IPV4_BITS - 1) {
                IpAddress last = IpAddress.ofIpv4((int) (address.high() >>> 32) | -1 >>> network.length());
                addRoute(port, Prefix.host(last), Route.TABLE_LOCAL, Route.Type.BROADCAST, 0, NetworkInterface.SCOPE_LINK, address);
            }
            if (ipv6 && port.forwardsIpv6() && network.length() < IpAddress.IPV6_BITS - 1) {
                addRoute(port, Prefix.host(network.address()), Route.TABLE_LOCAL, Route.Type.ANYCAST, 0, NetworkInterface.SCOPE_UNIVERSE, null);
            }
        }
    }

    private void addRoute(NetworkInterface port, Prefix prefix, int table, Route.Type type, long metric, int scope, IpAddress source) {
        routes.add(new Route(table, prefix, 0, type, metric, scope, 0, source, List.of(new Route.NextHop(port.index(), null, 1, false))));
    }

    /** Rules of a file come beside those that are there from the start. */
    private void addBuiltInRules() {
        for (boolean ipv6 : new boolean[]{false, true}) {
            if (rules.stream().anyMatch(rule -> rule.ipv6() == ipv6)) {
                rules.addAll(RoutingRule.builtIn(ipv6));
            }
        }
    }

    static JsonObject object(JsonObject fields, String name) {
        JsonElement field = fields.get(name);
        if (field != null && !field.isJsonObject()) {
            throw new IllegalArgumentException(name + " is no object");
        }
        return field == null ? new JsonObject() : field.getAsJsonObject();
    }

    private static JsonArray array(JsonObject fields, String name) {
        JsonElement field = fields.get(name);
        if (field != null && !field.isJsonArray()) {
            throw new IllegalArgumentException(name + " is no array");
        }
        return field == null ? new JsonArray() : field.getAsJsonArray();
    }

    private static String text(JsonElement element) {
        if (!element.isJsonPrimitive() || !element.getAsJsonPrimitive().isString()) {
            throw new IllegalArgumentException("not a text");
        }
        return element.getAsString();
    }
}
