package org.trufflebpf.language.object;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.trufflebpf.language.btf.Btf;
import org.trufflebpf.language.btf.BtfPrinter;
import org.trufflebpf.language.btf.BtfType;
import org.trufflebpf.language.isa.MapReference;
import org.trufflebpf.language.isa.RawInstruction;

/** What an object file holds, as a text for people: programs, maps with the types of their keys and values, global variables. */
public final class ObjectInfo {
    private static final String INDENT = "    ";
    /** Characters, after which types are no longer written out: a hostile file can make each of thousands of maps a huge one. */
    private static final int MAX_TEXT = 1 << 20;

    private final ObjectSpec object;
    private final StringBuilder text = new StringBuilder();

    private ObjectInfo(ObjectSpec object) {
        this.object = object;
    }

    /** Lines that end with {@code \n}. */
    public static String describe(ObjectSpec object) {
        ObjectInfo info = new ObjectInfo(object);
        info.line("license " + (object.license().isEmpty() ? "none" : object.license()));
        object.programs().forEach(info::describe);
        object.maps().stream().filter(map -> !isData(map)).forEach(info::describeMap);
        object.maps().stream().filter(ObjectInfo::isData).forEach(info::describeData);
        return info.text.toString();
    }

    private static boolean isData(MapSpec map) {
        return map.origin() == MapSpec.Origin.DATA || map.origin() == MapSpec.Origin.KCONFIG;
    }

    private void line(String line) {
        text.append(line).append('\n');
    }

    private void detail(String name, String value) {
        if (!value.isEmpty()) {
            line(INDENT + name + " " + value.replace("\n", "\n" + INDENT + " ".repeat(name.length() + 1)));
        }
    }

    private void describe(ProgramSpec program) {
        line("");
        int slots = program.code().length / RawInstruction.BYTES;
        line("program " + program.name() + ": section " + program.section() + ", " + count(slots, "instruction"));
        detail("packets", program.handlesFragments() ? "of several buffers, too" : "");
        if (program.functions().size() > 1) {
            List<String> functions = new ArrayList<>();
            for (int i = 0; i < program.functions().size(); i++) {
                int end = i + 1 < program.functions().size() ? program.functions().get(i + 1).slot() : slots;
                functions.add(program.functions().get(i).name() + " (" + (end - program.functions().get(i).slot()) + ")");
            }
            detail("functions", String.join(", ", functions));
        }
        Set<Integer> helpers = helpers(program);
        boolean incomplete = helpers.remove(ProgramSpec.UNRESOLVED_HELPER);
        detail("helpers", helpers.stream().map(id -> enumerator("bpf_func_id", id, "BPF_FUNC_", "helper") + " (" + id + ")")
                .collect(Collectors.joining(", ")));
        detail("kernel functions", program.kfuncs().values().stream().distinct().sorted().collect(Collectors.joining(", ")));
        Set<String> maps = new TreeSet<>();
        program.references().values().stream().map(MapReference::map).forEach(maps::add);
        detail("maps", String.join(", ", maps));
        if (incomplete) {
            detail("note", "some instructions need types that the target does not have");
        }
    }

    private static Set<Integer> helpers(ProgramSpec program) {
        Set<Integer> helpers = new TreeSet<>();
        for (int slot = 0; slot < program.code().length / RawInstruction.BYTES; slot++) {
            RawInstruction instruction = RawInstruction.at(program.code(), slot);
            if (instruction.opcode() == RawInstruction.DOUBLE_CONSTANT) {
                slot++;
            } else if (instruction.opcode() == Definitions.CALL && instruction.source() == RawInstruction.CALL_HELPER) {
                helpers.add(instruction.immediate());
            }
        }
        return helpers;
    }

    private void describeMap(MapSpec map) {
        line("");
        line("map " + map.name() + ": " + shape(map));
        detail("key  ", type(map.keyType()));
        detail("value", type(map.valueType()));
        if (map.inner() != null) {
            detail("inner", shape(map.inner()));
            detail("inner key  ", type(map.inner().keyType()));
            detail("inner value", type(map.inner().valueType()));
        }
        map.values().entrySet().stream().sorted((a, b) -> Integer.compareUnsigned(a.getKey(), b.getKey()))
                .forEach(entry -> detail("slot " + Integer.toUnsignedString(entry.getKey()), entry.getValue()));
    }

