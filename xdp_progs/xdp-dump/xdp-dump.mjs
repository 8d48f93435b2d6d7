// Writes what xdp-dump captures to a pcap file. Arguments: FILE, then protocol=NAME, port=N, snap=BYTES in any order.
import {port, protocol, total} from "../include/addresses.mjs";

const {packets, filter, lost} = ebpf.maps;
const globals = ebpf.maps[".data"];
const HEADER = 24;
const settings = {protocol: 0, port: 0};

function set(setting) {
    const [name, value] = setting.split("=");
    switch (name) {
        case "protocol": settings.protocol = protocol(value); break;
        case "port": settings.port = port(value); break;
        case "snap": globals[0] = {snap_length: Number(value)}; return;
        default: throw new Error(`${setting}: protocol=NAME, port=N or snap=BYTES`);
    }
    filter[0] = settings;
}

const [path, ...given] = ebpf.arguments;
if (path === undefined) throw new Error("name the file to write after --");
given.forEach(set);
const capture = ebpf.capture(path);
// Programs know the time since the machine was started; captures have that since 1970. With --clock capture both are the same.
let count = 0;
ebpf.on(packets, record => {
    const bytes = Uint8Array.from(record);
    const header = new DataView(bytes.buffer);
    capture.write(header.getBigUint64(0, true), bytes.slice(HEADER).buffer, header.getUint32(8, true));
    count++;
});
const summary = () => `${count} packets captured, ${total(lost[0])} lost`;
ebpf.command("counts", "packets captured and lost", summary);
ebpf.command("filter", "protocol=NAME|port=N|snap=BYTES...  change what is captured", (...all) => all.forEach(set));
ebpf.atEnd(() => console.log(summary()));
