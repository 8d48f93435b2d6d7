package org.trufflebpf.language.packettest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MapValueTest {
    private static MapValue parse(String value) throws PacketTestException {
        List<PacketTest> tests = PacketTestParser.parse(("object x\ntest \"\"\nmap m[0] = " + value).getBytes(StandardCharsets.ISO_8859_1));
        return ((Step.SetEntry) tests.getFirst().steps().getFirst()).value();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            7                                           | 4 | 07000000         | 7
            0x1234                                      | 2 | 3412             | 4660
            -1                                          | 1 | ff               | 255
            -32768                                      | 2 | 0080             | 32768
            18446744073709551615                        | 8 | ffffffffffffffff | 18446744073709551615
            hex 00 01 02                                | 3 | 000102           | hex 000102
            10.0.0.1                                    | 4 | 0a000001         | hex 0a000001
            02:00:00:00:00:01                           | 6 | 020000000001     | hex 020000000001
            "ab"                                        | 4 | 61620000         | "ab"
            "a\\"b\\\\\\x01"                            | 5 | 6122625c01       | "a\\x22b\\x5c\\x01"
            {u32 24, 10.0.0.0}                          | 8 | 180000000a000000 | {u32 24, hex 0a000000}
            {u8 1, zero 1, be16 80, u16 80, be32 1}     | 10 | 0100 0050 5000 00000001 | {u8 1, hex 00, be16 80, u16 80, be32 1}
            {be64 2, u64 3}                             | 16 | 0000000000000002 0300000000000000 | {be64 2, u64 3}
            {"abc", hex 00ff}                           | 5 | 61626300ff       | {"abc", hex 00ff}
            """)
    void bytesAndBack(String text, int size, String wanted, String printed) throws PacketTestException {
        MapValue value = parse(text);
        byte[] bytes = value.encode(size, "value");
        assertEquals(wanted.replace(" ", ""), HexFormat.of().formatHex(bytes));
        assertEquals(printed, value.print(bytes));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            256                    | 1  | 256 does not fit into 1 byte
            -129                   | 1  | -129 does not fit into 1 byte
            65536                  | 2  | 65536 does not fit into 2 bytes
            1                      | 12 | a number alone fills at most 8 bytes, here are 12: write the fields as in {u32 1, u16 2, zero 2}
            hex 0001               | 4  | the map's values have 4 bytes, this has 2
            10.0.0.1               | 8  | the map's values have 8 bytes, this has 4
            "abcde"                | 4  | the map's values have 4 bytes, this has 5
            {u32 1}                | 8  | the map's values have 8 bytes, this has 4
            {u32 1, zero 60000}    | 8  | the map's values have 8 bytes, this has 60004
            {u8 256}               | 1  | 256 does not fit into 1 byte
            """)
    void whatDoesNotFit(String text, int size, String message) throws PacketTestException {
        MapValue value = parse(text);
        PacketTestException thrown = assertThrows(PacketTestException.class, () -> value.encode(size, "value"));
        assertEquals(message, thrown.getMessage());
        assertEquals("3:12", thrown.position().toString());
    }

    @Test
    void numbersAreAddedUpOverTheCpus() throws PacketTestException {
        MapValue value = parse("{u32 0, be16 0, hex 0000}");
        byte[] sum = value.sum(List.of(HexFormat.of().parseHex("ffffffff00ff1111"), HexFormat.of().parseHex("0200000000022222")));
        assertEquals("0100000001011111", HexFormat.of().formatHex(sum));
        assertEquals("0000000001000000", HexFormat.of().formatHex(parse("0").sum(
                List.of(HexFormat.of().parseHex("ffffffff00000000"), HexFormat.of().parseHex("0100000000000000")))));
    }
}
