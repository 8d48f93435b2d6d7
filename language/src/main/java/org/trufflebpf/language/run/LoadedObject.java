package org.trufflebpf.language.run;

import java.util.List;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.maps.BpfMap;

/** An instance of an object: maps of its own, and programs over them. Closing it closes the maps, so no program may run any more. */
public interface LoadedObject extends AutoCloseable {
    /**
     * The program of that name, which the object has, verified but not compiled.
     *
     * @throws com.oracle.truffle.api.exception.AbstractTruffleException if it is rejected
     */
    RunnableProgram program(String name);

    /** The names of its programs, in the order of the object file. */
    List<String> programNames();

    /** What a program array holds for a program: its place in the object, from 1 on; 0 for a name that no program has. */
    int programNumber(String name);

    /**
     * Makes a map that no map of the object is, to be held by a map of maps under its {@link BpfMap#id}. It is closed with this.
     *
     * @throws com.oracle.truffle.api.exception.AbstractTruffleException if it cannot be made
     */
    BpfMap newMap(MapSpec spec);

    /** In the order of the object file. */
    List<BpfMap> maps();

    @Override
    void close();
}
