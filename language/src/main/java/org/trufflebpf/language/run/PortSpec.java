package org.trufflebpf.language.run;

/**
 * A port as {@code --port} describes it: a capture to read, and maybe one to write.
 *
 * @param output null if what the program sends there is not kept
 * @param ifindex interface number, 1 or more
 */
public record PortSpec(String input, String output, int ifindex) {
    private static final String SYNTAX = "pcap:in.pcap[,out=out.pcap][,ifindex=N]";

    /**
     * @param position interface number unless the text gives one
     * @throws CommandException for wrong usage
     */
    static PortSpec parse(String text, int position) {
        int colon = text.indexOf(':');
        String kind = colon < 0 ? text : text.substring(0, colon);
        switch (kind) {
            case "pcap" -> {
            }
            case "gen", "xsk", "dpdk", "tap" ->
                throw CommandException.usage("--port " + text + ": this version has no " + kind + " ports: use " + SYNTAX);
            default -> throw CommandException.usage("--port " + text + ": unknown kind of port: use " + SYNTAX);
        }
        String[] parts = text.substring(colon + 1).split(",", -1);
        if (colon < 0 || parts[0].isEmpty()) {
            throw CommandException.usage("--port " + text + ": no file: use " + SYNTAX);
        }
        String output = null;
        int ifindex = position;
        for (int i = 1; i < parts.length; i++) {
            int equals = parts[i].indexOf('=');
            String name = equals < 0 ? parts[i] : parts[i].substring(0, equals);
            String value = equals < 0 ? "" : parts[i].substring(equals + 1);
            switch (name) {
                case "out" -> output = value;
                case "ifindex" -> ifindex = (int) Numbers.inRange("--port " + text + ": ifindex", value, 1, Integer.MAX_VALUE);
                default -> throw CommandException.usage("--port " + text + ": unknown part " + parts[i] + ": use " + SYNTAX);
            }
        }
        if (output != null && output.isEmpty()) {
            throw CommandException.usage("--port " + text + ": out needs a file: use " + SYNTAX);
        }
        return new PortSpec(parts[0], output, ifindex);
    }
}
