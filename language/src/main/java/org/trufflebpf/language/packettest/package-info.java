/**
 * Packet tests: text files that say which packets an XDP program gets and what must come of them. {@link PacketTestParser} turns text into
 * records, {@link PacketBuilder} turns packet descriptions into bytes and {@link PacketDecoder} bytes into headers; these three are pure.
 * {@link PacketTestRunner} runs a file on a {@link TestEngine}. The format's manual is docs/packet-tests.md.
 */
package org.trufflebpf.language.packettest;
