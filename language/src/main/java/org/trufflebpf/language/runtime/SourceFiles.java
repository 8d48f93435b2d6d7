package org.trufflebpf.language.runtime;

import com.oracle.truffle.api.TruffleFile;
import com.oracle.truffle.api.TruffleLanguage;
import com.oracle.truffle.api.source.Source;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import org.trufflebpf.language.EbpfLanguage;

/**
 * Finds the .c files that objects of a context were compiled from. An object names them as the compiler was called: from the current folder, or from
 * one of the folders around the object. A file counts if it has the lines that the object quotes, so that nobody steps through a later version of it.
 * Thread-safe.
 */
public final class SourceFiles {
    /** Bytes; C files are not that long. */
    private static final long MAX_SIZE = 16 << 20;
    /** Folders around the object that are looked into. */
    private static final int MAX_FOLDERS = 4;
    /** Folders with objects that are remembered. */
    private static final int MAX_OBJECTS = 64;

    private final TruffleLanguage.Env env;
    /** Paths of objects, one of each folder. */
    private final Map<String, String> objects = new ConcurrentHashMap<>();

    /** @param env files are those that it lets programs see */
    public SourceFiles(TruffleLanguage.Env env) {
        this.env = env;
    }

    /** @param path where an object was read from; what is no path does no harm */
    void addObject(String path) {
        if (objects.size() < MAX_OBJECTS) {
            objects.putIfAbsent(path.substring(0, path.lastIndexOf('/') + 1), path);
        }
    }

    /**
     * @param name of the file as the object has it
     * @param lines by number, from 1, those that it quotes
     * @return null when it is not found or differs
     */
    Source find(String name, SortedMap<Integer, String> lines) {
        try {
            for (TruffleFile file : candidates(name)) {
                Source source = read(file, name, lines);
                if (source != null) {
                    return source;
                }
            }
        } catch (SecurityException | IllegalArgumentException | UnsupportedOperationException e) {
            // Files are not for this context, or this is no name of one; the quoted lines have to do.
            return null;
        }
        return null;
    }

    private List<TruffleFile> candidates(String name) {
        List<TruffleFile> files = new ArrayList<>();
        files.add(env.getPublicTruffleFile(name));
        for (String object : files.get(0).isAbsolute() ? List.<String> of() : objects.values()) {
            TruffleFile folder = env.getPublicTruffleFile(object).getAbsoluteFile().getParent();
            for (int i = 0; i < MAX_FOLDERS && folder != null; i++) {
                files.add(folder.resolve(name).normalize());
                folder = folder.getParent();
            }
        }
        return files;
    }

    private static Source read(TruffleFile file, String name, SortedMap<Integer, String> lines) {
        try {
            if (!file.isRegularFile() || file.size() > MAX_SIZE) {
                return null;
            }
            Source source = Source.newBuilder(EbpfLanguage.ID, file.getCanonicalFile()).name(name).mimeType(EbpfLanguage.TEXT_MIME_TYPE).build();
            boolean same = lines.entrySet().stream().allMatch(line -> line.getKey() <= source.getLineCount() &&
                            source.getCharacters(line.getKey()).toString().strip().equals(line.getValue().strip()));
            return same ? source : null;
        } catch (IOException e) {
            return null;
        }
    }
}
