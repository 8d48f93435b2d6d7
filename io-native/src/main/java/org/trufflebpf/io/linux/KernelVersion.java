package org.trufflebpf.io.linux;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Version of a Linux kernel. */
public record KernelVersion(int major, int minor) implements Comparable<KernelVersion> {
    private static final Pattern RELEASE = Pattern.compile("(\\d{1,6})\\.(\\d{1,6}).*", Pattern.DOTALL);

    /** The version of the running kernel, 0.0 if it is not Linux. */
    public static KernelVersion current() {
        return System.getProperty("os.name").equals("Linux") ? parse(System.getProperty("os.version")) : new KernelVersion(0, 0);
    }

    /** Reads a release as uname(1) prints it, such as 6.18.5-cloud; 0.0 if it is none. */
    public static KernelVersion parse(String release) {
        Matcher matcher = RELEASE.matcher(release);
        if (!matcher.matches()) {
            return new KernelVersion(0, 0);
        }
        return new KernelVersion(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }

    public boolean isAtLeast(int wantedMajor, int wantedMinor) {
        return compareTo(new KernelVersion(wantedMajor, wantedMinor)) >= 0;
    }

    @Override
    public int compareTo(KernelVersion other) {
        return major != other.major ? Integer.compare(major, other.major) : Integer.compare(minor, other.minor);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
