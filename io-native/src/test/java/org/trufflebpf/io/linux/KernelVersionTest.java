package org.trufflebpf.io.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class KernelVersionTest {
    @ParameterizedTest
    @CsvSource({"6.18.5,6.18", "6.1.0-37-cloud-amd64,6.1", "5.10,5.10", "6.18+,6.18", "x,0.0", "'',0.0", "99999999999999.1,0.0"})
    void readsReleases(String release, String version) {
        assertEquals(version, KernelVersion.parse(release).toString());
    }

    @Test
    void compares() {
        KernelVersion version = new KernelVersion(6, 12);
        assertTrue(version.isAtLeast(6, 12) && version.isAtLeast(6, 2) && version.isAtLeast(5, 99));
        assertFalse(version.isAtLeast(6, 13) || version.isAtLeast(7, 0));
        assertEquals(System.getProperty("os.name").equals("Linux"), KernelVersion.current().isAtLeast(2, 6));
    }
}
