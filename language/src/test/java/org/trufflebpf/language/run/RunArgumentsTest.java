package org.trufflebpf.language.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.trufflebpf.io.generator.FlowChoice;
import org.trufflebpf.io.tap.TapSettings;
import org.trufflebpf.io.xsk.XskSettings;
import org.trufflebpf.language.run.RunArguments.StatisticsFormat;
import org.trufflebpf.language.runtime.Clock.Capture;
import org.trufflebpf.language.runtime.Clock.Fixed;
import org.trufflebpf.language.runtime.Clock.Wall;

class RunArgumentsTest {
    private static RunArguments parse(String line) {
        return RunArguments.parse(Arrays.asList(line.split(" ")));
    }

    @Test
    void takesOptionsAndOperandsInAnyOrder() {
        RunArguments arguments = parse("--port pcap:a.pcap,out=b.pcap x.o --port=pcap:c.pcap,ifindex=7 --program p --count 5 --duration 1.5 "
                + "--map-init i.json --map-dump d.json --stats json --pass q.pcap --clock 42 --seed -1 --allow-interpreter --progress");
        assertEquals(List.of("x.o"), arguments.operands());
        assertEquals(List.of(new PortSpec.Capture("a.pcap", "b.pcap", 1), new PortSpec.Capture("c.pcap", null, 7)), arguments.ports());
        assertEquals("p", arguments.program());
        assertEquals(5, arguments.count());
        assertEquals(1_500_000_000, arguments.duration());
        assertEquals("i.json", arguments.mapInit());
        assertEquals("d.json", arguments.mapDump());
        assertEquals(StatisticsFormat.JSON, arguments.statistics());
        assertEquals("q.pcap", arguments.pass());
        assertEquals(new Surroundings(new Fixed(42), -1), arguments.surroundings());
        assertTrue(arguments.allowInterpreter());
        assertTrue(arguments.progress());
    }

    @Test
    void hasDefaultsThatRepeat() {
        RunArguments arguments = parse("x.o");
        assertEquals(new Surroundings(new Capture(), 0), arguments.surroundings());
        assertEquals(Long.MAX_VALUE, arguments.count());
        assertEquals(Long.MAX_VALUE, arguments.duration());
        assertEquals(StatisticsFormat.TABLE, arguments.statistics());
    }

