package org.trufflebpf.language.helpers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.maps.Errno;

class SynCookiesTest {
    private static final long MINUTE = 60_000_000_000L;
    private static final long KEY0 = 0x0706_0504_0302_0100L;
    private static final long KEY1 = 0x0f0e_0d0c_0b0a_0908L;

    /** The vectors of the algorithm's reference: key 0, 1, 2, ... 15, message 0, 1, 2, ... */
    @Test
    void sipHash() {
        assertEquals(0x726f_db47_dd0e_0e31L, SynCookies.sipHash(KEY0, KEY1, 0, 0, 0, 0, 0, 0));
        assertEquals(0x93f5_f579_9a93_2462L, SynCookies.sipHash(KEY0, KEY1, 1, KEY0, 0, 0, 0, 0));
        assertEquals(0x3f2a_cc7f_57c2_9bdbL, SynCookies.sipHash(KEY0, KEY1, 2, KEY0, KEY1, 0, 0, 0));
    }

    /** Random headers: a cookie is good in its own minute and the next, for its own addresses, ports and sequence number, and its own seed. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void cookiesAreGoodForTheirConnectionOnly(boolean ipv6) {
        Random random = new Random(1);
        SynCookies cookies = new SynCookies(1);
        try (NativeBlock block = new NativeBlock(128)) {
            long ip = block.address();
            long tcp = ip + 64;
            byte[] bytes = new byte[128];
            for (int i = 0; i < 500; i++) {
                random.nextBytes(bytes);
                Memory.copyFrom(bytes, 0, ip, bytes.length);
                Memory.putByte(tcp + 12, (byte) 0x50);
                long now = random.nextLong(1L << 62);
                long cookie = cookies.make(ipv6, ip, tcp, 20, now);
                int sequence = Integer.reverseBytes(Memory.getInt(tcp + 4));
                Memory.putInt(tcp + 4, Integer.reverseBytes(sequence + 1));
                Memory.putInt(tcp + 8, Integer.reverseBytes((int) cookie + 1));
                assertEquals(0, cookies.check(ipv6, ip, tcp, now));
                assertEquals(0, cookies.check(ipv6, ip, tcp, now + MINUTE));
                assertEquals(-Errno.EACCES, cookies.check(ipv6, ip, tcp, now + 2 * MINUTE));
                assertEquals(-Errno.EACCES, new SynCookies(2).check(ipv6, ip, tcp, now));
                int first = ipv6 ? 8 : 12;
                int at = random.nextBoolean() ? first + random.nextInt(ipv6 ? 32 : 8) : 64 + random.nextInt(8);
                Memory.putByte(ip + at, (byte) (Memory.getByte(ip + at) ^ 1 << random.nextInt(8)));
                // A sequence number that is a little off leaves another segment size behind, in the kernel as here.
                if (at < 68) {
                    assertEquals(-Errno.EACCES, cookies.check(ipv6, ip, tcp, now), "byte " + at);
                }
            }
        }
    }

    @Test
    void aSeedMakesItsOwnCookies() {
        try (NativeBlock block = new NativeBlock(128)) {
            Memory.putByte(block.address() + 64 + 12, (byte) 0x50);
            long cookie = new SynCookies(5).make(false, block.address(), block.address() + 64, 20, 0);
            assertEquals(cookie, new SynCookies(5).make(false, block.address(), block.address() + 64, 20, 0));
            assertNotEquals(cookie, new SynCookies(6).make(false, block.address(), block.address() + 64, 20, 0));
        }
    }
}
