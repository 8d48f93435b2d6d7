package org.trufflebpf.language.object;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.trufflebpf.language.btf.Btf;
import org.trufflebpf.language.btf.BtfExtension;
import org.trufflebpf.language.btf.BtfType;
import org.trufflebpf.language.btf.CoreResolver;
import org.trufflebpf.language.btf.MalformedBtfException;
import org.trufflebpf.language.btf.StringTable;
import org.trufflebpf.language.isa.RawInstruction;
import org.trufflebpf.language.object.ElfFile.Relocation;
import org.trufflebpf.language.object.ElfFile.Section;
import org.trufflebpf.language.object.ElfFile.Symbol;
import org.trufflebpf.language.object.ElfFile.SymbolType;

/**
 * Loads BPF object files as clang, the kernel's loader (libbpf) and iproute2 define them. The file is hostile until proved otherwise: time and memory
 * are bounded by its size, and whatever is wrong with it is a {@link MalformedObjectException}.
 */
public final class ObjectLoader {
    /** Instructions of all linked programs together: functions that many programs share count each time. */
    private static final int MAX_LINKED_SLOTS = 4 * CodeSection.MAX_SLOTS;
    /** The kernel's own limit, in bytes. */
    private static final int MAX_LICENSE = 127;

    /** iproute2: the program goes into this slot of the array of programs with this id. */
    private static final Pattern TAIL_CALL_SECTION = Pattern.compile("(NUMBER)/(NUMBER)".replace("NUMBER",
            "0[xX][0-9a-fA-F]{1,8}|0[0-7]{0,9}|[1-9]\\d{0,8}"));

    private final ElfFile elf;
    private final LoadOptions options;
    private final Map<Integer, List<Symbol>> symbols;
    private final Definitions definitions = new Definitions();
    private final List<CodeSection> code = new ArrayList<>();
    private final List<MapSpec> data = new ArrayList<>();
    private Btf btf;
    private BtfExtension extension = BtfExtension.EMPTY;

    private ObjectLoader(byte[] file, LoadOptions options) throws MalformedObjectException {
        this.elf = ElfFile.parse(file);
        this.options = options;
        this.symbols = elf.symbols().stream().collect(Collectors.groupingBy(Symbol::section));
    }

    /**
     * Reads an object file and links its programs. The same inputs always give the same result.
     *
     * @param file a whole ELF file; not changed, and not kept
     * @throws MalformedObjectException if it is not an object file for BPF, little-endian, or anything in it is broken or missing
     */
    public static ObjectSpec load(byte[] file, LoadOptions options) throws MalformedObjectException {
        return new ObjectLoader(file, options).load();
    }

    private ObjectSpec load() throws MalformedObjectException {
        readTypes();
        readData();
        for (Section section : elf.sections()) {
            if (section.isCode()) {
                CodeSection read = new CodeSection(elf, section, symbols.getOrDefault(section.index(), List.of()), extension);
                code.add(read);
                definitions.addCode(read);
            }
        }
        relocateAgainstTarget();
        LegacyMaps legacy = new LegacyMaps(btf);
        List<MapSpec> maps = readMaps(legacy);
        List<ProgramSpec> programs = linkPrograms();
        maps = withTailCalls(maps, legacy.mapsById(), programs);
        maps.addAll(data);
        checkNames(maps);
        return new ObjectSpec(programs, maps, btf, license(), DebugSections.of(elf));
    }

    private void readTypes() throws MalformedObjectException {
        Optional<Section> types = elf.section(".BTF");
        if (types.isEmpty()) {
            return;
        }
        String section = ".BTF";
        try {
            btf = Btf.parse(relocatedTypes(types.get()));
            btf = withSectionSizes();
            Optional<Section> lines = elf.section(".BTF.ext");
            if (lines.isPresent()) {
                section = ".BTF.ext";
                extension = BtfExtension.parse(elf.bytes(lines.get()), btf);
            }
        } catch (MalformedBtfException e) {
            throw new MalformedObjectException("section " + section + " is malformed: " + e.getMessage());
        }
        definitions.addKernelSymbols(btf);
    }

    /** The content of the section with the places of variables, which clang leaves to relocations. */
    private byte[] relocatedTypes(Section section) throws MalformedObjectException {
        byte[] bytes = elf.bytes(section);
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (Relocation relocation : elf.relocations(section)) {
            if (relocation.offset() < 0 || relocation.offset() > bytes.length - Integer.BYTES) {
                throw new MalformedObjectException("section .BTF has a relocation at byte " + relocation.offset() + ", beyond its end");
            }
            int at = (int) relocation.offset();
            buffer.putInt(at, buffer.getInt(at) + (int) relocation.symbol().value());
        }
        return bytes;
    }

    private Btf withSectionSizes() throws MalformedObjectException {
        Map<Integer, BtfType> sized = new HashMap<>();
        for (Section section : elf.sections()) {
            OptionalInt id = btf.find(section.name(), BtfType.DataSection.class);
            if (id.isPresent() && DataSections.isData(section)) {
                sized.put(id.getAsInt(), DataSections.sized((BtfType.DataSection) btf.type(id.getAsInt()), section, btf));
            }
        }
        return btf.replacing(sized);
    }

