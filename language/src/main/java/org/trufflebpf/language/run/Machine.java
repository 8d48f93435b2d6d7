package org.trufflebpf.language.run;

import org.trufflebpf.language.object.ObjectSpec;

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
     * Runs code on plain memory instead of a packet: r1 is the address of a copy of {@code memory}, 0 if that is empty, r2 its length.
     *
     * @param code instructions, eight bytes each, little-endian
     * @param compile whether it is compiled first; changes nothing but the speed
     * @return r0
     */
    long runOnMemory(byte[] code, byte[] memory, boolean compile);
}
