package org.trufflebpf.tck;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;
import org.graalvm.polyglot.tck.LanguageProvider;
import org.graalvm.polyglot.tck.ResultVerifier;
import org.graalvm.polyglot.tck.Snippet;
import org.graalvm.polyglot.tck.TypeDescriptor;

/**
 * What the TCK runs of the language. Its expressions and statements are programs, whose one operand is a packet: an array of numbers that are
 * bytes.
 */
public final class TckSnippets implements LanguageProvider {
    private static final String ID = "ebpf";
    private static final Path OBJECT = Path.of("../../xdp_progs/xdp_drop/xdp_drop.o");
    private static final TypeDescriptor PACKET = TypeDescriptor.array(TypeDescriptor.NUMBER);
    private static final TypeDescriptor PROGRAM = TypeDescriptor.intersection(TypeDescriptor.OBJECT,
            TypeDescriptor.executable(TypeDescriptor.NUMBER, false, PACKET));

    private static final String PASS = """
            .program pass
                r0 = 2
                exit
            """;
    private static final String MAPS = """
            .map numbers array 4 8 3
            .map table hash 4 8 8
            .map line queue 0 4 4
            """ + PASS;
    /** The packet's length modulo 5 is the verdict. */
    private static final String LENGTH = """
            .program length
                r2 = *(u32 *)(r1 + 4)
                r3 = *(u32 *)(r1 + 0)
                r2 -= r3
                r0 = r2
                r0 %= 5
                exit
            """;
    /** DROP if the first byte is 0, ABORTED without one, else PASS. */
    private static final String BRANCH = """
            .program branch
                r0 = 0
                r2 = *(u32 *)(r1 + 0)
                r3 = *(u32 *)(r1 + 4)
                r4 = r2
                r4 += 1
                if r4 > r3 goto end
                r0 = 2
                r5 = *(u8 *)(r2 + 0)
                if r5 != 0 goto end
                r0 = 1
            end:
                exit
            """;
    /** Inverts all bytes, at most 64, and sends the packet back. */
    private static final String LOOP = """
            .program loop
                r2 = *(u32 *)(r1 + 0)
                r3 = *(u32 *)(r1 + 4)
                r6 = 0
            next:
                if r6 == 64 goto end
                r4 = r2
                r4 += 1
                if r4 > r3 goto end
                r5 = *(u8 *)(r2 + 0)
                r5 ^= 255
                *(u8 *)(r2 + 0) = r5
                r2 = r4
                r6 += 1
                goto next
            end:
                r0 = 3
                exit
            """;
    /** Counts packets in a map. */
    private static final String COUNT = """
            .map count array 4 8 1
            .program count_packets
                r1 = 0
                *(u32 *)(r10 - 4) = r1
                r2 = r10
                r2 += -4
                r1 = count ll
                call bpf_map_lookup_elem
                if r0 == 0 goto end
                r1 = *(u64 *)(r0 + 0)
                r1 += 1
                *(u64 *)(r0 + 0) = r1
            end:
                r0 = 1
                exit
            """;

    @Override
    public String getId() {
        return ID;
    }

    @Override
    public Value createIdentityFunction(Context context) {
        return context.getBindings(ID).getMember("identity");
    }

    @Override
    public Collection<? extends Snippet> createValueConstructors(Context context) {
        Value maps = context.eval(ID, MAPS);
        Value program = program(context, PASS, "pass");
        Value array = maps.getMember("maps").getMember("numbers");
        Value hash = maps.getMember("maps").getMember("table");
        hash.putHashEntry(7, 70);
        return List.of( //
                        value(context, "object from assembly", TypeDescriptor.OBJECT, () -> context.eval(ID, MAPS)),
                        value(context, "object from a file", TypeDescriptor.OBJECT, () -> context.eval(objectFile())),
                        value(context, "programs", TypeDescriptor.OBJECT, () -> maps.getMember("programs")),
                        value(context, "types", TypeDescriptor.OBJECT, () -> context.eval(objectFile()).getMember("btf")),
                        value(context, "program", PROGRAM, () -> program),
                        value(context, "function", TypeDescriptor.EXECUTABLE, () -> context.getBindings(ID).getMember("info")),
                        value(context, "array map", TypeDescriptor.intersection(TypeDescriptor.OBJECT, PACKET,
                                        TypeDescriptor.hash(TypeDescriptor.NUMBER, TypeDescriptor.NUMBER)), () -> array),
                        value(context, "hash map", TypeDescriptor.intersection(TypeDescriptor.OBJECT,
                                        TypeDescriptor.hash(TypeDescriptor.NUMBER, TypeDescriptor.NUMBER)), () -> hash),
                        value(context, "queue map", TypeDescriptor.OBJECT, () -> maps.getMember("maps").getMember("line")),
                        value(context, "verdict", TypeDescriptor.NUMBER, () -> program.execute((Object) new int[14])),
                        value(context, "value in a map", TypeDescriptor.NUMBER, () -> hash.getHashValue(7)),
                        value(context, "name", TypeDescriptor.STRING, () -> program.getMember("name")));
    }

