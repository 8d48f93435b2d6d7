// Rules of xdp-acl. Arguments: files with a rule per line, `permit PREFIX` or `deny PREFIX`.
import {prefixText, table} from "../include/addresses.mjs";

const {ipv4_rules, ipv6_rules, config} = ebpf.maps;

const rulesFor = prefix => (prefix.includes(":") ? ipv6_rules : ipv4_rules);
const PERMIT = {action: "PERMIT", hits: 0};
const DENY = {action: "DENY", hits: 0};

function load(file) {
    const rules = ebpf.words(file);
    for (let i = 0; i < rules.length; i++) {
        const action = rules[i][0];
        const prefix = rules[i][1];
        if ((action !== "permit" && action !== "deny") || prefix === undefined) {
            throw new Error(`${file}: a rule is permit PREFIX or deny PREFIX, not ${action} ${prefix ?? ""}`);
        }
        rulesFor(prefix).set(prefix, action === "permit" ? PERMIT : DENY);
    }
    return rules.length;
}

function list(limit = Infinity) {
    const rules = [...ipv4_rules, ...ipv6_rules].map(([rule, {action, hits}]) => [rule, action, hits]).sort((a, b) => b[2] - a[2]);
    const rows = rules.slice(0, Number(limit)).map(([rule, action, hits]) => [`${action.name} ${prefixText(rule.address, rule.prefixlen)}`, hits]);
    return rows.length === 0 ? "no rules" : table([["rule", "hits"], ...rows]);
}

ebpf.command("permit", "PREFIX...  permit packets from there", (...prefixes) => prefixes.forEach(text => rulesFor(text).set(text, PERMIT)));
ebpf.command("deny", "PREFIX...  drop packets from there", (...prefixes) => prefixes.forEach(text => rulesFor(text).set(text, DENY)));
ebpf.command("remove", "PREFIX...  forget the rule", (...prefixes) => prefixes.forEach(text => {
    if (!rulesFor(text).delete(text)) throw new Error(`there is no rule for ${text}`);
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
