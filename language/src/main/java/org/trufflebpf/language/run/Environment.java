package org.trufflebpf.language.run;

import com.oracle.truffle.api.TruffleLanguage.Env;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.trufflebpf.io.linux.KernelNetwork;
import org.trufflebpf.io.net.Network;
import org.trufflebpf.io.net.NetworkTables;
import org.trufflebpf.io.net.NetworkView;

/** Where the network that programs see comes from: {@code --env}. */
final class Environment implements AutoCloseable {
    private static final String KERNEL = "kernel";

    private final NetworkView view;
    private final KernelNetwork kernel;

    private Environment(NetworkView view, KernelNetwork kernel) {
        this.view = view;
        this.kernel = kernel;
    }

    /**
     * Reads it.
     *
     * @param description a file, {@code kernel}, or null for nothing but the ports
     * @param ports numbers of the interfaces that there are in any case
     * @throws CommandException if it cannot be read or makes no sense
     */
    static Environment open(String description, List<Integer> ports, Env env, CommandFiles files) {
        if (KERNEL.equals(description)) {
            return ofKernel(ports, env);
        }
        NetworkTables tables = description == null ? NetworkTables.EMPTY : EnvironmentFile.parse(description, files.read(description));
        return new Environment(new NetworkView(new Network(tables.withPorts(ports))), null);
    }

    private static Environment ofKernel(List<Integer> ports, Env env) {
        if (!env.isNativeAccessAllowed()) {
            throw CommandException.failed("--env kernel: the embedder does not allow native access");
        }
        try {
            KernelNetwork kernel = KernelNetwork.open(tables -> tables.withPorts(ports), line -> warn(env, line));
            return new Environment(kernel.view(), kernel);
        } catch (IOException e) {
            throw CommandException.failed("--env kernel: " + e.getMessage());
        }
    }

    private static void warn(Env env, String line) {
        OutputStream stream = env.err();
        try {
            synchronized (stream) {
                stream.write(("ebpf: warning: " + line + "\n").getBytes(StandardCharsets.UTF_8));
                stream.flush();
            }
        } catch (IOException e) {
            // Nobody reads warnings.
        }
    }

    /** Good until this is closed. */
    NetworkView view() {
        return view;
    }

    @Override
    public void close() {
        if (kernel != null) {
            kernel.close();
        }
    }
}
