package org.trufflebpf.maps;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A map that cannot be made, or an operation of the control plane that failed: one line that names the map and the field or bound. It is a
 * guest exception, so embedders and other languages see the same line. Its members are {@code failure}, which is "map", {@code errno} and
 * {@code error}, the kernel's number and its name, and, as far as they are known, {@code map}, {@code field}, the place in the key or value
 * ({@code "value.ports[1]"}), and {@code key}, as the map's keys are read.
 */
@SuppressWarnings("serial")
public final class MapException extends ExceptionWithMembers {
    private final transient Subject subject;
    private final int errno;
    private final String detail;

    /** What it is about; each null when not known. */
    private record Subject(String map, String field, Object key) {
    }

    private MapException(String message, Subject subject, int errno, String detail) {
        super(message, null);
        this.subject = subject;
        this.errno = errno;
        this.detail = detail;
    }

    MapException(String map, int errno, String detail) {
        this(map, errno, detail, null, null);
    }

    /**
     * @param field "key" or "value" and the place in it, or null
     * @param key an interop value, or null
     */
    MapException(String map, int errno, String detail, String field, Object key) {
        this("map " + map + ": " + detail + " (" + Errno.name(errno) + ")", new Subject(map, field, key), errno, detail);
    }

    /**
     * For codecs, which do not know the map; the map's own message then names it too.
     *
     * @param detail names what is taken
     */
    public MapException(int errno, String detail) {
        this(errno, "", detail);
    }

    /**
     * The same for a place in the value.
     *
     * @param field as C would write it, {@code flow.ports[1]}; empty for the whole value
     */
    public MapException(int errno, String field, String detail) {
        this(message(field, detail) + " (" + Errno.name(errno) + ")", new Subject(null, field, null), errno, message(field, detail));
    }

    private static String message(String field, String detail) {
        return field.isEmpty() ? detail : field + ": " + detail;
    }

    /** The same as the map says it, whose {@code part} ("key", "value") a codec refused. */
    MapException of(String map, String part) {
        String place = subject.field == null ? "" : subject.field;
        return new MapException(map, errno, part + ": " + detail, place.isEmpty() || place.startsWith("[") ? part + place : part + "." + place, null);
    }

    /** The same in the value of one CPU. */
    MapException ofCpu(int cpu) {
        String place = subject.field == null || subject.field.isEmpty() ? "" : "." + subject.field;
        String what = "CPU " + cpu + ": " + detail;
        return new MapException(what + " (" + Errno.name(errno) + ")", new Subject(null, "[" + cpu + "]" + place, null), errno, what);
    }

    /** What the kernel would have given, one of {@link Errno}. */
    public int errno() {
        return errno;
    }

    /** The message without map and errno. */
    public String detail() {
        return detail;
    }

    @Override
    protected Map<String, Object> members() {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("failure", "map");
        members.put("errno", errno);
        members.put("error", Errno.name(errno));
        if (subject.map != null) {
            members.put("map", subject.map);
        }
        if (subject.field != null && !subject.field.isEmpty()) {
            members.put("field", subject.field);
        }
        if (subject.key != null) {
            members.put("key", subject.key);
        }
        return members;
    }
}
