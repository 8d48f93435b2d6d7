package org.trufflebpf.language.helpers;

import com.oracle.truffle.api.frame.VirtualFrame;
import org.trufflebpf.language.nodes.ExpressionNode;

/** Helpers that make and check SYN cookies without a socket. */
public final class SynCookieNodes {
    private SynCookieNodes() {
    }

    /** bpf_tcp_raw_gen_syncookie_ipv4 or _ipv6. */
    public static final class Make extends ExpressionNode {
        private final SynCookies cookies;
        private final boolean ipv6;
        @Child private ExpressionNode ip;
        @Child private ExpressionNode tcp;
        @Child private ExpressionNode size;
        @Child private ExpressionNode time;

        public Make(SynCookies cookies, boolean ipv6, ExpressionNode ip, ExpressionNode tcp, ExpressionNode size, ExpressionNode time) {
            this.cookies = cookies;
            this.ipv6 = ipv6;
            this.ip = ip;
            this.tcp = tcp;
            this.size = size;
            this.time = time;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return cookies.make(ipv6, ip.execute(frame), tcp.execute(frame), size.execute(frame), time.execute(frame));
        }
    }

    /** bpf_tcp_raw_check_syncookie_ipv4 or _ipv6. */
    public static final class Check extends ExpressionNode {
        private final SynCookies cookies;
        private final boolean ipv6;
        @Child private ExpressionNode ip;
        @Child private ExpressionNode tcp;
        @Child private ExpressionNode time;

        public Check(SynCookies cookies, boolean ipv6, ExpressionNode ip, ExpressionNode tcp, ExpressionNode time) {
            this.cookies = cookies;
            this.ipv6 = ipv6;
            this.ip = ip;
            this.tcp = tcp;
            this.time = time;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return cookies.check(ipv6, ip.execute(frame), tcp.execute(frame), time.execute(frame));
        }
    }
}
