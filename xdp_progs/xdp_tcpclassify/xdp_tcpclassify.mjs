// HTTP messages that xdp_tcpclassify sees. Argument: a file to write them to, a line of JSON each; otherwise they are printed.
import {ipv6Text, total} from "../include/addresses.mjs";

const [file] = ebpf.arguments;
const written = [];
let requests = 0, responses = 0;

const address = (bytes, version) => (version === 4 ? [...bytes].slice(0, 4).join(".") : ipv6Text(bytes));

ebpf.on(ebpf.maps.ringbuf.as("tcp_segment"), segment => {
    const kind = segment.http.name;
    if (kind === "HTTP_NONE") return;
    if (kind === "HTTP_REQUEST") requests++;
    else responses++;
    const [line] = String.fromCharCode(...[...segment.payload].slice(0, segment.captured)).split(/\r?\n/);
    const message = {
        from: address(segment.source, segment.ip_version), port: segment.source_port,
        to: address(segment.destination, segment.ip_version), toPort: segment.destination_port,
        kind: kind === "HTTP_REQUEST" ? "request" : "response", line, length: segment.length,
    };
    if (file === undefined) console.log(`${message.from}:${message.port} > ${message.to}:${message.toPort} ${line}`);
    else written.push(JSON.stringify(message));
});

const summary = () => `${requests} requests, ${responses} responses, ${total(ebpf.maps.lost[0])} segments lost`;
ebpf.command("counts", "messages seen and segments lost", summary);
ebpf.atEnd(() => {
    if (file !== undefined) ebpf.write(file, written.map(line => `${line}\n`).join(""));
    console.log(summary());
});
