package org.trufflebpf.io.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The offsets that {@link Abi} lists are those that a C compiler finds in DPDK's headers. */
final class AbiTest {
    private static final Path HEADERS = Path.of("/usr/include/dpdk");

    /** C expressions and what we take them for. */
    private static Map<String, Long> expressions() {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("sizeof(struct rte_mbuf)", (long) Abi.MBUF);
        all.put("offsetof(struct rte_mbuf, buf_addr)", (long) Abi.MBUF_BUF_ADDR);
        all.put("offsetof(struct rte_mbuf, rearm_data)", (long) Abi.MBUF_REARM);
        all.put("offsetof(struct rte_mbuf, data_off)", (long) Abi.MBUF_DATA_OFF);
        all.put("offsetof(struct rte_mbuf, nb_segs)", (long) Abi.MBUF_NB_SEGS);
        all.put("offsetof(struct rte_mbuf, ol_flags)", (long) Abi.MBUF_OL_FLAGS);
        all.put("offsetof(struct rte_mbuf, pkt_len)", (long) Abi.MBUF_PKT_LEN);
        all.put("offsetof(struct rte_mbuf, data_len)", (long) Abi.MBUF_DATA_LEN);
        all.put("offsetof(struct rte_mbuf, next)", (long) Abi.MBUF_NEXT);
        all.put("RTE_PKTMBUF_HEADROOM", (long) Abi.MBUF_HEADROOM);
        all.put("offsetof(struct rte_mempool, ops_index)", (long) Abi.MEMPOOL_OPS_INDEX);
        all.put("offsetof(struct rte_mempool_ops_table, ops)", (long) Abi.MEMPOOL_OPS_TABLE);
        all.put("sizeof(struct rte_mempool_ops)", (long) Abi.MEMPOOL_OPS);
        all.put("offsetof(struct rte_mempool_ops, dequeue)", (long) Abi.MEMPOOL_OPS_DEQUEUE);
        all.put("sizeof(struct rte_eth_fp_ops)", (long) Abi.FP_OPS);
        all.put("offsetof(struct rte_eth_fp_ops, rx_pkt_burst)", (long) Abi.FP_RX_BURST);
        all.put("offsetof(struct rte_eth_fp_ops, rxq.data)", (long) Abi.FP_RX_QUEUES);
        all.put("offsetof(struct rte_eth_fp_ops, tx_pkt_burst)", (long) Abi.FP_TX_BURST);
        all.put("offsetof(struct rte_eth_fp_ops, txq.data)", (long) Abi.FP_TX_QUEUES);
        all.put("sizeof(struct rte_eth_conf)", (long) Abi.ETH_CONF);
        all.put("offsetof(struct rte_eth_conf, rxmode.mq_mode)", (long) Abi.ETH_CONF_RX_MQ_MODE);
        all.put("offsetof(struct rte_eth_conf, rx_adv_conf.rss_conf.rss_hf)", (long) Abi.ETH_CONF_RSS_HF);
        all.put("offsetof(struct rte_eth_conf, rxmode.offloads)", (long) Abi.ETH_CONF_RX_OFFLOADS);
        all.put("offsetof(struct rte_eth_conf, txmode.offloads)", (long) Abi.ETH_CONF_TX_OFFLOADS);
        all.put("offsetof(struct rte_eth_conf, rxmode.mtu)", (long) Abi.ETH_CONF_RX_MTU);
        all.put("RTE_ETH_RX_OFFLOAD_SCATTER", Abi.RX_SCATTER);
        all.put("RTE_ETH_TX_OFFLOAD_MULTI_SEGS", Abi.TX_SEGMENTS);
        all.put("offsetof(struct rte_eth_dev_info, rx_offload_capa)", (long) Abi.DEV_INFO_RX_OFFLOADS);
        all.put("offsetof(struct rte_eth_dev_info, tx_offload_capa)", (long) Abi.DEV_INFO_TX_OFFLOADS);
        all.put("RTE_ETH_MQ_RX_RSS", (long) Abi.MQ_RX_RSS);
        all.put("sizeof(struct rte_eth_dev_info)", (long) Abi.DEV_INFO);
        all.put("offsetof(struct rte_eth_dev_info, max_rx_queues)", (long) Abi.DEV_INFO_MAX_RX_QUEUES);
        all.put("offsetof(struct rte_eth_dev_info, max_tx_queues)", (long) Abi.DEV_INFO_MAX_TX_QUEUES);
        all.put("offsetof(struct rte_eth_dev_info, flow_type_rss_offloads)", (long) Abi.DEV_INFO_RSS_OFFLOADS);
        all.put("offsetof(struct rte_eth_dev_info, default_rxconf)", (long) Abi.DEV_INFO_RX_CONF);
        all.put("offsetof(struct rte_eth_dev_info, default_rxconf.offloads)", (long) Abi.DEV_INFO_RX_CONF_OFFLOADS);
        all.put("offsetof(struct rte_eth_dev_info, default_txconf)", (long) Abi.DEV_INFO_TX_CONF);
        all.put("offsetof(struct rte_eth_dev_info, default_txconf.offloads)", (long) Abi.DEV_INFO_TX_CONF_OFFLOADS);
        all.put("sizeof(struct rte_eth_link)", (long) Abi.ETH_LINK);
        all.put("((union {struct rte_eth_link link; uint64_t word;}){.link = {.link_status = 1}}).word", Abi.ETH_LINK_UP);
        all.put("sizeof(struct rte_ether_addr)", (long) Abi.MAC);
        all.put("offsetof(struct rte_eth_stats, ipackets)", (long) Abi.ETH_STATS_IPACKETS);
        all.put("offsetof(struct rte_eth_stats, opackets)", (long) Abi.ETH_STATS_OPACKETS);
        all.put("sizeof(struct rte_eth_stats)", (long) Abi.ETH_STATS);
        all.put("offsetof(struct rte_eth_stats, imissed)", (long) Abi.ETH_STATS_IMISSED);
        all.put("offsetof(struct rte_eth_stats, ierrors)", (long) Abi.ETH_STATS_IERRORS);
        all.put("offsetof(struct rte_eth_stats, oerrors)", (long) Abi.ETH_STATS_OERRORS);
        all.put("offsetof(struct rte_eth_stats, rx_nombuf)", (long) Abi.ETH_STATS_RX_NOMBUF);
        all.put("SOCKET_ID_ANY", (long) Abi.ANY_SOCKET);
        return all;
    }

