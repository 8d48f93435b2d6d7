package org.trufflebpf.language.packettest;

import java.util.List;
import java.util.Locale;

/** The report that continuous integration servers read: one test suite per file. */
final class JUnitReport {
    private final StringBuilder suites = new StringBuilder();
    private int tests;
    private int failures;
    private int skipped;

    void add(String file, String engine, List<Outcome> outcomes) {
        int failed = (int) outcomes.stream().filter(Outcome::failed).count();
        int left = (int) outcomes.stream().filter(outcome -> outcome.kind() == Outcome.Kind.SKIPPED).count();
        double seconds = outcomes.stream().mapToDouble(Outcome::seconds).sum();
        tests += outcomes.size();
        failures += failed;
        skipped += left;
        suites.append(String.format(Locale.ROOT, "  <testsuite name=\"%s\" tests=\"%d\" failures=\"%d\" errors=\"0\" skipped=\"%d\" time=\"%.3f\">\n",
                escape(file), outcomes.size(), failed, left, seconds));
        suites.append("    <properties><property name=\"engine\" value=\"").append(escape(engine)).append("\"/></properties>\n");
        for (Outcome outcome : outcomes) {
            suites.append(String.format(Locale.ROOT, "    <testcase classname=\"%s\" name=\"%s\" time=\"%.3f\"",
                    escape(file), escape(outcome.test().name()), outcome.seconds()));
            String place = file + ":" + outcome.position();
            suites.append(switch (outcome.kind()) {
                case PASSED -> "/>\n";
                case SKIPPED -> "><skipped message=\"" + escape(outcome.message()) + "\"/></testcase>\n";
                case FAILED, UNREADABLE -> "><failure message=\"" + escape(outcome.message()) + "\">" + escape(place + "\n" + outcome.details())
                        + "</failure></testcase>\n";
            });
        }
        suites.append("  </testsuite>\n");
    }

    /** A file that could not be read or parsed. */
    void addBroken(String file, String message) {
        tests++;
        failures++;
        suites.append("  <testsuite name=\"").append(escape(file))
                .append("\" tests=\"1\" failures=\"1\" errors=\"0\" skipped=\"0\" time=\"0.000\">\n")
                .append("    <testcase classname=\"").append(escape(file)).append("\" name=\"the file\" time=\"0.000\"><failure message=\"")
                .append(escape(message)).append("\"/></testcase>\n  </testsuite>\n");
    }

    String toXml() {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"packet tests\" tests=\"" + tests + "\" failures=\"" + failures
                + "\" errors=\"0\" skipped=\"" + skipped + "\">\n" + suites + "</testsuites>\n";
    }

    /** Also replaces characters that XML 1.0 cannot have. */
    private static String escape(String text) {
        StringBuilder escaped = new StringBuilder();
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\n' -> escaped.append('\n');
                default -> escaped.appendCodePoint(c < 0x20 || c >= 0xd800 && c <= 0xdfff || c == 0xfffe || c == 0xffff ? '?' : c);
            }
        });
        return escaped.toString();
    }
}
