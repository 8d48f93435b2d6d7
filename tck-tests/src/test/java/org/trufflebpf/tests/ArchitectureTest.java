package org.trufflebpf.tests;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;

/** Which part may know which: io-native, then maps, then the language, whose front end is pure; the launcher knows none of them. */
@AnalyzeClasses(packages = "org.trufflebpf", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String IO = "org.trufflebpf.io..";
    private static final String MAPS = "org.trufflebpf.maps..";
    private static final String LANGUAGE = "org.trufflebpf.language..";
    private static final String LAUNCHER = "org.trufflebpf.launcher..";
    private static final String[] FRONT_END = {"org.trufflebpf.language.object..", "org.trufflebpf.language.btf..", "org.trufflebpf.language.dwarf..",
        "org.trufflebpf.language.isa..",
        "org.trufflebpf.language.assembly..", "org.trufflebpf.language.cfg..", "org.trufflebpf.language.verifier..",
        "org.trufflebpf.language.optimizer..", "org.trufflebpf.language.expression.."};
    private static final String[] TRUFFLE = {"com.oracle.truffle..", "org.graalvm.."};

    @ArchTest
    static final ArchRule ioKnowsNothingAbove = noClasses().that().resideInAPackage(IO)
            .should().dependOnClassesThat().resideInAnyPackage(MAPS, LANGUAGE, LAUNCHER, TRUFFLE[0], TRUFFLE[1]);

    @ArchTest
    static final ArchRule mapsKnowIoOnly = noClasses().that().resideInAPackage(MAPS)
            .should().dependOnClassesThat().resideInAnyPackage(LANGUAGE, LAUNCHER);

    @ArchTest
    static final ArchRule languageKnowsNoLauncher = noClasses().that().resideInAPackage(LANGUAGE)
            .should().dependOnClassesThat().resideInAPackage(LAUNCHER);

    @ArchTest
    static final ArchRule launcherIsAnEmbedder = noClasses().that().resideInAPackage(LAUNCHER)
            .should().dependOnClassesThat().resideInAnyPackage(IO, MAPS, LANGUAGE, TRUFFLE[0]);

    /** Streams are for resources of the language itself, such as the built-in BTF, and for arrays that grow. */
    @ArchTest
    static final ArchRule frontEndIsPure = classes().that().resideInAnyPackage(FRONT_END)
            .should().onlyDependOnClassesThat(resideInAnyPackage(FRONT_END)
                    .or(resideInAnyPackage("java.lang..", "java.util..", "java.math", "java.nio", "java.nio.charset"))
                    .or(belongToAnyOf(Serializable.class, ByteArrayOutputStream.class, OutputStream.class, InputStream.class, IOException.class, UncheckedIOException.class)));

    @ArchTest
    static final ArchRule rawAccessIsInOnePlace = noClasses().that().resideOutsideOfPackage("org.trufflebpf.io.memory")
            .should().dependOnClassesThat().haveNameMatching("sun\\.misc\\.Unsafe|jdk\\.internal\\..*")
            .because("the primitive must be changeable in one place");
}
