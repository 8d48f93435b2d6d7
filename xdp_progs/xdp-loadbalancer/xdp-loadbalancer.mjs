// Virtual address and targets of xdp-loadbalancer. Arguments: VIP MAC GATEWAY-MAC, then TARGET=MAC for each target.
import {ipv4, ipv4Text, mac, macText, table, total} from "../include/addresses.mjs";

const {config, targets, counters} = ebpf.maps;
const MAX_TARGETS = 64;

function change(members) {
    const {vip, targets, mac, gateway} = config[0];
    config[0] = {vip, targets, mac, gateway, ...members};
}

/** The number of a target in use. */
function find(address) {
    for (let i = 0; i < config[0].targets; i++) {
        if (targets[i].address === ipv4(address)) return i;
    }
    return -1;
}

function add(address, hardware) {
    const at = find(address);
    const count = config[0].targets;
    if (at < 0 && count === MAX_TARGETS) throw new Error(`there are ${MAX_TARGETS} targets already`);
    targets[at < 0 ? count : at] = {address: ipv4(address), mac: mac(hardware)};
    if (at < 0) change({targets: count + 1});
}

/** The last target takes the place of the one that goes, after its own place is used no more. */
function remove(address) {
    const at = find(address);
    if (at < 0) throw new Error(`${address} is no target`);
    const last = config[0].targets - 1;
    const moved = {address: targets[last].address, mac: targets[last].mac};
    change({targets: last});
    if (at < last) targets[at] = moved;
}

function list() {
    const rows = [];
    for (let i = 0; i < config[0].targets; i++) {
        const sum = member => total([...counters[i]].map(counter => counter[member]));
        rows.push([`${ipv4Text(targets[i].address)} ${macText(targets[i].mac)}`, sum("packets"), sum("bytes"), sum("answers"), sum("answer_bytes")]);
    }
    return table([[`targets of ${ipv4Text(config[0].vip)}`, "packets", "bytes", "answers", "bytes"], ...rows]);
}

ebpf.command("vip", "ADDRESS MAC GATEWAY-MAC  the virtual address, and MAC addresses of this host and of the router to the clients",
    (address, own, gateway) => change({vip: ipv4(address), mac: mac(own), gateway: mac(gateway)}));
ebpf.command("add", "ADDRESS MAC  add a target, or change its MAC address", add);
ebpf.command("remove", "ADDRESS  remove a target", remove);
ebpf.command("list", "targets and what went there and back", list);

const [address, own, gateway, ...given] = ebpf.arguments;
if (address !== undefined) {
    change({vip: ipv4(address), mac: mac(own), gateway: mac(gateway)});
    given.forEach(target => add(...target.split("=")));
}
ebpf.atEnd(() => console.log(list()));
