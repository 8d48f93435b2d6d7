package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Control programs in JavaScript, in a context of their own: they see the maps of types.c with its types. */
class JavaScriptTest {
    private static final Path OBJECT = Project.ROOT.resolve("language/src/test/resources/objects/types.o");
    private static final String FLOW = """
            ({source: {family: 4, v4: 0x7f000001}, destination: {family: 6, v6: new Array(16).fill(255)}, ports: [443, 50000], protocol: 17,
              urgency: -3, spread: 2 ** 44, fragment: true, state: 'OPEN'})""";
    private static final String VALUE = """
            ({total: 2n ** 127n, balance: -(2n ** 100n), packets: 2n ** 64n - 1n, offset: -5, name: 'eth0', letter: 120, active: true, state: -7,
              mask: 'TOP', wide: 0xfedcba9876543210n, ratio: 0.5, average: 1e300, owner: 0, history: [1, 2, 3],
              steps: [{level: -1, length: 1500}, {level: 1, length: 9000}], serial: 2n ** 63n})""";

    private final Engine engine = Engine.newBuilder().option("engine.WarnInterpreterOnly", "false").build();
    private final Context programs = Context.newBuilder("ebpf").engine(engine).allowHostAccess(HostAccess.NONE).build();
    private final Context control = Context.newBuilder("js").engine(engine).allowHostAccess(HostAccess.NONE).build();

    @BeforeEach
    void handOver() throws IOException {
        Value object = programs.eval(Source.newBuilder("ebpf", OBJECT.toFile()).build());
        control.getBindings("js").putMember("maps", object.getMember("maps"));
        control.getBindings("js").putMember("program", object.getMember("programs").getMember("count"));
        control.eval("js", "const flow = " + FLOW + ", value = " + VALUE + "; const flows = maps.flows, numbers = maps.numbers;");
    }

    @AfterEach
    void close() {
        engine.close(true);
    }

    private Value js(String expression) {
        return control.eval("js", expression);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            read.name == 'eth0'
            read.name[3] === 48
            `${read.name}` === 'eth0'
            BigInt(read.total) === 2n ** 127n
            BigInt(read.packets) === 2n ** 64n - 1n
            read.packets > 2 ** 63
            BigInt(read.serial) === 2n ** 63n
            read.offset === -5
            read.active === true
            read.state == -7
            read.state.name === 'BROKEN'
            read.ratio === 0.5
            read.history.length === 3 && read.history[2] === 3
            read.steps[1].length === 9000
            Object.keys(read.steps[0]).join() === 'level,length'
            JSON.stringify(read.steps) === '[{"level":-1,"length":1500},{"level":1,"length":9000}]'
            read.missing === undefined
            (numbers[1] = new Uint8Array([1, 2, 3, 4]), numbers[1].whole) === 0x4030201
            (numbers[1] = new Uint8Array([1, 2, 3, 4]).buffer, numbers[1].whole) === 0x4030201
            (maps.counters.set('OPEN', new Array(16).fill(3n)), maps.counters.get(1)[15]) === 3
            """)
    void readsWhatItWrote(String condition) {
        js("flows.set(flow, value); const read = flows.get(flow);");
        assertTrue(js(condition).asBoolean(), condition);
    }

    @Test
    void writesAndCounts() {
        js("numbers[0] = {whole: 41}");
        js("program(new Uint8Array(64).buffer)");
        assertEquals(42, js("numbers[0].whole").asInt());
        assertEquals(42, js("numbers[0].halves.low").asInt());
        js("flows.set(flow, value); flows.set(flow, flows.get(flow))");
        assertEquals(1, js("flows.size").asInt());
        assertEquals("443", js("let port; for (const [key] of flows) port = key.ports[0]; String(port)").asString());
        assertEquals("[1500,\"hello\"]", js("JSON.stringify([maps['.rodata'][0].limit, String(maps['.rodata'][0].greeting)])").asString());
    }

    /** A ring buffer calls back with events as the object's types say. */
    @Test
    void eventsComeWithTheirTypes() throws IOException {
        Value object = programs.eval(Source.newBuilder("ebpf", Project.TEST_PROGRAMS.resolve("control/stress.o").toFile()).build());
        control.getBindings("js").putMember("object", object);
        js("""
                const send = () => object.programs.events(new Uint8Array([1, 0, 0, 0, 1, 0, 0, 0]).buffer);
                const events = object.maps.ring.as('struct event');
                const seen = [];
                send(); send();
                """);
        assertEquals(2, js("events.poll((event, cpu, lost) => seen.push(`${cpu} ${event.cpu} ${event.number}`))").asInt());
        assertEquals("-1 0 0,-1 0 1", js("seen.join()").asString());
        assertEquals(0, js("events.poll(event => seen.push(event), 1)").asInt());
        assertEquals("2,3", js("send(); send(); Array.from(events, event => event.number).join()").asString());
        assertTrue(js("events.take() === null").asBoolean());
        assertEquals(true, js("object.maps.queue.push({number: 1, inverse: 2n ** 64n - 2n}), object.maps.queue.pop().inverse > 2 ** 63").asBoolean());
        assertEquals("map queue: value: inverse: is missing: takes a whole number from 0 to 18446744073709551615 (EINVAL)",
                js("try { object.maps.queue.push({number: 1}); 'taken' } catch (e) { e.message }").asString());
    }

    /** What a loop has not come to yet it finds once, if it stays. */
    @Test
    void mapsMayChangeInLoops() throws IOException {
        Value object = programs.eval(Source.newBuilder("ebpf", Project.TEST_PROGRAMS.resolve("control/stress.o").toFile()).build());
        control.getBindings("js").putMember("hash", object.getMember("maps").getMember("hash"));
        js("const entry = count => ({check: 0, count, check_again: 0});");
        assertEquals("ok", js("""
                for (let key = 0; key < 64; key++) hash.set(key, entry(key));
                const met = new Map();
                for (const [key, {count}] of hash) {
                    if (key === count) met.set(key, (met.get(key) ?? 0) + 1);
                    if (key % 2) hash.delete(key);
                    else hash.set(key, entry(key));
                    hash.set(1000 + key % 8, entry(0));
                }
                [...Array(64).keys()].every(key => met.get(key) === 1) && met.size === 64 && hash.size === 40 ? 'ok' : [...met].join(' ')
                """).asString());
        assertEquals("map hash: update refused: full or beyond its 128 entries (E2BIG)", js("""
                let failure = null;
                try { for (let key = 0; key < 200; key++) hash.set(2000 + key, entry(0)); } catch (e) { failure = e.message; }
                failure
                """).asString());
    }

    @Test
    void errorsNameTheField() {
        PolyglotException e = assertThrows(PolyglotException.class, () -> js("flows.set({...flow, ports: [443, 65536]}, value)"));
        assertEquals("map flows: key: ports[1]: takes a whole number from 0 to 65535, not 65536 (EINVAL)", e.getMessage());
        assertEquals("map numbers: value: takes exactly one of whole, broken, halves, not none (EINVAL)",
                js("try { numbers[0] = {}; 'taken' } catch (e) { e.message }").asString());
    }
}
