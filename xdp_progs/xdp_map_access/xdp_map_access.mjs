// The switch and the counters of xdp_map_access. Argument: `off` to begin with the program switched off.
import {table, total} from "../include/addresses.mjs";

const {ctl_array, cntrs_array} = ebpf.maps;
const set = word => {
    ctl_array[0] = word === "off" ? 1 : 0;
};

function counts() {
    const rows = [...cntrs_array[0]].map((packets, cpu) => [`CPU ${cpu}`, packets]).filter(([, packets]) => packets > 0);
    return table([["", "packets"], ...rows, ["total", total(cntrs_array[0])]]);
}

let before = 0n;
let rate = 0n;
ebpf.every(1000, () => {
    const now = total(cntrs_array[0]);
    [rate, before] = [now - before, now];
});
ebpf.command("on", "count packets and send them back", () => set("on"));
ebpf.command("off", "let packets pass", () => set("off"));
ebpf.command("counts", "packets by CPU", counts);
ebpf.command("rate", "packets in the last second", () => `${rate} packets/s`);
set(ebpf.arguments[0]);
ebpf.atEnd(() => console.log(counts()));
