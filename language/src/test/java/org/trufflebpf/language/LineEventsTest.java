package org.trufflebpf.language;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.truffle.api.instrumentation.InstrumentableNode;
import com.oracle.truffle.api.instrumentation.StandardTags.StatementTag;
import com.oracle.truffle.api.nodes.Node;
import com.oracle.truffle.api.nodes.NodeUtil;
import com.oracle.truffle.api.nodes.RootNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.ResourceLimits;
import org.graalvm.polyglot.SourceSection;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.management.ExecutionListener;
import org.junit.jupiter.api.Test;
import org.trufflebpf.language.nodes.NodeBuilder;

/** What tools see of a program's C lines, and what programs pay without tools. */
final class LineEventsTest {
    /** Twelve bytes of addresses, then ARP. */
    private static final byte[] ARP = new byte[60];
    private static final byte[] CUT = new byte[13];

    static {
        ARP[12] = 8;
        ARP[13] = 6;
    }

    private static final String TEXT = """
            .program branch
                r0 = 1
                r2 = *(u32 *)(r1 + 12)
                if r2 == 1 goto end
                r0 = 2
            end:
                exit
            """;

    private static Value drop(Context context) {
        return context.eval(Objects.source("xdp_drop")).getMember("programs").getMember("xdp_drop");
    }

    private static long statementNodes(Context context, String program) {
        context.enter();
        try {
            RootNode root = EbpfLanguage.context().instances().iterator().next().program(program).target().getRootNode();
            return NodeUtil.findAllNodeInstances(root, Node.class).stream() //
                            .filter(node -> node instanceof InstrumentableNode statement && statement.hasTag(StatementTag.class)).count();
        } finally {
            context.leave();
        }
    }

    /** The lines that the program enters for {@code packet}, in order. */
    private static List<String> lines(Value program, Context context, byte[] packet) {
        List<String> lines = new ArrayList<>();
        try (ExecutionListener listener = ExecutionListener.newBuilder().statements(true).onEnter(event -> {
            SourceSection line = event.getLocation();
            lines.add(line.getSource().getName() + ":" + line.getStartLine() + " " + line.getCharacters().toString().strip());
        }).attach(context.getEngine())) {
            program.execute((Object) packet.clone());
        }
        return lines;
    }

    private static List<String> inDrop(List<String> start, String... more) {
        return Stream.concat(start.stream(), Stream.of(more)).map(line -> "./xdp_drop/xdp_drop.c:" + line).toList();
    }

    @Test
    void listenersSeeTheLinesThatAPacketTakes() {
        try (Context context = Objects.context().build()) {
            Value program = drop(context);
            assertEquals(0, program.execute((Object) CUT).asInt());
            // In the order in which clang placed the instructions.
            List<String> start = List.of("12 int xdp_drop(struct xdp_md *ctx)", "15 void *data_end = (void *)(long)ctx->data_end;",
                            "14 void *data = (void *)(long)ctx->data;", "22 if ((void *)(eth + 1) > data_end)");
            assertEquals(inDrop(start, "43 }"), lines(program, context, CUT));
            assertEquals(inDrop(start, "24 if (eth->h_proto != bpf_htons(ETH_P_IP))", "43 }"), lines(program, context, ARP));
        }
    }

    /** The tool comes when packets have been through the parts, and finds one piece. */
    @Test
    void programsInPartsHaveTheSameLines() {
        try (Context context = Objects.context().allowExperimentalOptions(true).option("ebpf.PartLimit", "1").build()) {
            Value program = drop(context);
            assertEquals(2, program.execute((Object) ARP.clone()).asInt());
            assertTrue(parts(context, "xdp_drop") > 5);
            List<String> lines = lines(program, context, ARP);
            assertEquals(0, parts(context, "xdp_drop"));
            try (Context whole = Objects.context().build()) {
                assertEquals(lines(drop(whole), whole, ARP), lines);
            }
            assertEquals(0, program.execute((Object) CUT).asInt());
        }
    }

    private static int parts(Context context, String program) {
        context.enter();
        try {
            return NodeBuilder.parts(EbpfLanguage.context().instances().iterator().next().program(program).target()).size();
        } finally {
            context.leave();
        }
    }

    @Test
    void theLinesOfATextAreItsOwn() {
        try (Context context = Objects.context().build()) {
            Value program = context.eval(EbpfLanguage.ID, TEXT).getMember("programs").getMember("branch");
            assertEquals(List.of("Unnamed:2 r0 = 1", "Unnamed:3 r2 = *(u32 *)(r1 + 12)", "Unnamed:4 if r2 == 1 goto end", "Unnamed:7 exit"),
                            lines(program, context, ARP));
        }
    }

    @Test
    void rootsAreProgramsOncePerPacket() {
        List<String> roots = new ArrayList<>();
        try (Context context = Objects.context().build()) {
            Value program = drop(context);
            try (ExecutionListener listener = ExecutionListener.newBuilder().roots(true).onEnter(event -> roots.add(event.getRootName() + " " +
                            event.getLocation().getStartLine() + "-" + event.getLocation().getEndLine())).attach(context.getEngine())) {
                program.execute((Object) CUT);
                program.execute((Object) ARP);
            }
            assertEquals(List.of("xdp_drop 12-43", "xdp_drop 12-43"), roots);
        }
    }

    @Test
    void withoutAToolThereAreNoLineNodes() {
        try (Context context = Objects.context().build()) {
            Value program = drop(context);
            program.execute((Object) ARP.clone());
            assertEquals(0, statementNodes(context, "xdp_drop"));
            lines(program, context, ARP);
            assertTrue(statementNodes(context, "xdp_drop") > 0);
        }
    }

    @Test
    void statementsCanBeLimited() {
        ResourceLimits limits = ResourceLimits.newBuilder().statementLimit(20, null).build();
        // Closing a cancelled context would throw again.
        Context context = Objects.context().resourceLimits(limits).build();
        try {
            Value program = drop(context);
            assertEquals(2, program.execute((Object) ARP.clone()).asInt());
            PolyglotException e = assertThrows(PolyglotException.class, () -> {
                for (int i = 0; i < 20; i++) {
                    program.execute((Object) ARP.clone());
                }
            });
            assertTrue(e.isResourceExhausted() && e.isCancelled(), e.toString());
        } finally {
            context.close(true);
        }
    }
}
