package org.trufflebpf.language.object;

import java.util.List;
import java.util.Optional;
import org.trufflebpf.language.btf.Btf;
import org.trufflebpf.language.dwarf.DwarfSections;

/**
 * Everything an object file says, resolved against an explicit target; plain data, the same for the same inputs everywhere.
 *
 * @param programs in file order
 * @param maps in file order, data sections last
 * @param btf the file's type information, or null
 * @param license the text of the license section, or the empty string
 * @param debug what the compiler said of the variables, not yet read; null in a stripped file
 */
public record ObjectSpec(List<ProgramSpec> programs, List<MapSpec> maps, Btf btf, String license, DwarfSections debug) {
    public ObjectSpec {
        programs = List.copyOf(programs);
        maps = List.copyOf(maps);
    }

    /** An object without debug information. */
    public ObjectSpec(List<ProgramSpec> programs, List<MapSpec> maps, Btf btf, String license) {
        this(programs, maps, btf, license, null);
    }

    public Optional<ProgramSpec> program(String name) {
        return programs.stream().filter(program -> program.name().equals(name)).findFirst();
    }

    public Optional<MapSpec> map(String name) {
        return maps.stream().filter(map -> map.name().equals(name)).findFirst();
    }
}