    @Test
    void readsClocks() {
        assertEquals(new Wall(), parse("--clock wall").surroundings().clock());
        assertEquals(new Fixed(16), parse("--clock 0x10").surroundings().clock());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --prot pcap:a             | unknown option --prot (did you mean --port?)
            --nonsense                | unknown option --nonsense
            --port                    | --port needs a value
            --port=                   | --port needs a value that is not empty
            --port pcap:              | --port pcap:: no file: use pcap:in.pcap[,pace[=SPEEDx]][,out=out.pcap][,ifindex=N]
            --port a.pcap             | --port a.pcap: unknown kind of port: use pcap:FILE, gen:PACKET, xsk:INTERFACE, dpdk:DEVICE or tap:NAME
            --port pcpa:a             | --port pcpa:a: unknown kind of port: use pcap:FILE, gen:PACKET, xsk:INTERFACE, dpdk:DEVICE or tap:NAME
            --port xsk:eth0,queues=2 --workers 3 | --port xsk:eth0: 2 queues do not go with 3 workers or queues: each worker has one queue of every interface
            --port pcap:a,ifindex=0   | --port pcap:a,ifindex=0: ifindex must be a whole number from 1 to 2147483647, not '0'
            --port pcap:a,out=        | --port pcap:a,out=: out needs a value: use pcap:in.pcap[,pace[=SPEEDx]][,out=out.pcap][,ifindex=N]
            --port pcap:a,up=b        | --port pcap:a,up=b: unknown part up=b: use pcap:in.pcap[,pace[=SPEEDx]][,out=out.pcap][,ifindex=N]
            --pass tap0               | --pass tap0: use drop, FILE.pcap or tap:NAME
            --seed x                  | --seed must be a whole number, not 'x'
            --count -1                | --count must be a whole number from 0 on, not '-1'
            --count 9999999999999999999 | --count must be a whole number from 0 on, not '9999999999999999999'
            --duration 0              | --duration must be a number of seconds above 0, not '0'
            --duration 1e999999999    | --duration must be a number of seconds above 0, not '1e999999999'
            --stats csv               | --stats must be table, json or none, not 'csv'
            --clock noon              | --clock must be capture, wall or a number of nanoseconds, not 'noon'
            --port gen:eth,rate=0     | --port gen:eth,rate=0: rate must be a whole number above 0, such as 1000, 20K, 2.5M or 1G, not '0'
            --port gen:eth,rate=1e9   | --port gen:eth,rate=1e9: rate must be a whole number above 0, such as 1000, 20K, 2.5M or 1G, not '1e9'
            --port gen:eth,count=1.5  | --port gen:eth,count=1.5: count must be a whole number above 0, such as 1000, 20K, 2.5M or 1G, not '1.5'
            --port pcap:a,pace=2      | --port pcap:a,pace=2: pace must be how many times as fast the packets come, such as 2x or 0.5x, not '2': use pcap:in.pcap[,pace[=SPEEDx]][,out=out.pcap][,ifindex=N]
            --port pcap:a,pace=0x     | --port pcap:a,pace=0x: pace must be how many times as fast the packets come, such as 2x or 0.5x, not '0x': use pcap:in.pcap[,pace[=SPEEDx]][,out=out.pcap][,ifindex=N]
            --port pcap:a,pace,pace=2x | --port pcap:a,pace,pace=2x: pace must be how many times as fast the packets come, such as 2x or 0.5x, not '2x and pace': use pcap:in.pcap[,pace[=SPEEDx]][,out=out.pcap][,ifindex=N]
            --port tap:               | --port tap:: no name: use tap:NAME[,ip=ADDRESS/BITS...][,mac=ADDRESS][,mtu=N][,up][,ifindex=N]
            --port tap:sixteen.letters. | --port tap:sixteen.letters.: 'sixteen.letters.' is no name for an interface (at most 15 bytes without blanks, / : and %): use tap:NAME[,ip=ADDRESS/BITS...][,mac=ADDRESS][,mtu=N][,up][,ifindex=N]
            --port tap:t0,ip=10.0.0.256/8 | --port tap:t0,ip=10.0.0.256/8: ip: '10.0.0.256' is no address: use tap:NAME[,ip=ADDRESS/BITS...][,mac=ADDRESS][,mtu=N][,up][,ifindex=N]
            --port tap:t0,ip=10.0.0.1/33 | --port tap:t0,ip=10.0.0.1/33: ip: '10.0.0.1/33' has no length from 0 to 32 after the /: use tap:NAME[,ip=ADDRESS/BITS...][,mac=ADDRESS][,mtu=N][,up][,ifindex=N]
            --port tap:t0,ip=10.0.0.1/8,ip=10.0.0.2/8 | --port tap:t0,ip=10.0.0.1/8,ip=10.0.0.2/8: one IPv4 and one IPv6 address at most: use tap:NAME[,ip=ADDRESS/BITS...][,mac=ADDRESS][,mtu=N][,up][,ifindex=N]
            --port tap:t0,mac=1:2     | --port tap:t0,mac=1:2: mac: '1:2' is no link address: use tap:NAME[,ip=ADDRESS/BITS...][,mac=ADDRESS][,mtu=N][,up][,ifindex=N]
            --port tap:t0,mtu=67      | --port tap:t0,mtu=67: mtu must be a whole number from 68 to 65521, not '67'
            --port tap:t0,down        | --port tap:t0,down: unknown part down: use tap:NAME[,ip=ADDRESS/BITS...][,mac=ADDRESS][,mtu=N][,up][,ifindex=N]
            --port gen:eth --port gen:eth --pass tap:t0 | --pass tap:t0: a TAP interface belongs to one port: add port=1 or 2
            --port gen:eth --pass tap:t0,port=2 | --pass tap:t0,port=2: there is no port 2: use port=1
            --port gen:eth --pass tap:t0 --pass tap:t1 | --pass tap:t0: port 1 has a TAP interface already
            --port gen:eth --pass tap:t0,up,what | --pass tap:t0,up,what: unknown part what: use tap:NAME[,port=N][,ip=ADDRESS/BITS...][,mac=ADDRESS][,mtu=N][,up]
            --allow-interpreter=yes   | --allow-interpreter takes no value
            """)
    void refuses(String line, String message) {
        CommandException e = assertThrows(CommandException.class, () -> parse(line));
        assertEquals(message, e.getMessage());
        assertEquals(2, e.exitStatus());
    }

    @Test
    void readsInterfaces() {
        String text = "xsk:eth0,queue=3,queues=2,mode=zerocopy,attach=generic,ring=64,pages=huge,checksums=keep,ifindex=9";
        XskSettings settings = new XskSettings("eth0", 9, 3, XskSettings.Copying.ZERO_COPY, XskSettings.Attaching.GENERIC, 64, true, true);
        RunArguments arguments = parse("--port " + text);
        assertEquals(List.of(new PortSpec.Sockets("xsk:eth0", settings, 2)), arguments.ports());
        assertEquals(2, arguments.workers());
        XskSettings usual = new XskSettings("eth0", 1, 0, XskSettings.Copying.AUTOMATIC, XskSettings.Attaching.AUTOMATIC, 2048, false, false);
        assertEquals(List.of(new PortSpec.Sockets("xsk:eth0", usual, 0)), parse("--port xsk:eth0").ports());
        assertEquals(1, parse("--port xsk:eth0").workers());
        assertEquals(4, parse("--workers 4 --port xsk:eth0").workers());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            xsk:                    | no interface
            xsk:eth0,mode=fast      | mode must be copy or zerocopy, not 'fast'
            xsk:eth0,pages=small    | pages must be huge, not 'small'
            xsk:eth0,ring=100       | ring must be a power of two, such as 4096, not 100
            xsk:eth0,count=5        | unknown part count=5
            """)
    void refusesWrongInterfaces(String port, String reason) {
        String message = assertThrows(CommandException.class, () -> parse("--port " + port)).getMessage();
        assertEquals("--port " + port + ": " + reason, message.substring(0, message.indexOf(": use xsk:INTERFACE")));
    }