    private void readData() throws MalformedObjectException {
        for (Section section : elf.sections()) {
            if (DataSections.isData(section)) {
                MapSpec map = DataSections.map(elf, section, btf);
                data.add(map);
                definitions.addData(section.index(), map);
            }
        }
        OptionalInt config = btf == null ? OptionalInt.empty() : btf.find(KernelConfig.MAP_NAME, BtfType.DataSection.class);
        if (config.isPresent()) {
            Set<String> weak = symbols.getOrDefault(ElfFile.NO_SECTION, List.of()).stream().filter(Symbol::weak).map(Symbol::name)
                    .collect(Collectors.toSet());
            KernelConfig values = new KernelConfig(btf, options.kconfig(), weak);
            BtfType.DataSection placed = values.place((BtfType.DataSection) btf.type(config.getAsInt()), definitions);
            btf = btf.replacing(Map.of(config.getAsInt(), placed));
            data.add(DataSections.kernelConfig(placed, values.contents(), btf));
        }
    }

    private void relocateAgainstTarget() throws MalformedObjectException {
        if (!extension.relocations().isEmpty()) {
            CoreResolver resolver = new CoreResolver(btf, options.target());
            for (CodeSection section : code) {
                new CorePatcher(section, resolver).patch(extension.relocations().getOrDefault(section.name(), List.of()));
            }
        }
    }

    private List<MapSpec> readMaps(LegacyMaps legacy) throws MalformedObjectException {
        List<MapSpec> maps = new ArrayList<>();
        for (Section section : elf.sections()) {
            List<Symbol> own = symbols.getOrDefault(section.index(), List.of());
            if (section.name().equals(BtfMaps.SECTION) && section.size() > 0) {
                if (btf == null) {
                    throw new MalformedObjectException("section .maps needs type information: compile with -g");
                }
                Map<String, Long> offsets = new HashMap<>();
                own.stream().filter(symbol -> symbol.type() != SymbolType.SECTION).forEach(symbol -> offsets.put(symbol.name(), symbol.value()));
                maps.addAll(new BtfMaps(btf).read(elf, section, offsets, definitions));
            } else if (LegacyMaps.isMapSection(section)) {
                legacy.read(elf.bytes(section), section, own, definitions);
            }
        }
        maps.addAll(legacy.maps());
        return maps;
    }

    private List<ProgramSpec> linkPrograms() throws MalformedObjectException {
        List<ProgramSpec> programs = new ArrayList<>();
        long slots = 0;
        for (CodeFunction function : entries()) {
            ProgramSpec program = new ProgramLinker(definitions, options.kernelFunctions(), function).link();
            slots += program.code().length / RawInstruction.BYTES;
            if (slots > MAX_LINKED_SLOTS) {
                throw new MalformedObjectException("the programs have more than " + MAX_LINKED_SLOTS + " instructions together");
            }
            programs.add(program);
        }
        return programs;
    }

    /**
     * The functions that are programs: global ones, and others that nothing calls. Those of .text are there to be called, unless there is nothing
     * else.
     */
    private List<CodeFunction> entries() {
        List<CodeSection> sections = code.stream().filter(section -> !section.holdsSubprograms()).toList();
        Set<CodeFunction> called = new HashSet<>();
        for (CodeSection section : code) {
            for (int slot = 0; slot < section.slots(); slot++) {
                called.add(definitions.target(section, slot));
            }
        }
        return (sections.isEmpty() ? code : sections).stream().flatMap(section -> section.functions().stream())
                .filter(function -> function.global() || !called.contains(function)).toList();
    }

    /** The maps, with programs in the slots that iproute2 puts them in. */
    private List<MapSpec> withTailCalls(List<MapSpec> maps, Map<Integer, String> byId, List<ProgramSpec> programs) throws MalformedObjectException {
        Map<String, Map<Integer, String>> slots = new HashMap<>();
        for (ProgramSpec program : programs) {
            Matcher matcher = TAIL_CALL_SECTION.matcher(program.section());
            String map = matcher.matches() ? byId.get(Long.decode(matcher.group(1)).intValue()) : null;
            if (map != null) {
                slots.computeIfAbsent(map, _ -> new HashMap<>()).put(Long.decode(matcher.group(2)).intValue(), program.name());
            }
        }
        List<MapSpec> filled = new ArrayList<>();
        for (MapSpec map : maps) {
            Map<Integer, String> values = slots.getOrDefault(map.name(), map.values());
            for (int slot : values.keySet()) {
                if (map.type() != MapTypes.HASH_OF_MAPS && Integer.toUnsignedLong(slot) >= map.maxEntries()) {
                    throw new MalformedObjectException("map " + map.name() + " has no slot " + Integer.toUnsignedString(slot) + " for "
                            + values.get(slot) + ", it has " + map.maxEntries());
                }
            }
            filled.add(map.withValues(values));
        }
        return filled;
    }

    private static void checkNames(List<MapSpec> maps) throws MalformedObjectException {
        MapLimits.checkCount(maps.size());
        Set<String> names = new HashSet<>();
        for (MapSpec map : maps) {
            if (!names.add(map.name())) {
                throw new MalformedObjectException("two maps have the name " + map.name());
            }
        }
    }

    private String license() {
        return elf.section("license").map(section -> {
            byte[] text = Arrays.copyOf(elf.bytes(section), MAX_LICENSE + 1);
            text[MAX_LICENSE] = 0;
            StringTable strings = new StringTable(text, 0, text.length);
            return strings.isValid(0) ? strings.get(0) : "";
        }).orElse("");
    }
}
