package org.trufflebpf.tests.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.trufflebpf.tests.Project;

/** Rules of xdp-acl by the thousand, before and while packets come. */
@Timeout(180)
class RulesUnderTrafficTest {
    private static final String OBJECT = Project.program("xdp-acl").toString();
    private static final String CONTROL = Project.ROOT.resolve("xdp_progs/xdp-acl/xdp-acl.mjs").toString();

    @TempDir
    private Path folder;

    @Test
    void tenThousandRulesLoad() throws Exception {
        Random random = new Random(7);
        TreeSet<String> rules = new TreeSet<>();
        while (rules.size() < 10_000) {
            rules.add(random.nextInt(1, 224) + "." + random.nextInt(256) + "." + random.nextInt(256) + ".0/24");
        }
        Path file = folder.resolve("rules.txt");
        Files.writeString(file, rules.stream().map(rule -> "permit " + rule + "\n").reduce("", String::concat));
        try (SteeredRun run = new SteeredRun(OBJECT, List.of("--port", "gen:eth / ipv4 src=0.0.0.0/0 / udp,count=1", "--control", CONTROL, "--",
                file.toString()))) {
            Matcher loaded = Pattern.compile("10000 rules loaded in (\\d+) ms").matcher(run.awaitEnd());
            assertTrue(loaded.find());
            // Below one second on a quiet machine; this one may be busy with anything.
            assertTrue(Integer.parseInt(loaded.group(1)) < 30_000, loaded.group());
        }
    }

    /** Rules come and go by the thousand; at any time some rule permits every packet, so each packet that is dropped or missing is a mistake. */
    @Test
    void changesLoseNoPacket() throws Exception {
        Path file = folder.resolve("change.mjs");
        Files.writeString(file, """
                const rules = ebpf.maps.ipv4_rules;
                const rule = (a, b, c, prefixlen) => ({prefixlen, address: [a, b, c, 0]});
                const permit = {action: 'PERMIT', hits: 0};
                for (const high of [0, 128]) rules.set(rule(high, 0, 0, 1), permit);
                let changes = 0;
                ebpf.every(1, () => {
                    for (let i = 0; i < 50; i++, changes++) {
                        const key = rule(10, changes % 4, (changes * 7) % 256, 16 + changes % 9);
                        if (changes % 1000 < 500) rules.set(key, permit); else rules.delete(key);
                    }
                    if (changes >= 5000) ebpf.stop();
                });
                ebpf.atEnd(() => {
                    const {received, pass, drop, aborted} = ebpf.statistics();
                    console.log(received.packets > 0, received.packets === pass.packets, drop.packets, aborted.packets);
                });
                """);
        try (SteeredRun run = new SteeredRun(OBJECT, List.of("--port", "gen:eth / ipv4 src=10.0.0.0/14 / udp,rate=200K",
                "--control", file.toString()))) {
            assertEquals("true true 0 0\n", run.awaitEnd());
        }
    }
}
