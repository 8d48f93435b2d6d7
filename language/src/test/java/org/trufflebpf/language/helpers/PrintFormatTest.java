package org.trufflebpf.language.helpers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.language.isa.Rows;
import org.trufflebpf.maps.Errno;

class PrintFormatTest {
    private static final Pattern ROW = Pattern.compile("(.*?) +(\\p{XDigit}+) (\\p{XDigit}+) (\\p{XDigit}+) => (invalid|\\|(.*)\\| (\\d+))");

    static List<String> rows() {
        return Rows.of(PrintFormatTest.class, "print-formats.txt");
    }

    @ParameterizedTest
    @MethodSource("rows")
    void printsWhatTheKernelPrints(String row) {
        Matcher matcher = ROW.matcher(row);
        assertEquals(true, matcher.matches(), row);
        byte[] text = matcher.group(1).getBytes(StandardCharsets.UTF_8);
        long[] values = {Long.parseUnsignedLong(matcher.group(2), 16), Long.parseUnsignedLong(matcher.group(3), 16),
                        Long.parseUnsignedLong(matcher.group(4), 16)};
        PrintFormat.Line line = print(Arrays.copyOf(text, text.length + 1), values);
        String shown = line.length() == -Errno.EINVAL ? "invalid" : "|" + new String(line.text(), StandardCharsets.US_ASCII) + "| " + line.length();
        assertEquals(matcher.group(5), shown);
    }

    private static PrintFormat.Line print(byte[] format, long[] values) {
        return PrintFormat.print(format, values, (address, size) -> false, 1024);
    }

    private static String printed(String format, long... values) {
        PrintFormat.Line line = print((format + "\0").getBytes(StandardCharsets.US_ASCII), values);
        return line.length() < 0 ? Integer.toString(line.length()) : new String(line.text(), StandardCharsets.US_ASCII);
    }

    @Test
    void endsAtTheFirstZero() {
        assertEquals(-Errno.EINVAL, print("no end".getBytes(StandardCharsets.US_ASCII), new long[3]).length());
        assertEquals(-Errno.EINVAL, print(new byte[0], new long[3]).length());
        assertEquals("a", printed("a\0%q"));
        assertEquals("", printed(""));
        assertEquals("a\tb\n", printed("a\tb\n"));
        assertEquals("-22", printed("\u0001"));
    }

    /** What is no memory of the program is read as nothing. */
    @Test
    void addressesThatLeadNowhere() {
        assertEquals("[] [] [0.0.0.0] [00000000000000000000000000000000]", printed("[%s] [%pks] [%pI4] [%pi6]", 16, 32, 48, 64));
    }

    /** As the kernel hides them; NULL and error numbers it shows. */
    @Test
    void pointersAreHidden() {
        assertEquals(16, printed("%p", 0x7f00_1234_5678L).length());
        assertEquals("00000000", printed("%p", 0x7f00_1234_5678L).substring(0, 8));
        assertEquals("0000000000000000 ffffffffffffffea", printed("%p %p", 0, -22));
    }

    @Test
    void symbolsAreNumbers() {
        assertEquals("0x10 0x20       0x30.", printed("%ps %pB %10pS.", 16, 32, 48));
    }
}
