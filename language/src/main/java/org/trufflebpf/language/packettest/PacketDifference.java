package org.trufflebpf.language.packettest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Shows a packet before the run, as wanted and as got side by side, header field by header field, and marks what differs. */
final class PacketDifference {
    /** Payload bytes in one row. */
    private static final int ROW = 16;
    private static final String MARK = " <--";

    private record Row(String label, String before, String wanted, String got, boolean marked) {
        /** A line that is not part of the table. */
        static Row note(String text) {
            return new Row(text, null, null, null, false);
        }
    }

    private final byte[][] packets;
    private final List<List<DecodedLayer>> layers = new ArrayList<>();
    private final BitSet ignored;
    private final List<Row> rows = new ArrayList<>();

    private PacketDifference(byte[] before, byte[] wanted, byte[] got, BitSet ignored) {
        this.packets = new byte[][] {before, wanted, got};
        this.ignored = ignored;
        for (byte[] packet : packets) {
            layers.add(packet == null ? List.of() : PacketDecoder.decode(packet));
        }
    }

    /**
     * A table in lines that end with a newline.
     *
     * @param wanted null if any bytes will do
     * @param ignored bytes of {@code wanted} that are not compared
     */
    static String show(byte[] before, byte[] wanted, byte[] got, BitSet ignored) {
        return new PacketDifference(before, wanted, got, ignored).show();
    }

    /** Whether {@code got} is what was wanted. */
    static boolean differs(byte[] wanted, byte[] got, BitSet ignored) {
        if (wanted.length != got.length) {
            return true;
        }
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i] != got[i] && !ignored.get(i)) {
                return true;
            }
        }
        return false;
    }

    private String show() {
        boolean lengthDiffers = packets[1] != null && packets[1].length != packets[2].length;
        rows.add(new Row("", "before", packets[1] == null ? "" : "wanted", "got", false));
        rows.add(new Row("length", length(0), length(1), length(2), lengthDiffers));
        for (DecodedLayer layer : allLayers()) {
            if (layer.header() == Header.PAYLOAD) {
                payloadRows(layer);
            } else {
                fieldRows(layer);
            }
        }
        return table();
    }

    private String length(int which) {
        return packets[which] == null ? "" : packets[which].length + (packets[which].length == 1 ? " byte" : " bytes");
    }

    /** Each kind and occurrence once, in the order in which the packets have them. */
    private List<DecodedLayer> allLayers() {
        List<DecodedLayer> all = new ArrayList<>();
        Set<String> names = new LinkedHashSet<>();
        for (List<DecodedLayer> some : layers) {
            for (DecodedLayer layer : some) {
                if (names.add(layer.text())) {
                    all.add(layer);
                }
            }
        }
        all.sort((a, b) -> Boolean.compare(a.header() == Header.PAYLOAD, b.header() == Header.PAYLOAD));
        return all;
    }

    private DecodedLayer same(int which, DecodedLayer layer) {
        return layers.get(which).stream()
                .filter(other -> other.header() == layer.header() && other.occurrence() == layer.occurrence()).findFirst().orElse(null);
    }

    private void fieldRows(DecodedLayer layer) {
        for (Field field : layer.header().fields()) {
            String[] texts = new String[3];
            for (int which = 0; which < 3; which++) {
                DecodedLayer here = same(which, layer);
                texts[which] = here == null ? "" : field.format().print(here.read(packets[which], field));
            }
            if (field.isVariable() && Arrays.stream(texts).allMatch(String::isEmpty)) {
                continue;
            }
            boolean marked = packets[1] != null && !texts[1].equals(texts[2]) && !isIgnored(same(1, layer), field);
            rows.add(new Row(layer.text() + " " + field.name(), texts[0], texts[1], texts[2], marked));
        }
    }

    private boolean isIgnored(DecodedLayer wanted, Field field) {
        return wanted != null && ignored.get(wanted.offset() + field.bit() / 8);
    }

    /** Rows that are the same before, wanted and got are left out, but for their number. */
    private void payloadRows(DecodedLayer layer) {
        int longest = 0;
        for (int which = 0; which < 3; which++) {
            DecodedLayer here = same(which, layer);
            longest = Math.max(longest, here == null ? 0 : here.length());
        }
        int equal = 0;
        for (int from = 0; from < longest; from += ROW) {
            String[] texts = new String[3];
            boolean marked = false;
            for (int which = 0; which < 3; which++) {
                texts[which] = payload(which, layer, from);
            }
            for (int i = from; i < from + ROW && packets[1] != null; i++) {
                marked |= payloadByte(1, layer, i) != payloadByte(2, layer, i) && !isIgnored(layer, i);
            }
            boolean changed = marked || !texts[0].equals(texts[2]);
            if (changed || from == 0) {
                rows.add(new Row(layer.text() + " +" + from, texts[0], texts[1], texts[2], marked));
            } else {
                equal++;
            }
        }
        if (equal > 0) {
            rows.add(Row.note("(" + equal + (equal == 1 ? " row" : " rows") + " alike)"));
        }
    }

    private boolean isIgnored(DecodedLayer layer, int index) {
        DecodedLayer wanted = same(1, layer);
        return wanted != null && ignored.get(wanted.offset() + index);
    }

    /** -1 behind the end. */
    private int payloadByte(int which, DecodedLayer layer, int index) {
        DecodedLayer here = same(which, layer);
        return here == null || index >= here.length() ? -1 : packets[which][here.offset() + index] & 0xff;
    }

    private String payload(int which, DecodedLayer layer, int from) {
        DecodedLayer here = same(which, layer);
        if (here == null || from >= here.length()) {
            return "";
        }
        int start = here.offset() + from;
        return HexFormat.of().formatHex(packets[which], start, Math.min(start + ROW, here.offset() + here.length()));
    }

    private String table() {
        int[] widths = new int[4];
        for (Row row : rows) {
            if (row.before() == null) {
                continue;
            }
            widths[0] = Math.max(widths[0], row.label().length());
            widths[1] = Math.max(widths[1], row.before().length());
            widths[2] = Math.max(widths[2], row.wanted().length());
            widths[3] = Math.max(widths[3], row.got().length());
        }
        StringBuilder text = new StringBuilder();
        for (Row row : rows) {
            if (row.before() == null) {
                text.append("    ").append(row.label()).append('\n');
                continue;
            }
            StringBuilder line = new StringBuilder("    ");
            pad(line, row.label(), widths[0]);
            pad(line, row.before(), widths[1]);
            if (packets[1] != null) {
                pad(line, row.wanted(), widths[2]);
            }
            pad(line, row.got(), widths[3]);
            text.append(line.toString().stripTrailing()).append(row.marked() ? MARK : "").append('\n');
        }
        return text.toString();
    }

    private static void pad(StringBuilder line, String text, int width) {
        line.append(text).append(" ".repeat(width - text.length() + 2));
    }
}
