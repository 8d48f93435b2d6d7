// Pings with xdping_client. Arguments: addresses to ping, each with =COUNT if it is not 4 times. xdping_server needs no arguments.
import {ipv4, ipv4Text} from "../include/addresses.mjs";

const hosts = ebpf.maps.ping_map;
const MAX_COUNT = 10;
const shown = new Map();

function ping(target, count = 4, seq = 1) {
    if (!(Number(count) >= 1 && Number(count) <= MAX_COUNT)) throw new Error(`a series has 1 to ${MAX_COUNT} round trips`);
    hosts.set(ipv4(target), {start: 0, seq: Number(seq), count: Number(count), received: 0, started: 0, times: Array(MAX_COUNT).fill(0)});
    shown.set(ipv4(target), 0);
}

/** Round trips that came since the last look. */
function news() {
    const text = [];
    for (const [host, info] of hosts) {
        for (let i = shown.get(host) ?? 0; i < info.received; i++) {
            text.push(`${ipv4Text(host)}: round trip ${i + 1} of ${info.count}: ${(Number(info.times[i]) / 1e6).toFixed(3)} ms`);
        }
        shown.set(host, info.received);
    }
    return text;
}

ebpf.command("ping", "ADDRESS [COUNT [SEQ]]  time COUNT round trips, after the answer with number SEQ to a common ping", ping);
ebpf.command("stop", "ADDRESS  give up on a host", host => hosts.delete(ipv4(host)));
[...ebpf.arguments].forEach(argument => ping(...argument.split("=")));
const show = () => news().forEach(line => console.log(line));
ebpf.every(100, show);
ebpf.atEnd(() => {
    show();
    if (ebpf.program === "xdping_server") console.log(`${ebpf.statistics().tx.packets} pings answered`);
});
