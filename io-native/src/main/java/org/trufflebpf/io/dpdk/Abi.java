package org.trufflebpf.io.dpdk;

/**
 * What the fast path and the set-up know of structures that DPDK's headers lay out: offsets and sizes in bytes, little-endian. They belong to ABI 23,
 * that of DPDK 22.11 on x86-64 (rte_mbuf_core.h, rte_ethdev.h, rte_ethdev_core.h, rte_mempool.h); {@link Library} refuses any other, and a test
 * has a C compiler check them against the headers.
 */
final class Abi {
    /** What the names of the libraries end in. */
    static final String NUMBER = "23";
    /** How rte_version() starts. */
    static final String VERSION = "DPDK 22.11";

    /** sizeof(struct rte_mbuf): the private area, which is the start of our frame, follows. */
    static final int MBUF = 128;
    static final int MBUF_BUF_ADDR = 0;
    /** u16 data_off, u16 refcnt, u16 nb_segs, u16 port: written as one word, which drivers call rearm_data. */
    static final int MBUF_REARM = 16;
    static final int MBUF_DATA_OFF = 16;
    static final int MBUF_NB_SEGS = 20;
    static final int MBUF_OL_FLAGS = 24;
    static final int MBUF_PKT_LEN = 36;
    static final int MBUF_DATA_LEN = 40;
    static final int MBUF_NEXT = 64;
    /** RTE_PKTMBUF_HEADROOM: where drivers put packets within the buffer. */
    static final int MBUF_HEADROOM = 128;
    /** One reference, one segment, no port. */
    static final long FRESH = 1L << 16 | 1L << 32 | 0xffffL << 48;
    /** One segment more. */
    static final long SEGMENT = 1L << 32;

    static final int MEMPOOL_OPS_INDEX = 88;
    static final int MEMPOOL_OPS_TABLE = 64;
    static final int MEMPOOL_OPS = 128;
    static final int MEMPOOL_OPS_DEQUEUE = 56;

    static final int FP_OPS = 128;
    static final int FP_RX_BURST = 0;
    static final int FP_RX_QUEUES = 24;
    static final int FP_TX_BURST = 64;
    static final int FP_TX_QUEUES = 88;

    static final int ETH_CONF = 2272;
    static final int ETH_CONF_RX_MQ_MODE = 8;
    static final int ETH_CONF_RX_MTU = 12;
    static final int ETH_CONF_RX_OFFLOADS = 24;
    static final int ETH_CONF_TX_OFFLOADS = 72;
    static final int ETH_CONF_RSS_HF = 144;
    /** RTE_ETH_MQ_RX_RSS. */
    static final int MQ_RX_RSS = 1;
    /** RTE_ETH_RX_OFFLOAD_SCATTER: packets may come in several buffers. */
    static final long RX_SCATTER = 1L << 13;
    /** RTE_ETH_TX_OFFLOAD_MULTI_SEGS: packets may leave in several buffers. */
    static final long TX_SEGMENTS = 1L << 15;

    static final int DEV_INFO = 376;
    static final int DEV_INFO_MAX_RX_QUEUES = 44;
    static final int DEV_INFO_MAX_TX_QUEUES = 46;
    static final int DEV_INFO_RX_OFFLOADS = 72;
    static final int DEV_INFO_TX_OFFLOADS = 80;
    static final int DEV_INFO_RSS_OFFLOADS = 112;
    static final int DEV_INFO_RX_CONF = 120;
    static final int DEV_INFO_RX_CONF_OFFLOADS = 136;
    static final int DEV_INFO_TX_CONF = 200;
    static final int DEV_INFO_TX_CONF_OFFLOADS = 216;

    /** A struct that is too small would have DPDK write over the C heap. */
    static final int ETH_STATS = 704;
    static final int ETH_STATS_IPACKETS = 0;
    static final int ETH_STATS_OPACKETS = 8;
    static final int ETH_STATS_IMISSED = 32;
    static final int ETH_STATS_IERRORS = 40;
    static final int ETH_STATS_OERRORS = 48;
    static final int ETH_STATS_RX_NOMBUF = 56;

    /** struct rte_eth_link as one word: its low half is the speed in megabits per second. */
    static final int ETH_LINK = 8;
    static final long ETH_LINK_UP = 1L << 34;

    static final int MAC = 6;

    /** SOCKET_ID_ANY. */
    static final int ANY_SOCKET = -1;

    private Abi() {
    }
}
