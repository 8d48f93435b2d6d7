package org.trufflebpf.language.run;

import java.util.List;
import org.trufflebpf.io.net.Network;
import org.trufflebpf.io.net.NetworkTables;
import org.trufflebpf.io.net.NetworkView;

/** Where the network that programs see comes from: {@code --env}. */
final class Environment implements AutoCloseable {
    private final NetworkView view;

    private Environment(NetworkView view) {
        this.view = view;
    }

    /**
     * Reads it.
     *
     * @param description a file, or null for nothing but the ports
     * @param ports numbers of the interfaces that there are in any case
     * @throws CommandException if it cannot be read or makes no sense
     */
    static Environment open(String description, List<Integer> ports, CommandFiles files) {
        NetworkTables tables = description == null ? NetworkTables.EMPTY : EnvironmentFile.parse(description, files.read(description));
        return new Environment(new NetworkView(new Network(tables.withPorts(ports))));
    }

    /** Good until this is closed. */
    NetworkView view() {
        return view;
    }

    @Override
    public void close() {
    }
}
