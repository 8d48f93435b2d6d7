// The block list of xdp-firewall. Arguments: files with a line per rule, `block ADDRESS` or `vrrp ROUTER`.
import {ipv4, ipv4Bytes, ipv6, ipv6Text, table, total} from "../include/addresses.mjs";

const {l3_filter, vrrp_filter} = ebpf.maps;
const ETH_P_IP = 0x0800, ETH_P_IPV6 = 0x86dd;

function key(text) {
    return text.includes(":") ? {address: ipv6(text), protocol: ETH_P_IPV6}
        : {address: [...ipv4Bytes(ipv4(text)), ...Array(12).fill(0)], protocol: ETH_P_IP};
}

const addressText = ({address, protocol}) => (protocol === ETH_P_IP ? [...address].slice(0, 4).join(".") : ipv6Text(address));

/** The same permit on all CPUs, what they have counted stays. */
function permit(router, permitted) {
    const id = Number(router);
    if (!Number.isInteger(id) || id < 0 || id > 255) throw new Error(`${router}: a virtual router has a number from 0 to 255`);
    vrrp_filter[id] = [...vrrp_filter[id]].map(({dropped_packets, packets, dropped_bytes, bytes}) =>
        ({permit: permitted ? 1 : 0, dropped_packets, packets, dropped_bytes, bytes}));
}

/** On every CPU, as a per-CPU map wants it. */
const block = text => l3_filter.set(key(text), Array(cpus).fill(0));
const cpus = [...vrrp_filter[0]].length;

function load(file) {
    const rules = ebpf.words(file);
    for (const [verb, what] of rules) {
        if (verb === "block" && what !== undefined) block(what);
        else if (verb === "vrrp" && what !== undefined) permit(what, true);
        else throw new Error(`${file}: a rule is block ADDRESS or vrrp ROUTER, not ${verb} ${what ?? ""}`);
    }
    return rules.length;
}

function list() {
    const rows = [...l3_filter].map(([rule, hits]) => [`block ${addressText(rule)}`, total(hits)]);
    [...vrrp_filter].forEach((values, id) => {
        const rules = [...values];
        if (rules[0].permit) rows.push([`vrrp ${id}`, total(rules.map(rule => rule.dropped_packets))]);
    });
    return table([["rule", "dropped"], ...rows]);
}

ebpf.command("add", "ADDRESS...  drop what goes there or comes from there", (...addresses) => addresses.forEach(block));
ebpf.command("delete", "ADDRESS...  end the rule", (...addresses) => addresses.forEach(text => {
    if (!l3_filter.delete(key(text))) throw new Error(`there is no rule for ${text}`);
}));
ebpf.command("vrrp", "ROUTER permit|drop  what becomes of a virtual router's advertisements", (router, what) => permit(router, what === "permit"));
ebpf.command("load", "FILE  add the rules of a file", file => `${load(file)} rules`);
ebpf.command("list", "rules and how many packets they dropped", list);
[...ebpf.arguments].forEach(load);
ebpf.atEnd(() => console.log(list()));
