package org.trufflebpf.language.helpers;

import com.oracle.truffle.api.CompilerDirectives;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.maps.Errno;

/**
 * SYN cookies as Linux 6.18 makes them (net/ipv4/syncookies.c and net/ipv6/syncookies.c), so that they carry the same: the minute of their making,
 * one of four segment sizes, and a SipHash-2-4 of addresses and ports. The kernel's keys are random for each boot; these follow from a seed. All
 * numbers of headers are read where they lie. Safe for all threads.
 */
public final class SynCookies {
    /** struct iphdr without options, in bytes. */
    public static final int IPV4_HEADER = 20;
    /** struct ipv6hdr, in bytes. */
    public static final int IPV6_HEADER = 40;
    /** struct tcphdr without options, in bytes. */
    public static final int TCP_HEADER = 20;

    /** TCP_SYNCOOKIE_PERIOD, in nanoseconds. */
    private static final long PERIOD = 60_000_000_000L;
    /** MAX_SYNCOOKIE_AGE, in periods. */
    private static final int MAX_AGE = 2;
    private static final int COUNT_SHIFT = 24;
    private static final int DATA_MASK = (1 << COUNT_SHIFT) - 1;
    /** TCP_MSS_DEFAULT. */
    private static final int DEFAULT_IPV4 = 536;
    /** IPV6_MIN_MTU less both headers. */
    private static final int DEFAULT_IPV6 = 1280 - 60;

    private static final int OPTION_END = 0;
    private static final int OPTION_NOP = 1;
    private static final int OPTION_MSS = 2;
    private static final int OPTION_MSS_SIZE = 4;

    private final long key0;
    private final long key1;
    private final long countKey0;
    private final long countKey1;

    /** @param seed the same seed makes the same cookies */
    public SynCookies(long seed) {
        key0 = mixed(seed, 1);
        key1 = mixed(seed, 2);
        countKey0 = mixed(seed, 3);
        countKey1 = mixed(seed, 4);
    }

    /** The {@code n}th number of SplitMix64. */
    private static long mixed(long seed, int n) {
        long z = seed + n * 0x9E37_79B9_7F4A_7C15L;
        z = (z ^ z >>> 30) * 0xBF58_476D_1CE4_E5B9L;
        z = (z ^ z >>> 27) * 0x94D0_49BB_1331_11EBL;
        return z ^ z >>> 31;
    }

    /**
     * bpf_tcp_raw_gen_syncookie_ipv4 and _ipv6.
     *
     * @param ip address of {@link #IPV4_HEADER} or {@link #IPV6_HEADER} bytes
     * @param tcp address of {@code size} bytes
     * @param now in nanoseconds
     * @return cookie and, from bit 32 on, segment size; or -EINVAL where {@code size} is not what the header says
     */
    long make(boolean ipv6, long ip, long tcp, long size, long now) {
        if (size < TCP_HEADER || size != 4L * (Memory.getByte(tcp + 12) >>> 4 & 0xf)) {
            return -Errno.EINVAL;
        }
        int wanted = segmentSize(tcp, (int) size);
        if (wanted == 0) {
            wanted = ipv6 ? DEFAULT_IPV6 : DEFAULT_IPV4;
        }
        int index = 3;
        while (index > 0 && wanted < segmentSize(ipv6, index)) {
            index--;
        }
        int count = (int) Long.divideUnsigned(now, PERIOD);
        int sequence = Integer.reverseBytes(Memory.getInt(tcp + 4));
        int cookie = hash(ipv6, ip, tcp, 0, false) + sequence + (count << COUNT_SHIFT) + (hash(ipv6, ip, tcp, count, true) + index & DATA_MASK);
        return Integer.toUnsignedLong(cookie) | (long) segmentSize(ipv6, index) << 32;
    }

