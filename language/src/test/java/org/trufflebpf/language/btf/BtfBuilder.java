package org.trufflebpf.language.btf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes type information that no compiler would. */
public final class BtfBuilder {
    private final ByteArrayOutputStream types = new ByteArrayOutputStream();
    private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
    private int count = 1;

    public BtfBuilder() {
        strings.write(0);
    }

    /** Where the text lies in the strings. */
    public int string(String text) {
        if (text.isEmpty()) {
            return 0;
        }
        int at = strings.size();
        strings.writeBytes((text + "\0").getBytes(StandardCharsets.UTF_8));
        return at;
    }

    /** The new type's id. */
    public int add(String name, int kind, boolean flag, int length, int sizeOrType, int... extra) {
        ByteBuffer type = ByteBuffer.allocate(12 + 4 * extra.length).order(ByteOrder.LITTLE_ENDIAN);
        type.putInt(string(name)).putInt((flag ? 1 << 31 : 0) | kind << 24 | length).putInt(sizeOrType);
        for (int word : extra) {
            type.putInt(word);
        }
        types.writeBytes(type.array());
        return count++;
    }

    public byte[] bytes() {
        ByteBuffer bytes = ByteBuffer.allocate(24 + types.size() + strings.size()).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putShort((short) 0xeb9f).put((byte) 1).put((byte) 0).putInt(24).putInt(0).putInt(types.size()).putInt(types.size())
                .putInt(strings.size());
        return bytes.put(types.toByteArray()).put(strings.toByteArray()).array();
    }

    public Btf parse() {
        try {
            return Btf.parse(bytes());
        } catch (MalformedBtfException e) {
            throw new AssertionError(e);
        }
    }
}
