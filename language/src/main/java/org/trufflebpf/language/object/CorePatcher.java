package org.trufflebpf.language.object;

import java.util.List;
import org.trufflebpf.language.btf.CoreRelocation;
import org.trufflebpf.language.btf.CoreResolver;
import org.trufflebpf.language.btf.CoreResolver.Resolution;
import org.trufflebpf.language.btf.MalformedBtfException;
import org.trufflebpf.language.isa.RawInstruction;

/**
 * Writes what relocations against kernel types resolve to into the instructions of a section: the immediate of arithmetic, the offset of a load or
 * store with the size of the access, or a 64-bit constant. What the target does not have makes the instruction a call that must not be reached.
 */
final class CorePatcher {
    private final CodeSection section;
    private final CoreResolver resolver;

    CorePatcher(CodeSection section, CoreResolver resolver) {
        this.section = section;
        this.resolver = resolver;
    }

    void patch(List<CoreRelocation> relocations) throws MalformedObjectException {
        for (CoreRelocation relocation : relocations) {
            int slot = relocation.offset() / RawInstruction.BYTES;
            if (relocation.offset() < 0 || relocation.offset() % RawInstruction.BYTES != 0 || slot >= section.slots()) {
                throw new MalformedObjectException("section " + section.name() + " has a relocation against a type at byte "
                        + Integer.toUnsignedString(relocation.offset()) + ", where no instruction is");
            }
            try {
                patch(slot, resolver.resolve(relocation));
            } catch (MalformedBtfException e) {
                throw at(slot, e.getMessage());
            }
        }
    }

    private void patch(int slot, Resolution resolution) throws MalformedObjectException {
        RawInstruction instruction = RawInstruction.at(section.code(), slot);
        if (!resolution.resolved()) {
            poison(slot, instruction);
            return;
        }
        switch (instruction.instructionClass()) {
            case RawInstruction.ALU, RawInstruction.ALU64 -> {
                if (instruction.usesRegister()) {
                    throw at(slot, "a relocation against a type at arithmetic on two registers");
                }
                check(slot, resolution, instruction.immediate(), (int) resolution.original());
                new RawInstruction(instruction.opcode(), instruction.target(), instruction.source(), instruction.offset(), (int) resolution.value())
                        .write(section.code(), slot);
            }
            case RawInstruction.LDX, RawInstruction.ST, RawInstruction.STX -> patchAccess(slot, instruction, resolution);
            case RawInstruction.LD -> patchConstant(slot, instruction, resolution);
            default -> throw at(slot, "a relocation against a type at a jump or call");
        }
    }

    private void patchAccess(int slot, RawInstruction access, Resolution resolution) throws MalformedObjectException {
        check(slot, resolution, access.offset(), resolution.original());
        if (resolution.value() < 0 || resolution.value() > Short.MAX_VALUE) {
            throw at(slot, "the field lies " + resolution.value() + " bytes into the target's type, too far for a load or store");
        }
        if (!resolution.resizable()) {
            poison(slot, access);
            return;
        }
        int opcode = access.opcode();
        if (resolution.size() != resolution.originalSize()) {
            if (access.size().bytes() != resolution.originalSize()) {
                throw at(slot, "it accesses " + access.size().bytes() + " bytes of a field of " + resolution.originalSize());
            }
            int sizeBits = switch (resolution.size()) {
                case 1 -> 0x10;
                case 2 -> 0x08;
                case 4 -> 0x00;
                case 8 -> 0x18;
                default -> throw at(slot, "the target's field has " + resolution.size() + " bytes, no load or store has");
            };
            opcode = opcode & ~0x18 | sizeBits;
        }
        new RawInstruction(opcode, access.target(), access.source(), (int) resolution.value(), access.immediate()).write(section.code(), slot);
    }

    private void patchConstant(int slot, RawInstruction constant, Resolution resolution) throws MalformedObjectException {
        if (constant.opcode() != RawInstruction.DOUBLE_CONSTANT || constant.source() != RawInstruction.CONSTANT || constant.offset() != 0
                || slot + 1 == section.slots()) {
            throw at(slot, "a relocation against a type at an instruction that takes none");
        }
        RawInstruction second = RawInstruction.at(section.code(), slot + 1);
        if (second.opcode() != 0 || second.target() != 0 || second.source() != 0 || second.offset() != 0) {
            throw at(slot, "the second slot of the 64-bit constant has more than an immediate");
        }
        check(slot, resolution, (long) second.immediate() << Integer.SIZE | Integer.toUnsignedLong(constant.immediate()), resolution.original());
        new RawInstruction(constant.opcode(), constant.target(), 0, 0, (int) resolution.value()).write(section.code(), slot);
        new RawInstruction(0, 0, 0, 0, (int) (resolution.value() >>> Integer.SIZE)).write(section.code(), slot + 1);
    }

    private void check(int slot, Resolution resolution, long found, long expected) throws MalformedObjectException {
        if (resolution.checked() && found != expected) {
            throw at(slot, "it has the constant " + found + " where its relocation against a type expects " + expected);
        }
    }

    /** Both slots of a 64-bit constant, so that the second one is an instruction as well. */
    private void poison(int slot, RawInstruction instruction) {
        RawInstruction call = new RawInstruction(Definitions.CALL, 0, RawInstruction.CALL_HELPER, 0, ProgramSpec.UNRESOLVED_HELPER);
        call.write(section.code(), slot);
        if (instruction.opcode() == RawInstruction.DOUBLE_CONSTANT && slot + 1 < section.slots()) {
            call.write(section.code(), slot + 1);
        }
    }

    private MalformedObjectException at(int slot, String what) {
        return new MalformedObjectException(section.describe(slot) + ": " + what);
    }
}
