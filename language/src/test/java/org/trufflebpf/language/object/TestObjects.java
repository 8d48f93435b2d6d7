package org.trufflebpf.language.object;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.trufflebpf.language.btf.Btf;
import org.trufflebpf.language.btf.MalformedBtfException;

/** The objects under src/test/resources/objects: their sources say what is in them. */
final class TestObjects {
    /** What kconfig.c asks for. */
    static final Map<String, String> CONFIG = Map.of("CONFIG_HZ", "250", "CONFIG_BPF_JIT", "y", "CONFIG_VETH", "m", "CONFIG_LETTER", "n",
            "CONFIG_DEFAULT_HOSTNAME", "\"far too long\"");
    static final LoadOptions OPTIONS = new LoadOptions(null, CONFIG, Set.of());

    static final String[] LOADABLE = {"programs.o", "values.o", "legacy20.o", "legacy28.o", "iproute2.o", "kconfig.o", "kfuncs.o", "core.o"};

    private TestObjects() {
    }

    static byte[] bytes(String name) {
        try (InputStream stream = TestObjects.class.getResourceAsStream("/objects/" + name)) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ObjectSpec load(String name) {
        return load(bytes(name), OPTIONS);
    }

    static ObjectSpec load(byte[] file, LoadOptions options) {
        try {
            return ObjectLoader.load(file, options);
        } catch (MalformedObjectException e) {
            throw new AssertionError(e);
        }
    }

    static Btf btf(String name) {
        try {
            return Btf.parse(bytes(name));
        } catch (MalformedBtfException e) {
            throw new AssertionError(e);
        }
    }

    /** The file with each occurrence of one text replaced by another of the same length. */
    static byte[] replaced(byte[] file, String text, String replacement) {
        if (text.length() != replacement.length()) {
            throw new IllegalArgumentException(text + " and " + replacement + " differ in length");
        }
        String latin = new String(file, StandardCharsets.ISO_8859_1);
        if (!latin.contains(text)) {
            throw new IllegalArgumentException("no " + text);
        }
        return latin.replace(text, replacement).getBytes(StandardCharsets.ISO_8859_1);
    }
}
