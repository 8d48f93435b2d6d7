package org.trufflebpf.io.net;

/** The network as it is now. One thread publishes, any thread reads. */
public final class NetworkView {
    private volatile Network current;

    public NetworkView(Network network) {
        current = network;
    }

    /** One volatile read. */
    public Network current() {
        return current;
    }

    public void publish(Network network) {
        current = network;
    }
}
