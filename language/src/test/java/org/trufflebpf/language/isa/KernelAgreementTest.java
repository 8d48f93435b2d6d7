package org.trufflebpf.language.isa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.trufflebpf.io.linux.Bpf;
import org.trufflebpf.io.linux.BpfException;
import org.trufflebpf.io.linux.KernelProgram;
import org.trufflebpf.io.linux.KernelVersion;

/**
 * The kernel accepts nothing that the decoder rejects, and the decoder nothing that the kernel rejects for encoding or structure, over
 * instructions with random fields.
 */
class KernelAgreementTest {

    private static final int PROGRAMS = 4000;

    /** What the verifier says when neither registers nor memory have to do with it. */
    private static final Pattern NOT_DATA_FLOW = Pattern.compile("reserved fields|unknown opcode|invalid bpf_ld_imm64|unrecognized bpf_ld_imm64"
            + "|R1[1-5] is invalid|jump out of range|unreachable insn|last insn is not|frame pointer is read only|div by zero|invalid shift"
            + "|atomic opcode|atomic operand size|invalid may_goto|jump into the middle");

    @BeforeAll
    static void needsTheKernel() {
        boolean there = Bpf.available() && KernelVersion.current().isAtLeast(6, 15);
        String reason = Bpf.available() ? "this kernel does not have all instructions, 6.15 has" : Bpf.reason();
        if (!there) {
            System.out.println("skipped: " + reason);
        }
        assumeTrue(there, reason);
    }

    /** Sets all registers and 16 bytes of stack, so that an instruction behind it finds something to work on. */
    private static String prologue() {
        StringBuilder text = new StringBuilder();
        for (int register = 0; register < 10; register++) {
            text.append("r").append(register).append(" = 1 / ");
        }
        return text + "*(u64 *)(r10 - 8) = 1 / *(u64 *)(r10 - 16) = 1";
    }

    @Test
    void agreesWithTheKernel() {
        Random random = new Random(618);
        byte[] prologue = Rows.assemble(prologue());
        List<byte[]> instructions = InstructionTest.instructions().stream().map(row -> HexFormat.of().parseHex(row.split(" +", 2)[0])).toList();
        int accepted = 0;
        for (int i = 0; i < PROGRAMS; i++) {
            byte[] instruction = mutant(random, instructions.get(i % instructions.size()));
            byte[] code = new byte[prologue.length + instruction.length + 16];
            System.arraycopy(prologue, 0, code, 0, prologue.length);
            System.arraycopy(instruction, 0, code, prologue.length, instruction.length);
            code[code.length - 16] = (byte) 0xb7;
            code[code.length - 8] = (byte) 0x95;
            accepted += check(code, HexFormat.of().formatHex(instruction)) ? 1 : 0;
        }
        assertTrue(accepted > PROGRAMS / 20, accepted + " accepted");
    }

    private static byte[] mutant(Random random, byte[] instruction) {
        int[] offsets = {0, 0, 0, 1, -1, 2, 8, 16, 32, -8, -16};
        int[] immediates = {0, 0, 0, 1, -1, 16, 32, 64, 31, 63, 0x40, 0x51, 0xe1, 0xf1, 0x100, 0x110};
        RawInstruction raw = RawInstruction.at(instruction, 0);
        boolean changeRegisters = random.nextBoolean();
        int target = changeRegisters ? random.nextInt(12) : raw.target();
        int source = changeRegisters && random.nextBoolean() ? random.nextInt(12) : raw.source();
        int offset = random.nextBoolean() ? offsets[random.nextInt(offsets.length)] : raw.offset();
        int immediate = random.nextBoolean() ? immediates[random.nextInt(immediates.length)] : raw.immediate();
        new RawInstruction(raw.opcode(), target, source, offset, immediate).write(instruction, 0);
        return instruction.clone();
    }

    /** Returns whether both accepted it. */
    private static boolean check(byte[] code, String instruction) {
        String rejection = null;
        try {
            Decoder.decode(code, Map.of(), Map.of());
        } catch (MalformedCodeException e) {
            rejection = e.getMessage();
        }
        try (KernelProgram program = KernelProgram.load(code, "GPL", "agreement")) {
            assertTrue(program.fd() >= 0);
            assertEquals(null, rejection, instruction + " is accepted by the kernel");
            return true;
        } catch (BpfException e) {
            if (rejection == null && NOT_DATA_FLOW.matcher(e.log()).find()) {
                fail(instruction + " is accepted by the decoder, the kernel says " + e.log());
            }
            return false;
        }
    }
}
