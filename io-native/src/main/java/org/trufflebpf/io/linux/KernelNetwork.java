package org.trufflebpf.io.linux;

import java.io.IOException;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.trufflebpf.io.libc.Libc;
import org.trufflebpf.io.net.Network;
import org.trufflebpf.io.net.NetworkTables;
import org.trufflebpf.io.net.NetworkView;

/**
 * The kernel's interfaces, routes, rules and neighbours, in the network namespace of the thread that opens this, kept up to date: a thread of its own
 * hears of changes, reads all tables again and publishes them. Needs no privileges.
 */
public final class KernelNetwork implements AutoCloseable {
    private static final int GET_LINK = 18;
    private static final int GET_ADDRESS = 22;
    private static final int GET_ROUTE = 26;
    private static final int GET_NEIGHBOUR = 30;
    private static final int GET_RULE = 34;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    /** RTNLGRP_*: LINK 1, NEIGH 3, IPV4_IFADDR 5, _ROUTE 7 and _RULE 8, IPV6_IFADDR 9, _ROUTE 11 and _RULE 19, IPV4_NETCONF 24, IPV6_NETCONF 25. */
    private static final int GROUPS = 1 | 1 << 2 | 1 << 4 | 1 << 6 | 1 << 7 | 1 << 8 | 1 << 10 | 1 << 18 | 1 << 23 | 1 << 24;
    /** How often a dump during which tables changed is repeated at once. */
    private static final int ATTEMPTS = 5;
    /** Milliseconds between looks at whether this is closed. */
    private static final long PATIENCE = 200;
    /** Milliseconds to wait for more changes after one: most come in groups. */
    private static final long SETTLING = 50;

    private final NetlinkSocket events;
    private final NetlinkSocket questions;
    private final NetworkView view;
    private final UnaryOperator<NetworkTables> completion;
    private final Consumer<String> warnings;
    private final Thread thread;
    private volatile boolean closed;

    private KernelNetwork(NetlinkSocket events, NetlinkSocket questions, UnaryOperator<NetworkTables> completion, Consumer<String> warnings)
            throws IOException {
        this.events = events;
        this.questions = questions;
        this.completion = completion;
        this.warnings = warnings;
        this.view = new NetworkView(new Network(completion.apply(read(questions))));
        this.thread = Thread.ofPlatform().daemon().name("ebpf-network").start(this::follow);
    }

    /**
     * Reads the tables and follows them until closed.
     *
     * @param completion adds what is there besides the kernel's
     * @param warnings gets a line, once, if changes can be followed no more
     * @throws IOException if the kernel does not say, or system calls are not to be had
     */
    public static KernelNetwork open(UnaryOperator<NetworkTables> completion, Consumer<String> warnings) throws IOException {
        if (!Libc.available()) {
            throw new IOException("system calls need Linux on x86-64 and a Java that allows native access");
        }
        NetlinkSocket events = new NetlinkSocket(GROUPS, PATIENCE);
        NetlinkSocket questions = null;
        try {
            questions = new NetlinkSocket(0, 0);
            return new KernelNetwork(events, questions, completion, warnings);
        } catch (IOException e) {
            events.close();
            if (questions != null) {
                questions.close();
            }
            throw e;
        }
    }

    /** Good until this is closed, and as it was then afterwards. */
    public NetworkView view() {
        return view;
    }

    private static NetworkTables read(NetlinkSocket socket) throws IOException {
        for (int attempt = 1; true; attempt++) {
            RouteMessages messages = new RouteMessages();
            boolean whole = socket.dump(GET_LINK, 0, messages::add);
            for (int request : new int[]{GET_ADDRESS, GET_ROUTE, GET_RULE, GET_NEIGHBOUR}) {
                whole &= socket.dump(request, AF_INET, messages::add);
                whole &= socket.dump(request, AF_INET6, messages::add);
            }
            if (whole || attempt == ATTEMPTS) {
                return messages.tables();
            }
        }
    }

    private void follow() {
        try {
            while (!closed) {
                if (events.awaitEvent()) {
                    Thread.sleep(SETTLING);
                    events.drainEvents();
                    view.publish(new Network(completion.apply(read(questions))));
                }
            }
        } catch (IOException | RuntimeException e) {
            if (!closed) {
                warnings.accept("changes of the kernel's routes are not followed any more: " + e.getMessage());
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        Threads.join(thread);
        events.close();
        questions.close();
    }
}
