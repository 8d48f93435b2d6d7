package org.trufflebpf.tests;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.trufflebpf.io.linux.BpfException;
import org.trufflebpf.io.linux.KernelBtf;
import org.trufflebpf.io.linux.KernelMap;
import org.trufflebpf.io.linux.KernelProgram;
import org.trufflebpf.language.btf.Btf;
import org.trufflebpf.language.btf.BtfType;
import org.trufflebpf.language.btf.MalformedBtfException;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.ProgramSpec;

/**
 * The least that the kernel must be told about the types of an object: where spin locks and timers lie in the values of maps, and where the
 * functions of its programs begin. It refuses locks, timers and callbacks otherwise.
 */
final class KernelTypes implements AutoCloseable {
    private static final int INT = 1;
    private static final int STRUCT = 4;
    private static final int FUNC = 12;
    private static final int FUNC_PROTO = 13;
    private static final int LINKAGE_STATIC = 0;
    private static final int LINKAGE_GLOBAL = 1;
    private static final int SIGNED = 1 << 24;
    private static final int HEADER_SIZE = 24;
    private static final short MAGIC = (short) 0xeb9f;

    private record Ids(int key, int value) {
    }

    private final ByteArrayOutputStream types = new ByteArrayOutputStream();
    private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
    private final Map<String, Ids> maps = new LinkedHashMap<>();
    private final Map<ProgramSpec, int[]> functions = new IdentityHashMap<>();
    private final KernelBtf loaded;
    private int count;

    KernelTypes(ObjectSpec object) throws BpfException {
        string("");
        int number = add("int", INT, 0, 4, SIGNED | 32);
        int prototype = add("", FUNC_PROTO, 0, number);
        for (ProgramSpec program : object.programs()) {
            List<ProgramSpec.Function> all = program.functions();
            int[] ids = new int[all.size()];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = add(all.get(i).name(), FUNC, i == 0 ? LINKAGE_GLOBAL : LINKAGE_STATIC, prototype);
            }
            functions.put(program, ids);
        }
        for (MapSpec map : object.maps()) {
            List<BtfType.Member> special = object.btf() == null ? List.of() : special(object.btf(), map.valueType());
            if (!special.isEmpty()) {
                int key = map.keySize() == 4 ? number : add("key", STRUCT, 0, map.keySize());
                maps.put(map.name(), new Ids(key, value(object.btf(), map, special, number)));
            }
        }
        loaded = KernelBtf.load(bytes());
    }

    private static List<BtfType.Member> special(Btf btf, int type) {
        return btf.resolve(type) instanceof BtfType.Composite value
                ? value.members().stream().filter(member -> isSpecial(btf.resolve(member.type()))).toList() : List.of();
    }

    private static boolean isSpecial(BtfType type) {
        return type instanceof BtfType.Composite composite && (composite.name().equals("bpf_spin_lock") || composite.name().equals("bpf_timer"));
    }

    private int value(Btf btf, MapSpec map, List<BtfType.Member> special, int number) {
        List<Integer> members = new ArrayList<>();
        for (BtfType.Member member : special) {
            BtfType.Composite type = (BtfType.Composite) btf.resolve(member.type());
            members.addAll(List.of(string(member.name()), add(type.name(), STRUCT, 0, (int) type.size()), (int) member.bitOffset()));
        }
        return add("value", STRUCT, special.size(), map.valueSize(), members.stream().mapToInt(Integer::intValue).toArray());
    }

    /** @param sizeOrType and what follows: as the kind has it in struct btf_type and behind */
    private int add(String name, int kind, int variable, int sizeOrType, int... rest) {
        put(types, string(name), kind << 24 | variable, sizeOrType);
        put(types, rest);
        return ++count;
    }

    private int string(String text) {
        if (text.isEmpty() && strings.size() > 0) {
            return 0;
        }
        int offset = strings.size();
        strings.writeBytes((text + '\0').getBytes(StandardCharsets.UTF_8));
        return offset;
    }

    private static void put(ByteArrayOutputStream out, int... words) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(words);
        out.writeBytes(bytes.array());
    }

    private byte[] bytes() {
        return ByteBuffer.allocate(HEADER_SIZE + types.size() + strings.size()).order(ByteOrder.LITTLE_ENDIAN).putShort(MAGIC).put((byte) 1)
                .put((byte) 0)
                .putInt(HEADER_SIZE).putInt(0).putInt(types.size()).putInt(types.size()).putInt(strings.size())
                .put(types.toByteArray()).put(strings.toByteArray()).array();
    }

    /** The number that calls name a function of the running kernel by; 0, which is no function's, if it has none of that name. */
    static int function(String name) {
        return Running.TYPES.find(name, BtfType.Function.class).orElse(0);
    }

    /** Read when the first program calls a kernel function. */
    private static final class Running {
        static final Btf TYPES = read();

        private static Btf read() {
            try {
                return Btf.parse(Files.readAllBytes(Path.of("/sys/kernel/btf/vmlinux")));
            } catch (IOException | MalformedBtfException e) {
                throw new IllegalStateException("the types of the running kernel: " + e.getMessage(), e);
            }
        }
    }

    /** Null when the kernel need not know any types of the map. */
    KernelMap.Types of(MapSpec map) {
        Ids ids = maps.get(map.name());
        return ids == null ? null : new KernelMap.Types(loaded, ids.key, ids.value);
    }

    /** @param program one of the object's */
    KernelProgram.Functions of(ProgramSpec program) {
        int[] slots = program.functions().stream().mapToInt(ProgramSpec.Function::slot).toArray();
        return new KernelProgram.Functions(loaded, slots, functions.get(program));
    }

    @Override
    public void close() {
        loaded.close();
    }
}
