package org.trufflebpf.language.run;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import org.trufflebpf.maps.ArrayIndex;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.MapFlags;
import org.trufflebpf.maps.MapKind;

/**
 * What a program of AF_XDP sockets does at its start: it puts the socket of each queue into the maps of sockets, at the index of that number. For a
 * run {@code ebpf} is that program. As sockets leave maps when they are closed, those of a run do when it is over.
 */
final class RunSockets implements AutoCloseable {
    private record Place(BpfMap map, byte[] index) {
    }

    private final List<Place> places = new ArrayList<>();

    /** @param queues of the run's ports; those beyond a map's end have no place in it */
    RunSockets(List<BpfMap> maps, SortedSet<Integer> queues) {
        for (BpfMap map : maps) {
            if (map.kind() == MapKind.XSKMAP && map.writable()) {
                for (int queue : queues.headSet((int) Math.min(Integer.MAX_VALUE, map.maxEntries()))) {
                    Place place = new Place(map, ArrayIndex.key(queue));
                    map.put(place.index, ArrayIndex.key(SocketNumber.of(queue)), MapFlags.ANY);
                    places.add(place);
                }
            }
        }
    }

    @Override
    public void close() {
        places.forEach(place -> place.map.remove(place.index));
    }
}