    private static Snippet value(Context context, String name, TypeDescriptor type, Supplier<Value> constructor) {
        return Snippet.newBuilder(name, context.asValue(constructor), type).build();
    }

    @Override
    public Collection<? extends Snippet> createExpressions(Context context) {
        return onPackets(context, LENGTH, "length");
    }

    @Override
    public Collection<? extends Snippet> createStatements(Context context) {
        List<Snippet> statements = new ArrayList<>();
        statements.addAll(onPackets(context, BRANCH, "branch"));
        statements.addAll(onPackets(context, LOOP, "loop"));
        statements.addAll(onPackets(context, COUNT, "count_packets"));
        return statements;
    }

    /** Programs take buffers too, for which the TCK has no type but that of all objects: so there is one overload more. */
    private static List<Snippet> onPackets(Context context, String text, String name) {
        Value program = program(context, text, name);
        ResultVerifier verifier = TckSnippets::verify;
        return List.of(Snippet.newBuilder(name, program, TypeDescriptor.NUMBER).parameterTypes(PACKET).resultVerifier(verifier).build(),
                        Snippet.newBuilder(name, program, TypeDescriptor.NUMBER).parameterTypes(TypeDescriptor.OBJECT).resultVerifier(verifier)
                        .build());
    }

    /**
     * Some operands of the right type are no packets and must be refused. Operands of a wrong type are the TCK's: it looks for the exception itself.
     */
    private static void verify(ResultVerifier.SnippetRun run) {
        Value operand = run.getParameters().getFirst();
        if (run.getException() == null || !(isTooLarge(operand) || isPlainObject(operand))) {
            ResultVerifier.getDefaultResultVerifier().accept(run);
        }
    }

    /** Whether it is an array of numbers of which some are no bytes. */
    private static boolean isTooLarge(Value operand) {
        boolean areBytes = true;
        for (long i = 0; operand.hasArrayElements() && i < operand.getArraySize(); i++) {
            Value element = operand.getArrayElement(i);
            if (!element.isNumber()) {
                return false;
            }
            areBytes &= element.fitsInInt() && element.asInt() >= -128 && element.asInt() <= 255;
        }
        return !areBytes;
    }

    /** An entry of a Java map is one too: the TCK gives it no other type, though it can be read as an array of key and value. */
    private static boolean isPlainObject(Value operand) {
        boolean isEntry = operand.isHostObject() && operand.asHostObject() instanceof Map.Entry;
        return isEntry || operand.hasMembers() && !operand.isNumber() && !operand.hasArrayElements() && !operand.hasBufferElements();
    }

    @Override
    public Collection<? extends Snippet> createScripts(Context context) {
        return List.of( //
                        script(context, "a program", text("pass.s", PASS)),
                        script(context, "maps", text("maps.s", MAPS)),
                        script(context, "several programs", text("several.s", LENGTH + BRANCH + LOOP)),
                        script(context, "an object file", objectFile()));
    }

    private static Snippet script(Context context, String name, Source source) {
        return Snippet.newBuilder(name, context.parse(source), TypeDescriptor.OBJECT).build();
    }

    @Override
    public Collection<? extends Source> createInvalidSyntaxScripts(Context context) {
        return List.of( //
                        text("no operand", "r0 =\nexit\n"),
                        text("no such label", "goto nowhere\nexit\n"),
                        text("no such register", "r0 = r12\nexit\n"),
                        text("no such map type", ".map m chart 4 4 1\nexit\n"),
                        text("nothing", ""),
                        bytes("no object file", "This is no object file.".getBytes()),
                        bytes("a cut object file", Arrays.copyOf(file(), 200)));
    }

    private static Value program(Context context, String text, String name) {
        return context.eval(ID, text).getMember("programs").getMember(name);
    }

    private static Source text(String name, String text) {
        return Source.newBuilder(ID, text, name).buildLiteral();
    }

    private static Source objectFile() {
        return bytes("xdp_drop.o", file());
    }

    private static Source bytes(String name, byte[] bytes) {
        return Source.newBuilder(ID, ByteSequence.create(bytes), name).mimeType("application/x-bpf-elf").buildLiteral();
    }

    private static byte[] file() {
        try {
            return Files.readAllBytes(OBJECT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