    private static String shape(MapSpec map) {
        List<String> parts = new ArrayList<>();
        parts.add(MapTypes.name(map.type()));
        if (map.keySize() != 0) {
            parts.add("key " + count(map.keySize(), "byte"));
        }
        if (map.valueSize() != 0) {
            parts.add("value " + count(map.valueSize(), "byte"));
        }
        parts.add(map.maxEntries() == 1 ? "1 entry" : map.maxEntries() + " entries");
        parts.addAll(flags(map.flags()));
        if (map.extra() != 0) {
            parts.add("extra " + Long.toUnsignedString(map.extra()));
        }
        switch (map.pinning()) {
            case NONE -> {
                // Nothing to say.
            }
            case BY_NAME, GLOBAL -> parts.add("pinned by name");
            case OBJECT -> parts.add("pinned for this object");
        }
        return String.join(", ", parts);
    }

    private static Set<String> flags(int flags) {
        Set<String> names = new LinkedHashSet<>();
        for (int bit = 0; bit < Integer.SIZE; bit++) {
            if ((flags & 1 << bit) != 0) {
                names.add(enumerator("bpf_map_create_flags", 1 << bit, "BPF_F_", "flag").toLowerCase());
            }
        }
        return names;
    }

    private void describeData(MapSpec map) {
        line("");
        String flags = flags(map.flags()).stream().map(flag -> ", " + flag).collect(Collectors.joining());
        line("data " + map.name() + ": " + count(map.valueSize(), "byte") + flags);
        if (map.valueType() != 0 && object.btf().type(map.valueType()) instanceof BtfType.DataSection section) {
            for (BtfType.Placement placement : section.variables()) {
                if (text.length() > MAX_TEXT) {
                    line(INDENT + "...");
                    return;
                }
                line(INDENT + new BtfPrinter(object.btf()).declaration(placement.variable(), "").replace("\n", "\n" + INDENT)
                        + initialValue(map.contents(), placement));
            }
        }
    }

    /** The value of a number; nothing for what takes more than a glance, and for zero. */
    private String initialValue(byte[] contents, BtfType.Placement placement) {
        int type = object.btf().type(placement.variable()) instanceof BtfType.Variable variable ? variable.type() : 0;
        if (!(object.btf().resolve(type) instanceof BtfType.Int integer) || placement.offset() + integer.size() > contents.length) {
            return "";
        }
        ByteBuffer buffer = ByteBuffer.wrap(contents).order(ByteOrder.LITTLE_ENDIAN);
        int at = (int) placement.offset();
        String value = switch (integer.size()) {
            case 1 -> Integer.toString(integer.signed() ? buffer.get(at) : Byte.toUnsignedInt(buffer.get(at)));
            case 2 -> Integer.toString(integer.signed() ? buffer.getShort(at) : Short.toUnsignedInt(buffer.getShort(at)));
            case 4 -> integer.signed() ? Integer.toString(buffer.getInt(at)) : Integer.toUnsignedString(buffer.getInt(at));
            case 8 -> integer.signed() ? Long.toString(buffer.getLong(at)) : Long.toUnsignedString(buffer.getLong(at));
            default -> "0";
        };
        return value.equals("0") ? "" : " = " + value;
    }

    private String type(int type) {
        if (type == 0 || object.btf() == null) {
            return "";
        }
        return text.length() > MAX_TEXT ? "..." : new BtfPrinter(object.btf()).definition(type);
    }

    /** The kernel's name of a number without what all of the enum's names start with; {@code what} and the number when it has none. */
    private static String enumerator(String enumeration, int number, String prefix, String what) {
        Btf kernel = Btf.builtIn();
        return kernel.find(enumeration, BtfType.Enumeration.class).stream().mapToObj(id -> (BtfType.Enumeration) kernel.type(id))
                .flatMap(type -> type.values().stream()).filter(value -> (int) value.value() == number)
                .map(value -> value.name().substring(prefix.length())).findFirst().orElse(what + " " + Integer.toUnsignedString(number));
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }
}
