package org.trufflebpf.language.packettest;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** {@code ebpf test FILE... [--junit FILE] [--compile]}: runs packet tests and prints what came of them. */
public final class TestCommand {
    /** All tests passed. */
    public static final int PASSED = 0;
    /** A test failed, a test file is malformed or the report cannot be written. */
    public static final int FAILED = 1;
    public static final int WRONG_USAGE = 2;
    /** A test file, or a file that it names, does not exist or cannot be read. */
    public static final int UNREADABLE = 74;

    private static final String USAGE = "usage: ebpf test FILE... [--junit FILE] [--compile]";

    private final TestFiles files;
    private final PrintStream out;
    private final TestEngine engine;
    private final JUnitReport report = new JUnitReport();
    private int passed;
    private int failed;
    private int skipped;
    private int exitCode = PASSED;

    private TestCommand(TestFiles files, PrintStream out, TestEngine engine) {
        this.files = files;
        this.out = out;
        this.engine = engine;
    }

    /**
     * Runs the command.
     *
     * @param arguments what follows {@code ebpf test}
     * @param out gets results: a block per failure, a line per file, a summary
     * @param err gets one line per error of usage or files
     * @param engines gives the engine that the tests run on
     * @return the exit code, one of this class's constants
     */
    public static int run(List<String> arguments, TestFiles files, PrintStream out, PrintStream err, TestEngine.Factory engines) {
        List<String> testFiles = new ArrayList<>();
        String junit = null;
        boolean compile = false;
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals("--junit") && i + 1 < arguments.size()) {
                junit = arguments.get(++i);
            } else if (argument.startsWith("--junit=")) {
                junit = argument.substring("--junit=".length());
            } else if (argument.equals("--compile")) {
                compile = true;
            } else if (argument.startsWith("-")) {
                boolean incomplete = argument.equals("--junit");
                err.println("ebpf test: " + (incomplete ? "--junit needs a file" : "unknown option " + argument) + "; " + USAGE);
                return WRONG_USAGE;
            } else {
                testFiles.add(argument);
            }
        }
        if (testFiles.isEmpty()) {
            err.println("ebpf test: no test file given; " + USAGE);
            return WRONG_USAGE;
        }
        TestCommand command = new TestCommand(files, out, engines.open(compile));
        testFiles.forEach(file -> command.runFile(file, err));
        command.summarise();
        return junit == null ? command.exitCode : command.writeReport(junit, err);
    }

    private void runFile(String file, PrintStream err) {
        List<PacketTest> tests;
        try {
            tests = PacketTestParser.parse(FileCache.readAll(files, file, PacketTestParser.MAX_FILE));
        } catch (PacketTestException e) {
            broken(file + ":" + e.position() + ": " + e.getMessage(), file, FAILED, err);
            return;
        } catch (IOException e) {
            broken(FileCache.describe(e, file), file, UNREADABLE, err);
            return;
        }
        PacketTestRunner runner = new PacketTestRunner(engine, files, file);
        List<Outcome> outcomes = runner.run(tests);
        report.add(file, engine.name(), outcomes);
        int passedHere = 0;
        int failedHere = 0;
        int skippedHere = 0;
        for (Outcome outcome : outcomes) {
            switch (outcome.kind()) {
                case PASSED -> passedHere++;
                case SKIPPED -> {
                    skippedHere++;
                    out.println("SKIPPED " + describe(runner, outcome));
                }
                case FAILED, UNREADABLE -> {
                    failedHere++;
                    out.println("FAILED " + describe(runner, outcome));
                    out.print(outcome.details());
                    fail(outcome.kind() == Outcome.Kind.UNREADABLE ? UNREADABLE : FAILED);
                }
            }
        }
        out.println(file + ": " + counts(passedHere, failedHere, skippedHere));
        passed += passedHere;
        failed += failedHere;
        skipped += skippedHere;
    }

    private static String describe(PacketTestRunner runner, Outcome outcome) {
        return runner.place(outcome.position()) + ": \"" + outcome.test().name() + "\": " + outcome.message();
    }

    private void broken(String message, String file, int code, PrintStream err) {
        err.println("ebpf test: " + message);
        report.addBroken(file, message);
        failed++;
        fail(code);
    }

    /** A file that is missing says more about what to do than a test that failed. */
    private void fail(int code) {
        exitCode = Math.max(exitCode, code);
    }

    private void summarise() {
        out.println(counts(passed, failed, skipped));
    }

    private static String counts(int passed, int failed, int skipped) {
        return passed + " passed, " + failed + " failed" + (skipped == 0 ? "" : ", " + skipped + " skipped");
    }

    private int writeReport(String path, PrintStream err) {
        try {
            files.write(path, report.toXml());
            return exitCode;
        } catch (IOException e) {
            err.println("ebpf test: " + FileCache.describe(e, path));
            return Math.max(exitCode, FAILED);
        }
    }
}
