// Connections that xdp-observer sees. Argument: `all` to print every segment, not only how connections begin and end.
import {ipv6Text, total} from "../include/addresses.mjs";

const FLAGS = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"];
const FIN = 1, SYN = 2, RST = 4;
const all = ebpf.arguments[0] === "all";
const counts = {segments: 0, opened: 0, closed: 0, reset: 0};

function end(address, port, version) {
    return version === 4 ? `${[...address].slice(0, 4).join(".")}:${port}` : `[${ipv6Text(address)}]:${port}`;
}

ebpf.on(ebpf.maps.ringbuf.as("tcp_event"), ({source, destination, source_port, destination_port, ip_version, flags}) => {
    counts.segments++;
    if (flags & RST) counts.reset++;
    else if (flags & FIN) counts.closed++;
    else if (flags & SYN) counts.opened++;
    if (all || flags & (FIN | SYN | RST)) {
        const names = FLAGS.filter((_, bit) => flags & (1 << bit)).join(" ");
        console.log(`${end(source, source_port, ip_version)} > ${end(destination, destination_port, ip_version)} ${names}`);
    }
});

const summary = () => `${counts.segments} segments, ${counts.opened} with SYN, ${counts.closed} with FIN, ${counts.reset} with RST, `
    + `${total(ebpf.maps.lost[0])} lost`;
ebpf.command("counts", "segments seen and lost", summary);
ebpf.atEnd(() => console.log(summary()));
