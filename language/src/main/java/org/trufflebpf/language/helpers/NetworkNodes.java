package org.trufflebpf.language.helpers;

import com.oracle.truffle.api.frame.VirtualFrame;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.net.Network;
import org.trufflebpf.io.net.NetworkInterface;
import org.trufflebpf.io.net.NetworkView;
import org.trufflebpf.language.nodes.ExpressionNode;
import org.trufflebpf.language.nodes.FrameLayout;
import org.trufflebpf.maps.Errno;

/** Helpers that ask for interfaces, routes and neighbours. */
public final class NetworkNodes {
    private NetworkNodes() {
    }

    /** bpf_check_mtu. */
    public static final class CheckMtu extends ExpressionNode {
        /** BPF_MTU_CHK_RET_FRAG_NEEDED; 0 is success. */
        private static final int FRAGMENTATION_NEEDED = 1;

        private final NetworkView network;
        @Child private ExpressionNode ifindex;
        @Child private ExpressionNode length;
        @Child private ExpressionNode difference;
        @Child private ExpressionNode flags;

        /** @param length address of four bytes */
        public CheckMtu(NetworkView network, ExpressionNode ifindex, ExpressionNode length, ExpressionNode difference, ExpressionNode flags) {
            this.network = network;
            this.ifindex = ifindex;
            this.length = length;
            this.difference = difference;
            this.flags = flags;
        }

        @Override
        public long execute(VirtualFrame frame) {
            int wanted = (int) ifindex.execute(frame);
            long address = length.execute(frame);
            int change = (int) difference.execute(frame);
            if (flags.execute(frame) != 0) {
                return -Errno.EINVAL;
            }
            int ingress = Memory.getInt(frame.getLongStatic(FrameLayout.BURST) + Burst.INGRESS_IFINDEX);
            int index = wanted == 0 ? ingress : wanted;
            NetworkInterface port = network.current().port(index);
            if (port == null && index != ingress) {
                return -Errno.ENODEV;
            }
            // Nobody described where the packet came from: NetworkInterface.unknown.
            int mtu = port == null ? NetworkInterface.ETHERNET_MTU : port.mtu();
            int header = port == null ? NetworkInterface.ETHERNET_HEADER : port.headerLength();
            int given = Memory.getInt(address);
            int whole = given != 0 ? given + header : (int) (frame.getLongStatic(FrameLayout.DATA_END) - frame.getLongStatic(FrameLayout.DATA));
            Memory.putInt(address, mtu);
            return whole + change > mtu + header ? FRAGMENTATION_NEEDED : 0;
        }
    }

    /** bpf_fib_lookup. */
    public static final class FindRoute extends ExpressionNode {
        private final NetworkView network;
        @Child private ExpressionNode parameters;
        @Child private ExpressionNode size;
        @Child private ExpressionNode flags;

        public FindRoute(NetworkView network, ExpressionNode parameters, ExpressionNode size, ExpressionNode flags) {
            this.network = network;
            this.parameters = parameters;
            this.size = size;
            this.flags = flags;
        }

        @Override
        public long execute(VirtualFrame frame) {
            long address = parameters.execute(frame);
            long bytes = size.execute(frame);
            return FibLookup.run(network.current(), address, (int) bytes, (int) flags.execute(frame));
        }
    }
}
