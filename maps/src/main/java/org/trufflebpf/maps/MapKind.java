package org.trufflebpf.maps;

/** The map kinds that can be made, by the kernel's numbers. */
public enum MapKind {
    HASH(1), ARRAY(2), PERCPU_ARRAY(6), DEVMAP(14), QUEUE(22), STACK(23);

    private final int number;

    MapKind(int number) {
        this.number = number;
    }

    /** As in enum bpf_map_type. */
    public int number() {
        return number;
    }
}
