package org.trufflebpf.tests.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Value;
import org.trufflebpf.tests.Project;

/** The objects of {@code programs/control}. */
final class Objects {
    private static final Path FOLDER = Project.TEST_PROGRAMS.resolve("control");

    private Objects() {
    }

    static byte[] bytes(String name) throws IOException {
        return Files.readAllBytes(FOLDER.resolve(name + ".o"));
    }

    /** Another source each time. */
    static Value evaluate(Context context, String name) throws IOException {
        return evaluate(context, bytes(name), name + ".o");
    }

    static Value evaluate(Context context, byte[] object, String name) {
        return context.eval(Project.source(object, name));
    }
}
