package org.trufflebpf.language.run;

import java.util.List;
import org.trufflebpf.maps.BpfMap;

/** An instance of an object: maps of its own, and programs over them. Closing it closes the maps, so no program may run any more. */
public interface LoadedObject extends AutoCloseable {
    /**
     * The program of that name, which the object has, verified but not compiled.
     *
     * @throws com.oracle.truffle.api.exception.AbstractTruffleException if it is rejected
     */
    RunnableProgram program(String name);

    /** In the order of the object file. */
    List<BpfMap> maps();

    @Override
    void close();
}
