// VIPs and reals of l4lb. Arguments: files with a command per line, the same that `ebpf ctl` takes.
import {ipv4, ipv6, mac, port, protocol, protocolText, table, total} from "../include/addresses.mjs";
import {RING_SIZE, ring} from "./maglev.mjs";

const {ctl, vip_map, vip_addresses, rings, reals, server_ids, vip_stats, real_stats, stats} = ebpf.maps;
const MOST_VIPS = 512, MOST_REALS = 4096, MOST_SERVER_IDS = 2 ** 24;
const FLAGS = {"by-address": 1, "no-table": 2, quic: 4};
const TUNNELS = ["ipip", "gue"];
const STATS = ["connections known", "connections asked for", "  of TCP, in their middle", "  not remembered, too many", "in the shared table",
    "QUIC, by id", "QUIC, unknown id", "echo replies", "too big", "ICMP errors", "dropped: fragments", "dropped: malformed", "dropped: no real",
    "dropped: no room"];

/** Numbers that are free. Those given back come last, so that connections which still have one do not get to another server. */
class Numbers {
    constructor(count, what) {
        this.free = Array.from({length: count}, (_, i) => i);
        this.what = `there are ${count} ${what} already`;
    }

    take() {
        if (this.free.length === 0) throw new Error(this.what);
        return this.free.shift();
    }

    giveBack(number) {
        this.free.push(number);
    }
}

const vips = new Map();
const servers = new Map();
const vipNumbers = new Numbers(MOST_VIPS, "VIPs");
const realNumbers = new Numbers(MOST_REALS, "reals");

const family = text => (text.includes(":") ? 6 : 4);
const address = text => (family(text) === 6 ? {v6: ipv6(text)} : {v4: ipv4(text)});

function number(text, most, what) {
    if (!/^\d{1,10}$/.test(text) || Number(text) > most) throw new Error(`${text}: ${what} is a number from 0 to ${most}`);
    return Number(text);
}

function traffic(map, number) {
    const values = [...map[number]];
    return {packets: total(values.map(value => value.packets)), bytes: total(values.map(value => value.bytes))};
}

/** What was counted for whom had the number before does not count. */
function counter(map, number) {
    return {map, number, before: traffic(map, number), last: 0n, rate: 0n};
}

function counted({map, number, before}) {
    const now = traffic(map, number);
    return {packets: now.packets - before.packets, bytes: now.bytes - before.bytes};
}

function find(transport, text, service) {
    const name = `${transport} ${text} ${service}`;
    const vip = vips.get(name);
    if (vip === undefined) throw new Error(`there is no VIP ${name}`);
    return vip;
}

/** Entries change one by one, and only those that differ: packets of the meantime find a real in each. */
function update(vip) {
    const fresh = ring([...vip.reals].map(([name, weight]) => ({name, number: servers.get(name).number, weight})));
    const start = vip.number * RING_SIZE;
    let moved = 0;
    for (let i = 0; i < RING_SIZE; i++) {
        if (fresh[i] === vip.ring[i]) continue;
        rings[start + i] = fresh[i];
        moved++;
    }
    vip.ring = fresh;
    return moved;
}

/** While a file is read, rings wait for its end. */
let waiting = null;

function change(vip) {
    if (waiting !== null) {
        waiting.add(vip);
        return undefined;
    }
    return `${update(vip)} of ${RING_SIZE} entries of the ring changed`;
}

function countAddress(text, by) {
    const key = {address: address(text), family: family(text)};
    const count = (vip_addresses.get(key) ?? 0) + by;
    if (count > 0) vip_addresses.set(key, count);
    else vip_addresses.delete(key);
}

function addVip(transport, text, service, ...flags) {
    const name = `${transport} ${text} ${service}`;
    if (!/^(tcp|udp)$/.test(transport)) throw new Error(`${transport}: a VIP is of tcp or udp`);
    const bits = flags.reduce((all, flag) => {
        if (FLAGS[flag] === undefined) throw new Error(`${flag} is none of ${Object.keys(FLAGS).join(", ")}`);
        return all | FLAGS[flag];
    }, 0);
    const key = {address: address(text), port: port(service), protocol: protocol(transport), family: family(text)};
    const known = vips.get(name);
    const vip = known ?? {name, key, text, number: vipNumbers.take(), reals: new Map(), ring: new Int32Array(RING_SIZE)};
    vip.flags = flags;
    vip_map.set(key, {number: vip.number, flags: bits});
    if (known === undefined) {
        vip.counter = counter(vip_stats, vip.number);
        countAddress(text, 1);
        vips.set(name, vip);
    }
}

function removeVip(...words) {
    const vip = find(...words);
    vip_map.delete(vip.key);
    countAddress(vip.text, -1);
    vips.delete(vip.name);
    waiting?.delete(vip);
    const used = [...vip.reals.keys()];
    vip.reals.clear();
    update(vip);
    vipNumbers.giveBack(vip.number);
    used.forEach(release);
}

/** The entry of a server that no VIP has any more is cleared after the last ring that named it. */
function release(text) {
    const server = servers.get(text);
    if (--server.users > 0) return;
    reals[server.number] = {address: {v4: 0}, family: 0, tunnel: 0, unused: [0, 0]};
    for (const id of server.ids) server_ids[id] = 0;
    servers.delete(text);
    realNumbers.giveBack(server.number);
}

