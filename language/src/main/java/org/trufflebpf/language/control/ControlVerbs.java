package org.trufflebpf.language.control;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.io.StringWriter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.trufflebpf.language.run.MapFile;
import org.trufflebpf.language.run.Running;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.EventStream;
import org.trufflebpf.maps.MapException;

/** What clients may ask of a run: its maps, its numbers, and the commands that its control program made. Any thread may call. */
final class ControlVerbs {
    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;
    /** A client that does not read is given up after this. */
    private static final long WRITE_SECONDS = 5;
    private static final long WATCH_PERIOD_MILLIS = 200;

    private static final String HELP = """
                    help                         this
                    stats                        what was counted so far, as JSON
                    stop                         end the run
                    map list                     the maps
                    map dump MAP                 all entries, as JSON
                    map lookup MAP KEY           one value
                    map update MAP KEY VALUE     add or replace an entry; KEY and VALUE are JSON as in map files
                    map delete MAP KEY           remove an entry
                    map watch MAP                what changes in a map, or events as they come, until interrupted
                    """;

    private final Running run;
    private final Map<String, ControlCommand> commands;

    /** @param commands by name; may grow while clients ask */
    ControlVerbs(Running run, Map<String, ControlCommand> commands) {
        this.run = run;
        this.commands = commands;
    }

    /** Answers one request; whatever is wrong with it becomes the answer. */
    void answer(List<String> words, Connection client) throws IOException {
        Answer last;
        try {
            answer(words, new Client(client));
            last = new Answer.Done();
        } catch (ControlFailure e) {
            last = new Answer.Failed(FAILED, e.getMessage());
        } catch (MapException e) {
            last = new Answer.Failed(FAILED, e.getMessage());
        } catch (WrongUsage e) {
            last = new Answer.Failed(WRONG_USAGE, e.getMessage());
        }
        client.write(last.json(), WRITE_SECONDS);
    }

    private static final class WrongUsage extends Exception {
        private static final long serialVersionUID = 1;

        WrongUsage(String message) {
            super(message);
        }
    }

    private record Client(Connection connection) {
        void print(String text) throws IOException {
            connection.write(new Answer.Output(text).json(), WRITE_SECONDS);
        }
    }

    private void answer(List<String> words, Client client) throws IOException, ControlFailure, WrongUsage {
        String verb = words.isEmpty() ? "help" : words.getFirst();
        List<String> rest = words.isEmpty() ? words : words.subList(1, words.size());
        ControlCommand command = commands.get(verb);
        if (command != null) {
            String text = command.run(rest);
            client.print(text.isEmpty() || text.endsWith("\n") ? text : text + "\n");
            return;
        }
        switch (verb) {
            case "help" -> client.print(help());
            case "stats" -> client.print(run.report().get().json());
            case "stop" -> run.stop().run();
            case "map" -> map(rest, client);
            default -> throw new WrongUsage("unknown command " + verb + "; see help");
        }
    }

    private String help() {
        StringBuilder text = new StringBuilder(HELP);
        commands.forEach((name, command) -> text.append(String.format("%-28s %s%n", name, command.help())));
        return text.toString();
    }

    private void map(List<String> words, Client client) throws IOException, WrongUsage, ControlFailure {
        String verb = words.isEmpty() ? "" : words.getFirst();
        int arguments = switch (verb) {
            case "list" -> 0;
            case "dump", "watch" -> 1;
            case "lookup", "delete" -> 2;
            case "update" -> 3;
            default -> throw new WrongUsage("map list, dump, lookup, update, delete or watch");
        };
        if (words.size() != 1 + arguments) {
            throw new WrongUsage("map " + verb + " takes " + arguments + " more words; see help");
        }
        BpfMap map = arguments == 0 ? null : named(words.get(1));
        switch (verb) {
            case "list" -> client.print(list());
            case "dump" -> client.print(dump(map));
            case "lookup" -> {
                byte[] value = map.get(MapFile.key(map, json(words.get(2))));
                if (value == null) {
                    throw new ControlFailure("map " + map.name() + ": no such key");
                }
                client.print(MapFile.valueText(map, value) + "\n");
            }
            case "update" -> MapFile.put(map, json(words.get(2)), json(words.get(3)));
            case "delete" -> {
                if (!map.remove(MapFile.key(map, json(words.get(2))))) {
                    throw new ControlFailure("map " + map.name() + ": no such key");
                }
            }
            default -> watch(map, client);
        }
    }

    private BpfMap named(String name) throws WrongUsage {
        return MapFile.named(run.maps(), name).orElseThrow(() -> new WrongUsage("the object has no map " + name + "; see map list"));
    }

    /** A word that is no JSON is a string: names of enum values and addresses need no quotes within quotes. */
    private static JsonElement json(String word) {
        try {
            return JsonParser.parseString(word);
        } catch (JsonParseException | StackOverflowError e) {
            return new JsonPrimitive(word);
        }
    }

    private String list() {
        StringBuilder text = new StringBuilder();
        for (BpfMap map : run.maps()) {
            text.append(String.format("%-24s %-16s key %dB  value %dB  max_entries %d%n", map.name(), map.kind(), map.keySize(), map.valueSize(),
                            map.maxEntries()));
        }
        return text.toString();
    }

    private static String dump(BpfMap map) throws IOException {
        StringWriter text = new StringWriter();
        MapFile.writeEntries(map, text);
        return text.append("\n").toString();
    }

    /** Until the client goes: it hangs up, or does not read. */
    private void watch(BpfMap map, Client client) throws IOException {
        Set<String> before = Set.of();
        while (!client.connection.isGone()) {
            if (map instanceof EventStream stream) {
                for (EventStream.Event event = stream.take(); event != null; event = stream.take()) {
                    client.print(MapFile.valueText(map, event.bytes()) + "\n");
                }
            } else {
                Set<String> now = dump(map).lines().collect(Collectors.toCollection(LinkedHashSet::new));
                for (String line : now) {
                    if (!before.contains(line)) {
                        client.print(line + "\n");
                    }
                }
                before = now;
            }
            try {
                Thread.sleep(WATCH_PERIOD_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
