package org.trufflebpf.io.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.trufflebpf.io.net.IpAddress;
import org.trufflebpf.io.net.Network;
import org.trufflebpf.io.net.NetworkTables;
import org.trufflebpf.io.net.Prefix;
import org.trufflebpf.io.net.Route;

class RouteMessagesTest {
    private static final List<Integer> TYPES = List.of(RouteMessages.NEW_LINK, RouteMessages.NEW_ADDRESS, RouteMessages.NEW_ROUTE,
            RouteMessages.NEW_NEIGHBOUR, RouteMessages.NEW_RULE);

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void attribute(ByteBuffer buffer, int type, int number) {
        buffer.putShort((short) 8).putShort((short) type).putInt(number);
    }

    /** 10.0.0.0/8 by two gateways, with weights 1 and 3. */
    private static ByteBuffer multipath() {
        ByteBuffer route = buffer(12 + 8 + 4 + 2 * 16);
        route.put((byte) 2).put((byte) 8).put((byte) 0).put((byte) 0).put((byte) 254).put((byte) 3).put((byte) 0).put((byte) 1).putInt(0);
        attribute(route, 1, 0x0000000a);
        route.putShort((short) 36).putShort((short) 9);
        for (int hop = 0; hop < 2; hop++) {
            route.putShort((short) 16).put((byte) 0).put((byte) (2 * hop)).putInt(2 + hop);
            attribute(route, 5, 0x010000c0 + (hop << 24));
        }
        return route.flip();
    }

    @Test
    void severalNextHops() {
        RouteMessages messages = new RouteMessages();
        messages.add(RouteMessages.NEW_ROUTE, multipath());
        Route route = messages.tables().routes().getFirst();
        assertEquals(Prefix.parse("10.0.0.0/8"), route.prefix());
        Route.NextHop first = new Route.NextHop(2, IpAddress.parse("192.0.0.1"), 1, false);
        Route.NextHop second = new Route.NextHop(3, IpAddress.parse("192.0.0.2"), 3, false);
        assertEquals(List.of(first, second), route.hops());
    }

    /** Whatever a message says, it makes tables or nothing. */
    @Test
    void hostileMessages() {
        Random random = new Random(3);
        byte[] sample = multipath().array();
        for (int i = 0; i < 20_000; i++) {
            RouteMessages messages = new RouteMessages();
            for (int type : TYPES) {
                byte[] bytes = random.nextInt(3) == 0 ? sample.clone() : new byte[random.nextInt(80)];
                for (int change = random.nextInt(30); change > 0 && bytes.length > 0; change--) {
                    bytes[random.nextInt(bytes.length)] = (byte) (random.nextBoolean() ? random.nextInt(12) : random.nextInt(256));
                }
                if (random.nextBoolean() && bytes.length > 0) {
                    bytes[0] = (byte) (random.nextBoolean() ? 2 : 10);
                }
                messages.add(type, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
            }
            NetworkTables tables = messages.tables();
            new Network(tables).route(1, 0, 0, random.nextLong(), 0, 0, 0, 0, 0);
        }
    }
}
