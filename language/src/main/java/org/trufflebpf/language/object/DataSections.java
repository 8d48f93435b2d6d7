package org.trufflebpf.language.object;

import java.util.Map;
import org.trufflebpf.language.btf.Btf;
import org.trufflebpf.language.btf.BtfType;
import org.trufflebpf.language.object.ElfFile.Section;

/** Global variables: each data section is a map of one entry that holds the whole section, as the kernel's loader makes it. */
final class DataSections {
    private static final int ARRAY = 2;
    /** BPF_F_RDONLY_PROG: programs may only read it. */
    private static final int READ_ONLY = 0x80;

    private DataSections() {
    }

    static boolean isData(Section section) {
        return section.size() > 0 && (section.type() == ElfFile.PROGBITS && (is(section, ".data") || is(section, ".rodata"))
                || section.type() == ElfFile.NOBITS && is(section, ".bss"));
    }

    private static boolean is(Section section, String kind) {
        return section.name().equals(kind) || section.name().startsWith(kind + ".");
    }

    /** @param btf the object's types, or null */
    static MapSpec map(ElfFile elf, Section section, Btf btf) {
        return map(section.name(), section.size(), is(section, ".rodata"), elf.bytes(section), btf, MapSpec.Origin.DATA);
    }

    static MapSpec kernelConfig(BtfType.DataSection section, byte[] contents, Btf btf) {
        return map(section.name(), (int) section.size(), true, contents, btf, MapSpec.Origin.KCONFIG);
    }

    private static MapSpec map(String name, int size, boolean readOnly, byte[] contents, Btf btf, MapSpec.Origin origin) {
        int type = btf == null ? 0 : btf.find(name, BtfType.DataSection.class).orElse(0);
        return new MapSpec(name, ARRAY, Integer.BYTES, size, 1, readOnly ? READ_ONLY : 0, 0, MapSpec.Pinning.NONE, 0, type, null, Map.of(), contents,
                origin).withFields(btf);
    }

    /** The type of a section, with the size that only the file knows; its variables lie within. */
    static BtfType.DataSection sized(BtfType.DataSection type, Section section, Btf btf) throws MalformedObjectException {
        for (BtfType.Placement placement : type.variables()) {
            long size = Math.max(placement.size(), btf.sizeOf(placement.variable()));
            if (size > section.size() - placement.offset()) {
                throw new MalformedObjectException("variable " + btf.type(placement.variable()).name() + " goes beyond the end of section "
                        + type.name());
            }
        }
        return new BtfType.DataSection(type.name(), section.size(), type.variables());
    }
}
