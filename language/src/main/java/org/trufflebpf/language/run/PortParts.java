package org.trufflebpf.language.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** What stands between the commas of a port's description: something, then NAME=VALUE in any order. Commas in quotes separate nothing. */
final class PortParts {
    private final String place;
    private final String syntax;
    private final String first;
    private final List<String> others;

    /** Of {@code --port}. */
    PortParts(String text, String rest, String syntax, String what) {
        this("--port", text, rest, syntax, what);
    }

    /**
     * @param option that it follows
     * @param text all of it, for messages
     * @param rest without the kind of port
     * @param what the first part is, for people
     */
    PortParts(String option, String text, String rest, String syntax, String what) {
        this.place = option + " " + text;
        this.syntax = syntax;
        List<String> parts = split(rest);
        if (parts.getFirst().isBlank()) {
            throw wrong("no " + what);
        }
        this.first = parts.removeFirst();
        this.others = parts;
    }

    private static List<String> split(String text) {
        List<String> parts = new ArrayList<>();
        int start = 0;
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && quoted) {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                parts.add(text.substring(start, i));
                start = i + 1;
            }
        }
        parts.add(text.substring(start));
        return parts;
    }

    String first() {
        return first;
    }

    /** The values of a part that may be there several times. */
    List<String> values(String name) {
        List<String> values = new ArrayList<>();
        for (String part : List.copyOf(others)) {
            if (part.startsWith(name + "=")) {
                values.add(part.substring(name.length() + 1));
                others.remove(part);
                if (values.getLast().isEmpty()) {
                    throw wrong(name + " needs a value");
                }
            }
        }
        return values;
    }

    /** The value of a part that may be there at most once, or what is meant without it. */
    String value(String name, String otherwise) {
        List<String> values = values(name);
        if (values.size() > 1) {
            throw wrong(name + " is given twice");
        }
        return values.isEmpty() ? otherwise : values.getFirst();
    }

    /** Whether a word stands there by itself. */
    boolean flag(String name) {
        return others.remove(name);
    }

    /** A number above 0, or what is meant without it. */
    long number(String name, long otherwise) {
        String value = value(name, null);
        return value == null ? otherwise : Numbers.scaled(place + ": " + name, value);
    }

    int ifindex(int otherwise) {
        return inRange("ifindex", otherwise, 1, Integer.MAX_VALUE);
    }

    /** A whole number, or what is meant without it. */
    int inRange(String name, int otherwise, int least, int most) {
        String value = value(name, null);
        return value == null ? otherwise : (int) Numbers.inRange(place + ": " + name, value, least, most);
    }

    /** What one of some words means, or what is meant without any. */
    <T> T choice(String name, Map<String, T> meanings, T otherwise) {
        String value = value(name, null);
        T meaning = value == null ? otherwise : meanings.get(value);
        if (meaning == null) {
            throw wrong(name + " must be " + String.join(" or ", new TreeSet<>(meanings.keySet())) + ", not '" + value + "'");
        }
        return meaning;
    }

    /** Nothing may be left. */
    void end() {
        if (!others.isEmpty()) {
            throw wrong("unknown part " + others.getFirst());
        }
    }

    CommandException wrong(String what) {
        return CommandException.usage(place + ": " + what + ": use " + syntax);
    }
}
