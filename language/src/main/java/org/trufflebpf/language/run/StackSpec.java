package org.trufflebpf.language.run;

import java.util.List;
import java.util.stream.Collectors;
import org.trufflebpf.io.tap.TapSettings;

/**
 * A companion of a port, through which its passed packets go on to the kernel's network stack: {@code --pass tap:NAME}.
 *
 * @param tap with the interface number of the port
 */
record StackSpec(String text, TapSettings tap) {
    private static final String SYNTAX = "tap:NAME[,port=N]" + TapSyntax.PARTS;

    /** Whether that is what {@code --pass} describes. */
    static boolean isMeant(String text) {
        return text.startsWith("tap:");
    }

    /**
     * @param ports that there are
     * @throws CommandException for wrong usage
     */
    static StackSpec parse(String text, List<PortSpec> ports) {
        PortParts parts = new PortParts("--pass", text, text.substring("tap:".length()), SYNTAX, "name");
        int number = parts.inRange("port", 0, 1, Integer.MAX_VALUE);
        List<PortSpec> candidates = ports.stream().filter(port -> number == 0 || port.ifindex() == number).toList();
        if (candidates.size() != 1 && !ports.isEmpty()) {
            String known = ports.stream().map(port -> Integer.toString(port.ifindex())).collect(Collectors.joining(" or "));
            throw CommandException.usage("--pass " + text + ": " + (number == 0 ? "a TAP interface belongs to one port: add port=" + known
                    : "there is no port " + number + ": use port=" + known));
        }
        TapSettings tap = TapSyntax.parse(parts, candidates.isEmpty() ? 1 : candidates.getFirst().ifindex());
        parts.end();
        // The neighbours know the port's Ethernet address as the machine's.
        boolean same = tap.macOf() == null && tap.mac() == TapSettings.ANY_MAC && !candidates.isEmpty()
                && candidates.getFirst() instanceof PortSpec.Sockets;
        return new StackSpec(text, same ? tap.withMacOf(((PortSpec.Sockets) candidates.getFirst()).settings().device()) : tap);
    }
}