    /**
     * bpf_tcp_raw_check_syncookie_ipv4 and _ipv6, of the segment that acknowledges a cookie.
     *
     * @param tcp address of {@link #TCP_HEADER} bytes
     * @return 0 for a cookie of this or the previous period, else -EACCES
     */
    long check(boolean ipv6, long ip, long tcp, long now) {
        int cookie = Integer.reverseBytes(Memory.getInt(tcp + 8)) - 1;
        int sequence = Integer.reverseBytes(Memory.getInt(tcp + 4)) - 1;
        int count = (int) Long.divideUnsigned(now, PERIOD);
        int rest = cookie - hash(ipv6, ip, tcp, 0, false) - sequence;
        int age = count - (rest >>> COUNT_SHIFT) & 0xff;
        if (age >= MAX_AGE) {
            return -Errno.EACCES;
        }
        int index = rest - hash(ipv6, ip, tcp, count - age, true) & DATA_MASK;
        return index < 4 ? 0 : -Errno.EACCES;
    }

    /** What of the segment size a cookie carries: msstab. */
    private static int segmentSize(boolean ipv6, int index) {
        return switch (index) {
            case 0 -> ipv6 ? 1280 - 60 : 536;
            case 1 -> ipv6 ? 1480 - 60 : 1300;
            case 2 -> ipv6 ? 1500 - 60 : 1440;
            case 3 -> ipv6 ? 9000 - 60 : 1460;
            default -> throw CompilerDirectives.shouldNotReachHere();
        };
    }

    /** What the last option of that kind asks for, 0 for none (tcp_parse_mss_option). */
    private static int segmentSize(long tcp, int size) {
        int found = 0;
        int at = TCP_HEADER;
        while (at < size) {
            int kind = Memory.getByte(tcp + at);
            if (kind == OPTION_NOP) {
                at++;
                continue;
            }
            int length = kind == OPTION_END || at + 1 >= size ? 0 : Memory.getByte(tcp + at + 1) & 0xff;
            if (length < 2 || length > size - at) {
                return found;
            }
            if (kind == OPTION_MSS && length == OPTION_MSS_SIZE) {
                int wanted = Short.toUnsignedInt(Short.reverseBytes(Memory.getShort(tcp + at + 2)));
                found = wanted == 0 ? found : wanted;
            }
            at += length;
        }
        return found;
    }

    private int hash(boolean ipv6, long ip, long tcp, int count, boolean second) {
        long k0 = second ? countKey0 : key0;
        long k1 = second ? countKey1 : key1;
        // The ports as they lie in the header, least significant byte first.
        long source = Short.toUnsignedLong(Memory.getShort(tcp));
        long target = Short.toUnsignedLong(Memory.getShort(tcp + 2));
        long number = Integer.toUnsignedLong(count);
        return (int) (ipv6 ? sipHash(k0, k1, 5, Memory.getLong(ip + 8), Memory.getLong(ip + 16), Memory.getLong(ip + 24), Memory.getLong(ip + 32),
                        number | source << 32 | target << 48)
                        : sipHash(k0, k1, 2, Memory.getLong(ip + 12), source << 16 | target | number << 32, 0, 0, 0));
    }

    /** SipHash-2-4 (Aumasson and Bernstein 2012) of whole words. */
    static long sipHash(long k0, long k1, int words, long m0, long m1, long m2, long m3, long m4) {
        long v0 = k0 ^ 0x736f_6d65_7073_6575L;
        long v1 = k1 ^ 0x646f_7261_6e64_6f6dL;
        long v2 = k0 ^ 0x6c79_6765_6e65_7261L;
        long v3 = k1 ^ 0x7465_6462_7974_6573L;
        for (int i = 0; i <= words + 1; i++) {
            boolean last = i == words + 1;
            long m = last ? 0 : i == words ? 8L * words << 56 : i == 0 ? m0 : i == 1 ? m1 : i == 2 ? m2 : i == 3 ? m3 : m4;
            v3 ^= m;
            v2 ^= last ? 0xff : 0;
            for (int round = last ? 4 : 2; round > 0; round--) {
                v0 += v1;
                v1 = Long.rotateLeft(v1, 13) ^ v0;
                v0 = Long.rotateLeft(v0, 32);
                v2 += v3;
                v3 = Long.rotateLeft(v3, 16) ^ v2;
                v0 += v3;
                v3 = Long.rotateLeft(v3, 21) ^ v0;
                v2 += v1;
                v1 = Long.rotateLeft(v1, 17) ^ v2;
                v2 = Long.rotateLeft(v2, 32);
            }
            v0 ^= m;
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }
}
