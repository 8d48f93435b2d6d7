package org.trufflebpf.language.object;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.trufflebpf.language.btf.Btf;
import org.trufflebpf.language.btf.BtfType;

/**
 * The variables that a program declares {@code extern} in section {@code .kconfig}, with their values from an explicit configuration of the kernel.
 * The compiler gives them no place; this does.
 */
final class KernelConfig {
    static final String MAP_NAME = ".kconfig";

    /** The kernel whose behaviour the engine follows, as the macro KERNEL_VERSION writes it. */
    private static final String DEFAULT_VERSION = Integer.toString(6 << 16 | 18 << 8);
    private static final int MAX_SIZE = 1 << 20;

    private final Btf btf;
    private final Map<String, String> values;
    private final Set<String> weak;
    private final List<BtfType.Placement> placements = new ArrayList<>();
    private final ByteBuffer contents = ByteBuffer.allocate(MAX_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    private int size;

    /** @param weak the symbols that may stay without a value, which is then zero */
    KernelConfig(Btf btf, Map<String, String> values, Set<String> weak) {
        this.btf = btf;
        this.values = values;
        this.weak = weak;
    }

    /** The variables with the places that they got; the section's size is that of the map. */
    BtfType.DataSection place(BtfType.DataSection declared, Definitions definitions) throws MalformedObjectException {
        for (BtfType.Placement declaration : declared.variables()) {
            String name = btf.type(declaration.variable()).name();
            BtfType type = btf.resolve(btf.type(declaration.variable()) instanceof BtfType.Variable variable ? variable.type() : 0);
            boolean text = type instanceof BtfType.Array;
            long declaredWidth = btf.sizeOf(declaration.variable());
            int alignment = text ? 1 : (int) Math.max(1, Math.min(Long.BYTES, declaredWidth));
            int offset = (size + alignment - 1) / alignment * alignment;
            if (declaredWidth < 1 || declaredWidth > MAX_SIZE - offset) {
                throw new MalformedObjectException("variable " + name + " of " + MAP_NAME + " has no usable size");
            }
            int width = (int) declaredWidth;
            write(name, type, offset, width);
            size = offset + width;
            placements.add(new BtfType.Placement(declaration.variable(), offset, width));
            definitions.addExtern(name, new Extern.KernelConfig(offset));
        }
        return new BtfType.DataSection(MAP_NAME, size, List.copyOf(placements));
    }

    byte[] contents() {
        byte[] bytes = new byte[size];
        contents.get(0, bytes);
        return bytes;
    }

    private void write(String name, BtfType type, int offset, int width) throws MalformedObjectException {
        String value = values.get(name);
        if (value == null && name.equals("LINUX_KERNEL_VERSION")) {
            value = DEFAULT_VERSION;
        }
        if (value == null) {
            if (!weak.contains(name)) {
                throw new MalformedObjectException("the program asks for " + name +
                                " of the kernel's configuration: give its value with --ebpf.Kconfig=FILE, "
                        + "or declare it __weak");
            }
            return;
        }
        boolean written = switch (type) {
            case BtfType.Int integer when integer.bool() && width == 1 -> writeState(value, offset, width, "ny");
            case BtfType.Int _ when width == 1 -> writeCharacter(value, offset);
            case BtfType.Int integer -> writeNumber(value, offset, width, integer.signed());
            case BtfType.Enumeration state when state.name().equals("libbpf_tristate") -> writeState(value, offset, width, "nym");
            case BtfType.Array array when btf.sizeOf(array.element()) == 1 -> writeText(value, offset, width);
            default -> false;
        };
        if (!written) {
            throw new MalformedObjectException("the value '" + value + "' of " + name + " does not fit the type that the program declares");
        }
    }

    private boolean writeState(String value, int offset, int width, String states) {
        int state = value.length() == 1 ? states.indexOf(value.charAt(0)) : -1;
        return state >= 0 && put(offset, width, state);
    }

    private boolean writeCharacter(String value, int offset) {
        return value.matches("[nym]") ? put(offset, 1, value.charAt(0)) : writeNumber(value, offset, 1, value.startsWith("-"));
    }

    private boolean writeNumber(String value, int offset, int width, boolean signed) {
        try {
            long number = value.startsWith("-") ? Long.decode(value) : unsigned(value);
            int spare = Long.SIZE - Byte.SIZE * width;
            long kept = signed ? number << spare >> spare : number << spare >>> spare;
            return kept == number && (!value.startsWith("-") || signed) && put(offset, width, number);
        } catch (NumberFormatException _) {
            return false;
        }
    }

    private static long unsigned(String value) {
        return value.startsWith("0x") ? Long.parseUnsignedLong(value.substring(2), 16) : Long.parseUnsignedLong(value);
    }

    /** A text that is too long is cut, as the kernel's loader does; the last byte is always zero. */
    private boolean writeText(String value, int offset, int width) {
        if (value.length() < 2 || !value.startsWith("\"") || !value.endsWith("\"")) {
            return false;
        }
        byte[] text = value.substring(1, value.length() - 1).getBytes(StandardCharsets.UTF_8);
        contents.put(offset, text, 0, Math.min(text.length, width - 1));
        return true;
    }

    private boolean put(int offset, int width, long value) {
        switch (width) {
            case 1 -> contents.put(offset, (byte) value);
            case 2 -> contents.putShort(offset, (short) value);
            case 4 -> contents.putInt(offset, (int) value);
            case 8 -> contents.putLong(offset, value);
            default -> {
                return false;
            }
        }
        return true;
    }
}
