// Records of xpress-dns. Arguments: zone files with a line per record, `NAME [TTL] [IN] A ADDRESS`.
import {ipv4, ipv4Bytes, table} from "../include/addresses.mjs";

const records = ebpf.maps.xdns_a_records;
const A = 1, IN = 1, DEFAULT_TTL = 300, NAME_BYTES = 256;

/** The key of a name: before each label a byte with its length, lower case, zeros after the last. */
function key(name) {
    const labels = name.toLowerCase().replace(/\.$/, "").split(".");
    const bytes = labels.flatMap(label => [label.length, ...Array.from(label, char => char.charCodeAt(0))]);
    if (labels.some(label => label.length === 0 || label.length > 63) || bytes.length > 254 || bytes.some(byte => byte > 126)) {
        throw new Error(`${name} is no name`);
    }
    return {record_type: A, class: IN, name: [...bytes, ...Array(NAME_BYTES - bytes.length).fill(0)]};
}

function nameText(bytes) {
    const labels = [];
    for (let i = 0; i < NAME_BYTES && bytes[i] !== 0; i += bytes[i] + 1) {
        labels.push(String.fromCharCode(...[...bytes].slice(i + 1, i + 1 + bytes[i])));
    }
    return labels.join(".");
}

const add = (name, address, ttl = DEFAULT_TTL) => records.set(key(name), {address: ipv4Bytes(ipv4(address)), ttl: Number(ttl)});

function load(file) {
    let count = 0;
    for (const [name, ...rest] of ebpf.words(file)) {
        const words = rest.filter(word => word.toUpperCase() !== "IN");
        const ttl = words.length === 3 ? words.shift() : DEFAULT_TTL;
        if (words.length !== 2 || words[0].toUpperCase() !== "A") {
            throw new Error(`${file}: a record is NAME [TTL] [IN] A ADDRESS, not ${[name, ...rest].join(" ")}`);
        }
        add(name, words[1], ttl);
        count++;
    }
    return count;
}

function list() {
    const rows = [...records].map(([{name}, {address, ttl}]) => [nameText(name), [...address].join("."), ttl]);
    return table([["name", "address", "TTL"], ...rows.sort((a, b) => (a[0] < b[0] ? -1 : 1))]);
}

ebpf.command("add", "NAME ADDRESS [TTL]  answer queries for a name", add);
ebpf.command("remove", "NAME...  answer no more", (...names) => names.forEach(name => {
    if (!records.delete(key(name))) throw new Error(`there is no record for ${name}`);
}));
ebpf.command("load", "FILE  add the records of a zone file", file => `${load(file)} records`);
ebpf.command("list", "records", list);
[...ebpf.arguments].forEach(load);
ebpf.atEnd(() => console.log(`${ebpf.statistics().tx.packets} queries answered from ${records.size} records`));
