package org.trufflebpf.maps;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keys of prefix tries as people write them. */
class PrefixCodecTest {
    private static Codec codec(int size) {
        return PrefixCodec.of(Codec.bytes(size));
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 080000000a000000",
        "10.1.2.3/8, 080000000a000000",
        "192.168.1.255/25, 19000000c0a80180",
        "192.168.1.1, 20000000c0a80101",
        "255.255.255.255/0, 0000000000000000",
        "::/0, 0000000000000000000000000000000000000000",
        "2001:db8:ffff::1/33, 2100000020010db8800000000000000000000000",
        "2001:db8::1, 8000000020010db8000000000000000000000001",
        "::ffff:10.0.0.1/128, 8000000000000000000000000000ffff0a000001"
    })
    void prefixes(String text, String bytes) {
        byte[] key = HexFormat.of().parseHex(bytes);
        assertArrayEquals(key, codec(key.length).encode(text));
    }

    @ParameterizedTest
    @CsvSource({
        "8, 10.0.0.0/33, 'a prefix has 0 to 32 bits, not 33'",
        "8, 10.0.0/8, '''10.0.0'' is no address'",
        "8, example.com/8, '''example.com'' is no address'",
        "8, 10.0.0.0/x, '''10.0.0.0/x'' is no prefix'",
        "8, 2001:db8::/32, '''2001:db8::/32'' is no prefix of IPv4'",
        "20, 10.0.0.0/8, '''10.0.0.0/8'' is no prefix of IPv6'",
        "20, :::/8, ''':::'' is no address'"
    })
    void mistakes(int size, String text, String message) {
        assertEquals(message, assertThrows(MapException.class, () -> codec(size).encode(text)).detail());
    }

    @Test
    void bytesAreTakenToo() {
        byte[] key = {8, 0, 0, 0, 10, 0, 0, 0};
        assertArrayEquals(key, codec(8).encode(new Bytes(key)));
        Codec other = Codec.bytes(12);
        assertSame(other, PrefixCodec.of(other));
    }
}
