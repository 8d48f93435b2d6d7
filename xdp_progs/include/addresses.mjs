// Addresses as people write them, and as the maps of these programs hold them: IPv4 as the number that is meant, IPv6 and MAC as arrays of bytes.

// Rules come by the ten thousand, and most of a control program runs before it is compiled: no regular expressions where simple steps will do.

/** The number that digits say, or NaN for anything else or a number above the limit. */
function whole(text, limit) {
    const number = Number(text);
    return number <= limit && String(number) === text ? number : NaN;
}

/** 0x0a000001 of "10.0.0.1". */
export function ipv4(text) {
    const parts = text.split(".");
    const number = ((whole(parts[0], 255) * 256 + whole(parts[1], 255)) * 256 + whole(parts[2], 255)) * 256 + whole(parts[3], 255);
    if (parts.length !== 4 || !(number >= 0)) {
        throw new Error(`${text} is no IPv4 address`);
    }
    return number;
}

/** "10.0.0.1" of 0x0a000001. */
export function ipv4Text(number) {
    return ipv4Bytes(number).join(".");
}

/** The four bytes of a number, as IPv4 packets have them. */
export function ipv4Bytes(number) {
    return [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255];
}

/** Sixteen bytes of "2001:db8::1". */
export function ipv6(text) {
    const wrong = new Error(`${text} is no IPv6 address`);
    const halves = text.split("::");
    const groups = halves.map(half => (half === "" ? [] : half.split(":")));
    const given = groups.flat().length;
    if (halves.length > 2 || (halves.length === 2 ? given > 7 : given !== 8) || groups.flat().some(group => !/^[0-9a-fA-F]{1,4}$/.test(group))) {
        throw wrong;
    }
    const all = [...groups[0], ...Array(8 - given).fill("0"), ...(groups[1] ?? [])];
    return all.flatMap(group => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255]);
}

/** The text of RFC 5952: the longest run of two or more zero groups is "::". */
export function ipv6Text(bytes) {
    const groups = Array.from({length: 8}, (_, i) => ((bytes[2 * i] << 8) | bytes[2 * i + 1]).toString(16));
    let start = -1, length = 1;
    for (let i = 0; i < 8; i++) {
        let end = i;
        while (end < 8 && groups[end] === "0") end++;
        if (end - i > length) [start, length] = [i, end - i];
    }
    return start < 0 ? groups.join(":") : `${groups.slice(0, start).join(":")}::${groups.slice(start + length).join(":")}`;
}

/** "10.0.0.0/8" of its bytes. */
export function prefixText(bytes, length) {
    return `${bytes.length === 4 ? [...bytes].join(".") : ipv6Text(bytes)}/${length}`;
}

/** Six bytes of "02:00:00:00:00:01". */
export function mac(text) {
    const parts = text.split(":");
    if (parts.length !== 6 || parts.some(part => !/^[0-9a-fA-F]{1,2}$/.test(part))) {
        throw new Error(`${text} is no MAC address`);
    }
    return parts.map(part => parseInt(part, 16));
}

export function macText(bytes) {
    return [...bytes].map(byte => byte.toString(16).padStart(2, "0")).join(":");
}

/** {address: IPv4 as a number, port} of "10.0.0.1:80". */
export function endpoint(text) {
    const colon = text.lastIndexOf(":");
    return {address: ipv4(text.slice(0, Math.max(0, colon))), port: port(text.slice(colon + 1))};
}

export function port(text) {
    const number = whole(text, 65535);
    if (!(number >= 0)) {
        throw new Error(`${text} is no port number`);
    }
    return number;
}

const PROTOCOLS = {icmp: 1, igmp: 2, tcp: 6, udp: 17, gre: 47, esp: 50, icmpv6: 58, ospf: 89, vrrp: 112, sctp: 132};

/** 6 of "tcp" or "6". */
export function protocol(text) {
    const number = PROTOCOLS[text] ?? whole(text, 255);
    if (!(number >= 0)) {
        throw new Error(`${text} is no IP protocol`);
    }
    return number;
}

export function protocolText(number) {
    return Object.keys(PROTOCOLS).find(name => PROTOCOLS[name] === number) ?? String(number);
}

/** The sum of the values that the CPUs have, as a BigInt. */
export function total(values) {
    return [...values].reduce((sum, value) => sum + BigInt(value), 0n);
}

/** Rows of columns as lines: the first column is words, the others are numbers. */
export function table(rows) {
    const widths = rows.reduce((most, row) => row.map((cell, i) => Math.max(most[i] ?? 0, String(cell).length)), []);
    return rows.map(row => row.map((cell, i) => (i === 0 ? String(cell).padEnd(widths[i]) : String(cell).padStart(widths[i]))).join("  ")).join("\n");
}
