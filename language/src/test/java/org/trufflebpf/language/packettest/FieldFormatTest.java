package org.trufflebpf.language.packettest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FieldFormatTest {
    @ParameterizedTest
    @CsvSource({
        "NUMBER, 255, 8, ff", "NUMBER, 0xff, 8, ff", "NUMBER, 0, 1, 00", "HEX, 4095, 12, 0fff",
        "NUMBER, 18446744073709551615, 64, ffffffffffffffff",
        "MAC, 02:Aa:00:00:00:ff, 48, 02aa000000ff", "IPV4, 10.0.0.255, 32, 0a0000ff",
        "IPV6, ::, 128, 00000000000000000000000000000000", "IPV6, 2001:db8::1, 128, 20010db8000000000000000000000001",
        "IPV6, ::ffff:1.2.3.4, 128, 00000000000000000000ffff01020304",
        "TCP_FLAGS, S, 8, 02", "TCP_FLAGS, SA, 8, 12", "TCP_FLAGS, FSRPAUEC, 8, ff", "TCP_FLAGS, 0, 8, 00", "TCP_FLAGS, 0x12, 8, 12",
        "BYTES, 00fF, 0, 00ff",
    })
    void values(FieldFormat format, String text, int bits, String wanted) {
        assertEquals(wanted, HexFormat.of().formatHex(format.parse(text, bits)));
    }

    @ParameterizedTest
    @CsvSource({
        "NUMBER, 256, 8", "NUMBER, -1, 8", "NUMBER, 2, 1", "NUMBER, x, 8", "NUMBER, 0x, 8", "NUMBER, '', 8", "NUMBER, 1e3, 16", "NUMBER, ++1, 8",
        "NUMBER, 111111111111111111111, 8", "MAC, 02:00:00:00:00, 48", "MAC, 02:00:00:00:00:0, 48", "MAC, 02:00:00:00:00:00:00, 48", "MAC, 02-00, 48",
        "IPV4, 10.0.0.256, 32", "IPV4, 10.0.0, 32", "IPV4, 10.0.0.1.2, 32", "IPV4, 10.0.0., 32", "IPV4, 1e1.0.0.1, 32",
        "IPV6, 1::2::3, 128", "IPV6, 2001:db8, 128",
        "IPV6, fe80::1%lo, 128", "IPV6, localhost, 128", "TCP_FLAGS, SX, 8", "TCP_FLAGS, 256, 8", "BYTES, 0, 0", "BYTES, 0g, 0",
    })
    void whatIsNoValue(FieldFormat format, String text, int bits) {
        assertNull(format.parse(text, bits));
    }

    @ParameterizedTest
    @EnumSource(FieldFormat.class)
    void whatIsPrintedCanBeRead(FieldFormat format) {
        int bits = switch (format) {
            case NUMBER, HEX -> 16;
            case MAC -> 48;
            case IPV4 -> 32;
            case IPV6 -> 128;
            case TCP_FLAGS -> 8;
            case BYTES -> 40;
        };
        Random random = new Random(3);
        for (int i = 0; i < 2000; i++) {
            byte[] value = new byte[bits / 8];
            random.nextBytes(value);
            // Runs of zeros, which IPv6 addresses shorten.
            for (int zero = random.nextInt(value.length + 1); zero < value.length && random.nextInt(8) > 0; zero++) {
                value[zero] = 0;
            }
            assertArrayEquals(value, format.parse(format.print(value), bits), format.print(value));
        }
    }

    /** The longest run of zeros is shortened, the first of several, and never a single one. */
    @ParameterizedTest
    @CsvSource({
        "0:0:0:0:0:0:0:0, ::", "0:0:0:0:0:0:0:1, ::1", "1:0:0:0:0:0:0:0, 1::", "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "1:0:0:2:0:0:0:3, 1:0:0:2::3", "1:0:2:0:3:0:4:0, 1:0:2:0:3:0:4:0", "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8", "0:0:1:2:3:4:5:6, ::1:2:3:4:5:6",
    })
    void addressesArePrintedAsRfc5952Asks(String address, String wanted) {
        assertEquals(wanted, FieldFormat.IPV6.print(FieldFormat.IPV6.parse(address, 128)));
    }
}