    @Test
    void offsetsAreThoseOfTheHeaders(@TempDir Path folder) throws IOException, InterruptedException {
        assumeTrue(Files.exists(HEADERS.resolve("rte_ethdev.h")), "no headers of DPDK: install libdpdk-dev");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/cc")), "no C compiler");
        Map<String, Long> ours = expressions();
        Path source = folder.resolve("abi.c");
        Files.writeString(source, ours.keySet().stream().map(expression -> "    printf(\"%lld\\n\", (long long)" + expression + ");\n")
                .collect(Collectors.joining("",
                "#include <stddef.h>\n#include <stdio.h>\n#include <rte_ethdev.h>\n#include <rte_mbuf.h>\n#include <rte_mempool.h>\nint main(void)\n{\n", "}\n")));
        Path program = folder.resolve("abi");
        // The headers of multi-architecture packages are where the compiler's own are; they ask for SSE 4.2.
        run("cc", "-w", "-march=corei7", "-I" + HEADERS, "-I/usr/include/x86_64-linux-gnu/dpdk", "-o", program.toString(), source.toString());
        String[] theirs = run(program.toString()).split("\n");
        int i = 0;
        for (Map.Entry<String, Long> each : ours.entrySet()) {
            assertEquals(Long.parseLong(theirs[i++]), each.getValue(), each.getKey());
        }
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), output);
        return output;
    }
}
