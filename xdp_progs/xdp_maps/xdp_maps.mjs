// Prints the most frequent packet lengths when the run ends, and whenever a client asks: `ebpf ctl NAME top [N]`.
const sizes = ebpf.maps.packet_size;
const limit = Number(ebpf.arguments[0] ?? 10);

function top(n) {
    return [...sizes]
        .map(([length, packets]) => ({length, packets: Number(packets)}))
        .sort((a, b) => b.packets - a.packets)
        .slice(0, n)
        .map(({length, packets}) => `${String(length).padStart(5)} bytes ${String(packets).padStart(10)} packets`)
        .join("\n");
}

ebpf.command("top", "[N]  the most frequent lengths", (n = limit) => top(Number(n)));
ebpf.atEnd(() => console.log(top(limit)));
