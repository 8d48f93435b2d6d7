// Virtual addresses of tx_ip_tunnel. Arguments: files with a line per address, `tcp|udp VIP FIRST-PORT[-LAST-PORT] FROM TO MAC`.
import {ipv4, ipv4Text, ipv6, ipv6Text, mac, port, protocol, protocolText, table, total} from "../include/addresses.mjs";

const {vip2tnl, rxcnt} = ebpf.maps;
const AF_INET = 2, AF_INET6 = 10;

const family = text => (text.includes(":") ? AF_INET6 : AF_INET);
const address = text => (family(text) === AF_INET6 ? {v6: ipv6(text)} : {v4: ipv4(text)});
const addressText = (value, family) => (family === AF_INET6 ? ipv6Text(value.v6) : ipv4Text(value.v4));

function* keys(transport, vip, ports) {
    const [first, last = first] = ports.split("-").map(port);
    for (let dport = first; dport <= last; dport++) {
        yield {daddr: address(vip), dport, family: family(vip), protocol: protocol(transport)};
    }
}

function add(transport, vip, ports, from, to, next) {
    if (family(vip) !== family(from) || family(vip) !== family(to)) throw new Error("a tunnel has the IP version of what it carries");
    const tunnel = {saddr: address(from), daddr: address(to), family: family(vip), dmac: mac(next)};
    for (const key of keys(transport, vip, ports)) vip2tnl.set(key, tunnel);
}

function remove(transport, vip, ports) {
    for (const key of keys(transport, vip, ports)) vip2tnl.delete(key);
}

function list() {
    const rows = [...vip2tnl].map(([key, tunnel]) => [`${protocolText(key.protocol)} ${addressText(key.daddr, key.family)} ${key.dport}`,
        addressText(tunnel.daddr, tunnel.family)]);
    return rows.length === 0 ? "no virtual addresses" : table(rows.sort((a, b) => (a[0] < b[0] ? -1 : 1)));
}

function counts() {
    const rows = [...rxcnt].map((values, number) => [protocolText(number), total(values)]).filter(([, packets]) => packets > 0n);
    return table([["protocol", "packets"], ...rows]);
}

ebpf.command("add", "tcp|udp VIP PORT[-PORT] FROM TO MAC  send packets to VIP through a tunnel to TO", add);
ebpf.command("remove", "tcp|udp VIP PORT[-PORT]  let packets to VIP pass", remove);
ebpf.command("list", "virtual addresses", list);
ebpf.command("counts", "packets sent, by protocol", counts);

for (const file of ebpf.arguments) {
    for (const words of ebpf.words(file)) add(...words);
}
ebpf.atEnd(() => console.log(counts()));
