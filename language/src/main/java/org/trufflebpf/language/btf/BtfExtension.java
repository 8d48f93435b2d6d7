package org.trufflebpf.language.btf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a {@code .BTF.ext} section says about the instructions of each section: functions, C lines and relocations against kernel types.
 *
 * @param functions by section name
 * @param lines by section name
 * @param relocations by section name
 */
public record BtfExtension(Map<String, List<Function>> functions, Map<String, List<Line>> lines, Map<String, List<CoreRelocation>> relocations) {
    public static final BtfExtension EMPTY = new BtfExtension(Map.of(), Map.of(), Map.of());

    private static final int MAGIC = 0xeb9f;
    private static final int SHORT_HEADER = 24;
    private static final int LONG_HEADER = 32;
    /** Characters of the access string of a relocation: 64 steps. */
    private static final int MAX_ACCESS = 512;

    /** @param offset bytes from the start of the section */
    public record Function(int offset, String name) {
    }

    /**
     * @param offset bytes from the start of the section
     * @param line from 1, 0 when not known
     * @param column from 1, 0 when not known
     */
    public record Line(int offset, String file, int line, int column, String text) {
    }

    /**
     * Reads the content of the section.
     *
     * @param btf the object's own types, which hold the strings
     * @throws MalformedBtfException if anything in it is cut, or refers to what does not exist
     */
    public static BtfExtension parse(byte[] bytes, Btf btf) throws MalformedBtfException {
        return new Parser(bytes, btf).parse();
    }

    private static final class Parser {
        private final ByteBuffer buffer;
        private final Btf btf;

        Parser(byte[] bytes, Btf btf) {
            this.buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            this.btf = btf;
        }

        BtfExtension parse() throws MalformedBtfException {
            if (buffer.capacity() < SHORT_HEADER || Short.toUnsignedInt(buffer.getShort(0)) != MAGIC || buffer.get(2) != 1) {
                throw new MalformedBtfException("it does not start with the header of version 1");
            }
            long header = Integer.toUnsignedLong(buffer.getInt(4));
            if (header < SHORT_HEADER) {
                throw new MalformedBtfException("its header has only " + header + " bytes");
            }
            Map<String, List<Function>> functions = table(header, 8, 8, this::function);
            Map<String, List<Line>> lines = table(header, 16, 16, this::line);
            Map<String, List<CoreRelocation>> relocations = header < LONG_HEADER ? Map.of() : table(header, 24, 16, this::relocation);
            return new BtfExtension(functions, lines, relocations);
        }

        private interface RecordReader<R> {
            R read(int at) throws MalformedBtfException;
        }

        /** Records by section; {@code field} is where the header has the table's offset and length. */
        private <R> Map<String, List<R>> table(long header, int field, int minimumSize, RecordReader<R> reader) throws MalformedBtfException {
            long start = header + Integer.toUnsignedLong(buffer.getInt(field));
            long end = start + Integer.toUnsignedLong(buffer.getInt(field + 4));
            if (end > buffer.capacity()) {
                throw new MalformedBtfException("a table goes beyond its end, the file may be cut");
            }
            Map<String, List<R>> bySection = new HashMap<>();
            if (start == end) {
                return bySection;
            }
            long recordSize = end - start < 4 ? 0 : Integer.toUnsignedLong(buffer.getInt((int) start));
            if (recordSize < minimumSize || recordSize % 4 != 0) {
                throw new MalformedBtfException("its records have " + recordSize + " bytes, not at least " + minimumSize);
            }
            long at = start + 4;
            while (at < end) {
                if (end - at < 8) {
                    throw new MalformedBtfException("a table is cut");
                }
                String section = string(buffer.getInt((int) at));
                long count = Integer.toUnsignedLong(buffer.getInt((int) at + 4));
                at += 8;
                if (count > (end - at) / recordSize) {
                    throw new MalformedBtfException("the records of section " + section + " go beyond the end of their table");
                }
                List<R> records = bySection.computeIfAbsent(section, _ -> new ArrayList<>());
                for (long i = 0; i < count; i++) {
                    records.add(reader.read((int) at));
                    at += recordSize;
                }
            }
            return bySection;
        }

        private Function function(int at) throws MalformedBtfException {
            return new Function(buffer.getInt(at), btf.type(type(buffer.getInt(at + 4))).name());
        }

        private Line line(int at) throws MalformedBtfException {
            int position = buffer.getInt(at + 12);
            return new Line(buffer.getInt(at), string(buffer.getInt(at + 4)), position >>> 10, position & 0x3ff, string(buffer.getInt(at + 8)));
        }

        private CoreRelocation relocation(int at) throws MalformedBtfException {
            int kind = buffer.getInt(at + 12);
            CoreRelocation.Kind[] kinds = CoreRelocation.Kind.values();
            if (kind < 0 || kind >= kinds.length) {
                throw new MalformedBtfException("a relocation has the unknown kind " + Integer.toUnsignedString(kind));
            }
            return new CoreRelocation(buffer.getInt(at), type(buffer.getInt(at + 4)), string(buffer.getInt(at + 8), MAX_ACCESS), kinds[kind]);
        }

        private int type(int id) throws MalformedBtfException {
            if (id < 0 || id >= btf.count()) {
                throw new MalformedBtfException("a record refers to type " + Integer.toUnsignedString(id) + ", which does not exist");
            }
            return id;
        }

        private String string(int offset) throws MalformedBtfException {
            return string(offset, Integer.MAX_VALUE);
        }

        private String string(int offset, int maximum) throws MalformedBtfException {
            if (!btf.strings().isValid(offset, maximum)) {
                throw new MalformedBtfException("a record refers to a string that does not exist or is too long");
            }
            return btf.strings().get(offset);
        }
    }
}
