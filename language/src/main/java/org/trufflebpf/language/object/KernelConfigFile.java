package org.trufflebpf.language.object;

import java.util.HashMap;
import java.util.Map;

/**
 * The configuration of a kernel as its build writes it, in {@code /boot/config-VERSION}: a line {@code NAME=VALUE} each; what is not set is a
 * comment.
 */
public final class KernelConfigFile {
    private KernelConfigFile() {
    }

    /**
     * @return the values by name, as {@link LoadOptions#kconfig} has them; the last one of a name that is there twice
     * @throws IllegalArgumentException naming the first line that is something else
     */
    public static Map<String, String> parse(String text) {
        Map<String, String> values = new HashMap<>();
        int number = 0;
        for (String line : (Iterable<String>) text.lines()::iterator) {
            number++;
            String entry = line.strip();
            if (entry.isEmpty() || entry.startsWith("#")) {
                continue;
            }
            int equals = entry.indexOf('=');
            if (equals < 1 || equals == entry.length() - 1 || !entry.substring(0, equals).matches("[A-Za-z0-9_]+")) {
                throw new IllegalArgumentException("line " + number + ": expected NAME=VALUE as in /boot/config");
            }
            values.put(entry.substring(0, equals), entry.substring(equals + 1));
        }
        return values;
    }
}
