package org.trufflebpf.launcher;

import java.util.List;

/** How a subcommand is written. */
public interface Subcommand {
    /**
     * An option that it takes.
     *
     * @param argument what follows it, or null
     */
    record Option(String name, String argument, String description) {
        String usage() {
            return argument == null ? name : name + " " + argument;
        }
    }

    /** The word that it is called by. */
    String word();

    /** What it takes besides options, for people; maybe empty. */
    String operands();

    /** In a few words. */
    String description();

    /** For people; empty for a command that takes anything. */
    List<Option> options();

    /** Whether the launcher leaves all options to it, but for those of the language. */
    default boolean takesAnything() {
        return false;
    }

    default String usage() {
        return operands().isEmpty() ? word() : word() + " " + operands();
    }

    /** The option that {@code argument} ({@code --name} or {@code --name=value}) gives, or null. */
    default Option option(String argument) {
        int equals = argument.indexOf('=');
        String name = equals < 0 ? argument : argument.substring(0, equals);
        return options().stream().filter(option -> option.name().equals(name)).findFirst().orElse(null);
    }
}
