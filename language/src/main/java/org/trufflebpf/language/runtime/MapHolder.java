package org.trufflebpf.language.runtime;

/** Who closes a map. */
sealed interface MapHolder permits InstanceMaps, PinnedMap {
    /**
     * Whether an instance's programs may get at the held maps by their number. A program can make up numbers: it must get at no map that may be
     * closed while it runs. Called for each packet.
     */
    boolean isVisibleTo(InstanceMaps instance);
}
