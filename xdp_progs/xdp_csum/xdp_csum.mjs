// Counters of xdp_csum and xdp_csum_hash.
import {protocolText, table, total} from "../include/addresses.mjs";

const {rxcnt} = ebpf.maps;
const entries = () => (rxcnt.kind === "HASH" ? [...rxcnt] : [...rxcnt].map((values, number) => [number, total(values)]));

function counts() {
    const rows = entries().filter(([, packets]) => packets > 0).sort(([a], [b]) => a - b);
    return table([["protocol", "packets"], ...rows.map(([number, packets]) => [protocolText(number), packets])]);
}

ebpf.command("counts", "packets by protocol", counts);
ebpf.atEnd(() => console.log(counts()));
