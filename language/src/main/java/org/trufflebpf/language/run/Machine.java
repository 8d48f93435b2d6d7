package org.trufflebpf.language.run;

import java.util.function.Consumer;
import org.trufflebpf.language.nodes.StepListener;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.verifier.Safety;

/**
 * What the commands need of the engine. Everything that is wrong with a program or an object comes as a guest exception
 * (AbstractTruffleException) with a message of one line.
 */
public interface Machine {
    /**
     * Reads an object file.
     *
     * @param name what messages call it
     */
    ObjectSpec parse(String name, byte[] file);

    /** Makes the maps of an object, with its programs ready to be asked for. The caller closes the result. */
    LoadedObject load(ObjectSpec object, Surroundings surroundings);

    /**
     * The same, its programs to be watched: they run in the interpreter as they stand in the object, with every access checked.
     *
     * @param maxLoops back edges that a packet may take, if the options do not say less
     * @param output takes lines of programs and about them
     * @param watcher is told of each step
     */
    LoadedObject watch(ObjectSpec object, Surroundings surroundings, long maxLoops, Consumer<String> output, StepListener watcher);

    /** What the options say should become of what is not proved. */
    Safety safety();

    /**
     * Runs code on plain memory instead of a packet: r1 is the address of a copy of {@code memory}, 0 if that is empty, r2 its length.
     *
     * @param code instructions, eight bytes each, little-endian
     * @param compile whether it is compiled first; changes nothing but the speed
     * @return r0
     */
    long runOnMemory(byte[] code, byte[] memory, boolean compile);
}