    @Test
    void refusesPortsThatClash() {
        assertEquals("--port: two ports have the interface number 2", assertThrows(CommandException.class,
                () -> parse("--port pcap:a,ifindex=2 --port pcap:b")).getMessage());
        assertEquals("o.pcap would be written twice: give each output a file of its own", assertThrows(CommandException.class,
                () -> parse("--port pcap:a,out=o.pcap --pass o.pcap")).getMessage());
    }

    @Test
    void readsTapPorts() {
        RunArguments arguments =
                parse("--port tap:t0,ip=10.0.0.1/24,up,ip=2001:db8::1/64,mac=02:00:00:00:00:0a,mtu=9000,ifindex=5 --port pcap:a,pace "
                + "--port pcap:b,pace=2.5x --pass tap:t1,port=2,mac=eth0 --pass rest.pcap");
        TapSettings first = new TapSettings("t0", 5, 0x0200_0000_000aL, null, List.of(TapSettings.Address.parse("10.0.0.1/24"),
                TapSettings.Address.parse("2001:db8::1/64")), 9000, true);
        assertEquals(List.of(new PortSpec.Tap(first), new PortSpec.Capture("a", null, 2, 1), new PortSpec.Capture("b", null, 3, 2.5)),
                arguments.ports());
        assertEquals(List.of(new StackSpec("tap:t1,port=2,mac=eth0", new TapSettings("t1", 2, TapSettings.ANY_MAC, "eth0", List.of(), 0, false))),
                arguments.stack());
        assertEquals("rest.pcap", arguments.pass());
    }

    @Test
    void aCompanionHasTheEthernetAddressOfItsInterface() {
        assertEquals("eth0", parse("--port gen:eth --port xsk:eth0 --pass tap:t1,port=2").stack().getFirst().tap().macOf());
        assertNull(parse("--port gen:eth --port xsk:eth0 --pass tap:t1,port=1").stack().getFirst().tap().macOf());
        assertNull(parse("--port xsk:eth0 --pass tap:t1,mac=02:00:00:00:00:01").stack().getFirst().tap().macOf());
    }

    @Test
    void readsGeneratorPorts() {
        PortSpec.Generator port = (PortSpec.Generator) RunArguments.parse(List.of("--port",
                "gen:eth / payload \"a,b\",count=20K,rate=2.5M,flows=100,zipf=1.1,out=o.pcap,ifindex=3")).ports().getFirst();
        assertEquals("gen:eth / payload \"a,b\"", port.input());
        assertEquals(20_000, port.count());
        assertEquals(2_500_000, port.rate());
        assertEquals(new FlowChoice.Zipf(100, 1.1), port.choice());
        assertEquals("o.pcap", port.output());
        assertEquals(3, port.ifindex());
        assertEquals(new FlowChoice.InTurn(), ((PortSpec.Generator) parse("--port gen:eth,order=turn").ports().getFirst()).choice());
        assertEquals(new FlowChoice.Uniform(7), ((PortSpec.Generator) parse("--port gen:eth,flows=7").ports().getFirst()).choice());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gen:                    | --port gen:: no packet: use gen:PACKET
            gen:eth_                | --port gen:eth_: character 5: expected hex, frame, frames, or a header (eth,
            gen:eth,zipf=1          | --port gen:eth,zipf=1: zipf needs flows=N, at most 16777216: use gen:
            gen:eth,flows=2,flows=3 | --port gen:eth,flows=2,flows=3: flows is given twice: use gen:
            gen:eth,order=up        | --port gen:eth,order=up: order must be random or turn, not 'up': use gen:
            gen:eth,order=turn,flows=2 | --port gen:eth,order=turn,flows=2: order=turn goes through all values, so it takes neither flows nor zipf
            gen:eth,flows=2,zipf=-1 | --port gen:eth,flows=2,zipf=-1: zipf must be a number above 0, such as 1.1, not '-1': use gen:
            """)
    void refusesGeneratorPorts(String port, String start) {
        CommandException e = assertThrows(CommandException.class, () -> parse("--port " + port));
        assertTrue(e.getMessage().startsWith(start), e.getMessage());
        assertEquals(2, e.exitStatus());
    }
}
