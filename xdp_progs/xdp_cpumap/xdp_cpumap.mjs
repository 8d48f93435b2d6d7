// CPUs of xdp_cpumap. Arguments: numbers of the CPUs to spread packets over.
import {table, total} from "../include/addresses.mjs";

const {cpu_map, cpus_available, cpus_count, sent, stayed} = ebpf.maps;
const QUEUE = 192;

/** Fewer at once, more only when they are there: no packet meets a CPU that is not in the map. */
function spread(...cpus) {
    const numbers = cpus.map(Number);
    numbers.forEach(cpu => { cpu_map[cpu] = QUEUE; });
    cpus_count[0] = Math.min(cpus_count[0], numbers.length);
    numbers.forEach((cpu, i) => { cpus_available[i] = cpu; });
    cpus_count[0] = numbers.length;
}

function list() {
    const rows = [...sent].map((values, cpu) => [`CPU ${cpu}`, total(values)]).filter(([, packets]) => packets > 0n);
    return table([["", "packets"], ...rows, ["stayed", total(stayed[0])]]);
}

ebpf.command("spread", "CPU...  spread packets over these CPUs", spread);
ebpf.command("list", "packets by CPU", list);
if (ebpf.arguments.length > 0) spread(...ebpf.arguments);
ebpf.atEnd(() => console.log(list()));
