// Ports and flows of xdp_fw. Arguments: interface numbers of the inner and the outer port, 1 and 2 unless given.
import {endpoint, ipv4Text, protocol, protocolText, table} from "../include/addresses.mjs";

const {ports, tx_port, flow_ctx_table: flows} = ebpf.maps;

function connect(inner, outer) {
    [inner, outer].forEach((ifindex, slot) => {
        ports[slot] = Number(ifindex);
        tx_port[slot] = Number(ifindex);
    });
}

/** Both directions of a flow have one key, which begins with the lower end. */
function key(transport, a, b) {
    const ends = [endpoint(a), endpoint(b)].sort((x, y) => x.address - y.address || x.port - y.port);
    return {ip_proto: protocol(transport), l4_src: ends[0].port, l4_dst: ends[1].port, ip_src: ends[0].address, ip_dst: ends[1].address};
}

function list() {
    const rows = [...flows.keys()].map(flow => [protocolText(flow.ip_proto), `${ipv4Text(flow.ip_src)}:${flow.l4_src}`,
        `${ipv4Text(flow.ip_dst)}:${flow.l4_dst}`]);
    return rows.length === 0 ? "no flows" : table(rows.sort((a, b) => (a.join() < b.join() ? -1 : 1)));
}

ebpf.command("flows", "list the flows that may pass", list);
ebpf.command("allow", "tcp|udp A:PORT B:PORT  let a flow pass that may start from outside", (transport, a, b) => {
    flows.set(key(transport, a, b), {in_port: 0, out_port: 1});
});
ebpf.command("forget", "tcp|udp A:PORT B:PORT  let a flow pass no more", (transport, a, b) => {
    if (!flows.delete(key(transport, a, b))) throw new Error("there is no such flow");
});
ebpf.command("connect", "INNER OUTER  interface numbers of the two ports", connect);

connect(ebpf.arguments[0] ?? 1, ebpf.arguments[1] ?? 2);
ebpf.atEnd(() => console.log(list()));
