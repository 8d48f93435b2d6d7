package org.trufflebpf.launcher;

import java.util.List;

/** The subcommands: how they are written, and what of the language's bindings does them. */
enum Command implements Subcommand {
    RUN("run", "run", "OBJECT --port SPEC...", "give a program the packets of ports (run may be left out)", List.of(
            new Option("--port", "SPEC", "a port: pcap:in.pcap[,pace][,out=out.pcap], gen:PACKET[,rate=N][,count=N], xsk:INTERFACE[,queue=N], dpdk:DEVICE or tap:NAME; repeatable"),
            new Option("--program", "NAME", "the program to run, where the object has several"),
            new Option("--count", "N", "stop after N packets"),
            new Option("--duration", "SECONDS", "stop after this time"),
            new Option("--workers", "N", "threads that process packets, each with its queues of the ports (default 1)"),
            new Option("--busy-poll", null, "keep the processors busy while no packets come, instead of sleeping"),
            new Option("--share-processors", null, "let compilers and collectors run on the processors of live ports' workers, too"),
            new Option("--map-init", "FILE", "fill maps from a JSON file first"),
            new Option("--map-dump", "FILE", "write all maps to a JSON file at the end"),
            new Option("--control", "FILE", "a control program, in JavaScript (.js, .mjs) or another installed language; words after -- are its arguments"),
            new Option("--name", "NAME", "let ebpf ctl NAME reach this run"),
            new Option("--stats", "KIND", "table, json or none"),
            new Option("--stats-interval", "SECONDS", "show the numbers so far this often, not only at the end (1 on live ports)"),
            new Option("--pass", "WHERE", "where passed packets go: drop, FILE.pcap, or tap:NAME for the kernel's network stack"),
            new Option("--clock", "TIME", "what programs take for now: capture, wall or nanoseconds"),
            new Option("--seed", "N", "seed of the random numbers that programs draw"),
            new Option("--env", "FILE", "interfaces, routes and neighbours that programs see, in JSON; kernel for this machine's own"),
            new Option("--save-traps", "DIR", "save the first packet that traps at each place, with the maps, for ebpf replay --trap"),
            new Option("--allow-interpreter", null, "do not warn when the Graal compiler is missing"),
            new Option("--progress", null, "draw a progress bar on standard error (default on a terminal)"))),
    INFO("info", "info", "OBJECT", "programs, maps and types of an object", List.of()),
    DISASM("disasm", "disasm", "OBJECT", "instructions with their C lines", List.of(
            new Option("--program", "NAME", "only this program"))),
    VERIFY("verify", "verify", "OBJECT", "what is proved of its programs, what is checked when they run, what is rejected, by C line", List.of(
            new Option("--program", "NAME", "only this program"),
            new Option("--json", null, "print JSON"),
            new Option("--log", null, "print all that is known before each instruction"))),
    REPLAY("replay", "replay", "OBJECT [OTHER]", "run packets step by step and show what each C line changes, or where two objects begin to differ", List.of(
            new Option("--capture", "FILE", "take packets of this capture"),
            new Option("--frame", "N[-M]", "which of them, counted from 1 (default 1)"),
            new Option("--packet", "HEX", "a packet in hexadecimal digits instead"),
            new Option("--trap", "FILE", "a packet that a run with --save-traps saved, with the maps and the program that it met"),
            new Option("--program", "NAME", "the program to run, where the object has several"),
            new Option("--map-init", "FILE", "fill maps from a JSON file or a snapshot first"),
            new Option("--seed", "N", "seed of the random numbers that programs draw"))),
    TEST("test", "test", "FILE...", "run packet tests", List.of(
            new Option("--junit", "FILE", "also write a JUnit report"),
            new Option("--compile", null, "compile each program before its packets run"))),
    BATCH("batch", "batch", "", "answer JSON lines from standard input", List.of(
            new Option("--compile", null, "compile each program before its packets run"),
            new Option("--env", "FILE", "interfaces, routes and neighbours that programs see, in JSON; kernel for this machine's own"))),
    /** Its arguments are those of a run's commands. */
    CTL("ctl", "ctl", "NAME VERB...", "ask a run that was started with --name: maps, numbers, commands of its control program", null),
    /** Its arguments are the protocol's, so the launcher judges none of them. */
    CONFORMANCE_PLUGIN("conformance-plugin", "conformancePlugin", "[MEMORY_HEX]", "run a program, in hexadecimal on standard input or after --program, over the memory and print r0, as the bpf_conformance suite asks", null);

    private final String word;
    private final String member;
    private final String operands;
    private final String description;
    private final List<Option> options;

    Command(String word, String member, String operands, String description, List<Option> options) {
        this.word = word;
        this.member = member;
        this.operands = operands;
        this.description = description;
        this.options = options;
    }

    @Override
    public String word() {
        return word;
    }

    /** The executable member of the language's bindings. */
    String member() {
        return member;
    }

    @Override
    public String operands() {
        return operands;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public List<Option> options() {
        return options == null ? List.of() : options;
    }

    @Override
    public boolean takesAnything() {
        return options == null;
    }
}