function addReal(transport, vipText, service, text, weight = "1", tunnel) {
    const vip = find(transport, vipText, service);
    const share = number(weight, 1000, "a weight");
    let server = servers.get(text);
    const kind = tunnel ?? (server === undefined ? "ipip" : server.tunnel);
    if (!TUNNELS.includes(kind)) throw new Error(`${kind} is none of ${TUNNELS.join(", ")}`);
    const place = address(text);
    if (server === undefined) {
        const taken = realNumbers.take();
        server = {number: taken, users: 0, ids: new Set(), counter: counter(real_stats, taken)};
        servers.set(text, server);
    }
    server.tunnel = kind;
    reals[server.number] = {address: place, family: family(text), tunnel: TUNNELS.indexOf(kind), unused: [0, 0]};
    if (!vip.reals.has(text)) server.users++;
    vip.reals.set(text, share);
    return change(vip);
}

function removeReal(transport, vipText, service, text) {
    const vip = find(transport, vipText, service);
    if (!vip.reals.delete(text)) throw new Error(`${text} is no real of ${vip.name}`);
    waiting?.delete(vip);
    const moved = update(vip);
    release(text);
    return `${moved} of ${RING_SIZE} entries of the ring changed`;
}

function nameServer(id, text) {
    const server = servers.get(text);
    if (server === undefined) throw new Error(`${text} is no real`);
    const named = number(id, MOST_SERVER_IDS - 1, "the number of a server");
    servers.forEach(other => other.ids.delete(named));
    server.ids.add(named);
    server_ids[named] = server.number + 1;
}

const SETTINGS = {
    gateway: text => ({gateway: mac(text)}),
    "source-v4": text => ({source_v4: ipv4(text)}),
    "source-v6": text => ({source_v6: ipv6(text)}),
    "gue-port": text => ({gue_port: port(text)}),
    mtu: text => ({mtu: number(text, 65535, "an MTU")}),
    "new-flows": text => ({new_flows: number(text, 2 ** 32 - 1, "a limit")}),
    "shared-table": text => ({flags: text === "on" ? 1 : 0}),
};

function set(name, text) {
    const setting = SETTINGS[name];
    if (setting === undefined) throw new Error(`${name} is none of ${Object.keys(SETTINGS).join(", ")}`);
    const {gateway, gue_port, source_v4, source_v6, mtu, new_flows, flags} = ctl[0];
    ctl[0] = {gateway, gue_port, source_v4, source_v6, mtu, new_flows, flags, ...setting(text)};
}

function list() {
    const rows = [["VIPs and their reals", "weight", "share", "packets", "bytes", "packets/s"]];
    for (const vip of vips.values()) {
        const {packets, bytes} = counted(vip.counter);
        rows.push([[vip.name, ...vip.flags].join(" "), "", "", packets, bytes, vip.counter.rate]);
        const parts = new Map();
        for (const entry of vip.ring) parts.set(entry, (parts.get(entry) ?? 0) + 1);
        for (const [text, weight] of vip.reals) {
            const server = servers.get(text);
            const share = (100 * (parts.get(server.number + 1) ?? 0)) / RING_SIZE;
            const all = counted(server.counter);
            rows.push([`  ${text} ${server.tunnel}`, weight, `${share.toFixed(2)} %`, all.packets, all.bytes, server.counter.rate]);
        }
    }
    return table(rows);
}

const counters = () => STATS.map((name, i) => [name, total([...stats[i]])]);

function sample() {
    for (const {counter} of [...vips.values(), ...servers.values()]) {
        const {packets} = counted(counter);
        counter.rate = packets - counter.last;
        counter.last = packets;
    }
}

const VIP = "tcp|udp ADDRESS PORT";
const commands = {
    set: ["NAME VALUE  one of " + Object.keys(SETTINGS).join(", "), set],
    vip: [`${VIP} [by-address] [no-table] [quic]  add a VIP, or change how it works; port 0 is all ports`, addVip],
    "remove-vip": [`${VIP}  let its packets pass`, removeVip],
    real: [`${VIP} REAL [WEIGHT [ipip|gue]]  add a real to a VIP, or change its weight; with weight 0 it keeps its connections`, addReal],
    "remove-real": [`${VIP} REAL  take a real from a VIP`, removeReal],
    "server-id": ["NUMBER REAL  QUIC connection ids with this number go to this real", nameServer],
};

function load(file) {
    waiting = new Set();
    try {
        for (const [name, ...words] of ebpf.words(file)) {
            if (commands[name] === undefined) throw new Error(`${file}: ${name} is none of ${Object.keys(commands).join(", ")}`);
            commands[name][1](...words);
        }
    } finally {
        const changed = waiting;
        waiting = null;
        const start = Date.now();
        changed.forEach(update);
        if (changed.size > 0) console.log(`${changed.size} rings written in ${Date.now() - start} ms`);
    }
}

for (const [name, [help, run]] of Object.entries(commands)) ebpf.command(name, help, run);
ebpf.command("load", "FILE  the commands of a file", load);
ebpf.command("list", "VIPs, reals, and what went there", list);
ebpf.command("counters", "hits and misses of the connection tables, answers, and why packets were dropped", () => table(counters()));

[...ebpf.arguments].forEach(load);
ebpf.every(1000, sample);
ebpf.atEnd(() => console.log(`${list()}\n\n${table(counters().filter(([, count]) => count > 0n))}`));
