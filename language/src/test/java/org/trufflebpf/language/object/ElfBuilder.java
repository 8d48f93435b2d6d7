package org.trufflebpf.language.object;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes ELF files for BPF that no compiler would. */
final class ElfBuilder {
    private record Section(int name, int type, long flags, byte[] content, int link, int info) {
    }

    private final ByteArrayOutputStream names = new ByteArrayOutputStream();
    private final List<Section> sections = new ArrayList<>(List.of(new Section(0, 0, 0, new byte[0], 0, 0)));

    ElfBuilder() {
        names.write(0);
    }

    /** The index of the new section. */
    int add(String name, int type, long flags, byte[] content, int link, int info) {
        int at = names.size();
        names.writeBytes((name + "\0").getBytes(StandardCharsets.UTF_8));
        sections.add(new Section(at, type, flags, content, link, info));
        return sections.size() - 1;
    }

    byte[] build() {
        int namesIndex = add(".shstrtab", 3, 0, new byte[0], 0, 0);
        sections.set(namesIndex, new Section(sections.get(namesIndex).name(), 3, 0, names.toByteArray(), 0, 0));
        int contents = sections.stream().mapToInt(section -> section.content().length).sum();
        ByteBuffer file = ByteBuffer.allocate(64 + contents + 64 * sections.size()).order(ByteOrder.LITTLE_ENDIAN);
        file.putInt(0, 0x464c457f).put(4, (byte) 2).put(5, (byte) 1).put(6, (byte) 1).putShort(16, (short) 1).putShort(18, (short) 247).putInt(20, 1)
                .putLong(40, 64 + contents).putShort(52, (short) 64).putShort(58, (short) 64).putShort(60, (short) sections.size())
                .putShort(62, (short) namesIndex);
        int at = 64;
        for (int i = 0; i < sections.size(); i++) {
            Section section = sections.get(i);
            int header = 64 + contents + 64 * i;
            file.put(at, section.content());
            file.putInt(header, section.name()).putInt(header + 4, section.type()).putLong(header + 8, section.flags()).putLong(header + 24, at)
                    .putLong(header + 32, section.content().length).putInt(header + 40, section.link()).putInt(header + 44, section.info());
            at += section.content().length;
        }
        return file.array();
    }
}
