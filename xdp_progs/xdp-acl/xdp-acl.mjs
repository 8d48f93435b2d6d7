// Rules of xdp-acl. Arguments: files with a rule per line, `permit PREFIX` or `deny PREFIX`.
import {lines, prefix, prefixText, table} from "../include/addresses.mjs";

const {ipv4_rules, ipv6_rules, config} = ebpf.maps;

function key(text) {
    const {family, length, bytes} = prefix(text);
    return [family === 4 ? ipv4_rules : ipv6_rules, {prefixlen: length, address: bytes}];
}

function add(action, text) {
    const [rules, rule] = key(text);
    rules.set(rule, {action, hits: 0});
}

function load(file) {
    let count = 0;
    for (const [action, text] of lines(ebpf.read(file))) {
        if ((action !== "permit" && action !== "deny") || text === undefined) {
            throw new Error(`${file}: a rule is permit PREFIX or deny PREFIX, not ${action} ${text ?? ""}`);
        }
        add(action === "permit" ? "PERMIT" : "DENY", text);
        count++;
    }
    return count;
}

function list(limit = Infinity) {
    const rules = [...ipv4_rules, ...ipv6_rules].map(([rule, {action, hits}]) => [rule, action, hits]).sort((a, b) => b[2] - a[2]);
    const rows = rules.slice(0, Number(limit)).map(([rule, action, hits]) => [`${action.name} ${prefixText(rule.address, rule.prefixlen)}`, hits]);
    return rows.length === 0 ? "no rules" : table([["rule", "hits"], ...rows]);
}

ebpf.command("permit", "PREFIX...  permit packets from there", (...prefixes) => prefixes.forEach(text => add("PERMIT", text)));
ebpf.command("deny", "PREFIX...  drop packets from there", (...prefixes) => prefixes.forEach(text => add("DENY", text)));
ebpf.command("remove", "PREFIX...  forget the rule", (...prefixes) => prefixes.forEach(text => {
    const [rules, rule] = key(text);
    if (!rules.delete(rule)) throw new Error(`there is no rule for ${text}`);
}));
ebpf.command("load", "FILE  add the rules of a file", file => `${load(file)} rules`);
ebpf.command("list", "[N]  rules and what they decided on, most hits first", list);
ebpf.command("permitted", "tx|pass  what becomes of permitted packets", verdict => {
    config[0] = {permitted: verdict === "tx" ? "XDP_TX" : "XDP_PASS"};
});

const start = Date.now();
const count = [...ebpf.arguments].map(load).reduce((a, b) => a + b, 0);
if (count > 0) console.log(`${count} rules loaded in ${Date.now() - start} ms`);
ebpf.atEnd(() => console.log(list(10)));
