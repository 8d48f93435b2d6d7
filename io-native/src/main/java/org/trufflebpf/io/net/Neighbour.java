package org.trufflebpf.io.net;

/**
 * A neighbour whose link address is known.
 *
 * @param mac its 48 bits, the first byte the most significant one
 */
public record Neighbour(int ifindex, IpAddress address, long mac) {
}
