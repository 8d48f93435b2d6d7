// The limit of xdp_adjust_tail. Argument: bytes of the longest frame that passes, 600 unless given.
const {icmpcnt} = ebpf.maps;
const globals = ebpf.maps[".data"];

function limit(bytes) {
    globals[0] = {max_pcktsz: Number(bytes)};
}

ebpf.command("limit", "BYTES  set the longest frame that passes", limit);
ebpf.command("count", "answers sent", () => `${icmpcnt[0]} answers to frames of more than ${globals[0].max_pcktsz} bytes`);
if (ebpf.arguments.length > 0) limit(ebpf.arguments[0]);
ebpf.atEnd(() => console.log(`${icmpcnt[0]} answers sent`));
