package org.trufflebpf.tests;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.trufflebpf.io.linux.NetworkNamespace;

/** A network namespace of the kernel, made after an environment file, that lives as long as the thread that works in it. */
final class EnvironmentNamespace {
    private EnvironmentNamespace() {
    }

    /** Runs work on a thread of its own in a namespace that is made after an environment file; null where no namespace can be made. */
    static <T> T with(String environment, Callable<T> work) throws Exception {
        FutureTask<T> task = new FutureTask<>(() -> {
            if (!NetworkNamespace.enterNew()) {
                return null;
            }
            build(JsonParser.parseString(environment).getAsJsonObject());
            return work.call();
        });
        Thread.ofPlatform().start(task);
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private static void build(JsonObject environment) throws IOException, InterruptedException {
        StringBuilder script = new StringBuilder("ip link set lo up\n");
        environment.getAsJsonObject("forwarding").entrySet().stream().filter(one -> one.getValue().getAsBoolean()).forEach(one -> script.append(
                one.getKey().equals("ipv4") ? "echo 1 > /proc/sys/net/ipv4/ip_forward\n" : "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding\n"));
        for (Map.Entry<String, JsonElement> one : environment.getAsJsonObject("interfaces").entrySet()) {
            String[] range = one.getKey().split("-");
            for (int index = Integer.parseInt(range[0]); index <= Integer.parseInt(range[range.length - 1]); index++) {
                addInterface(script, index, index - Integer.parseInt(range[0]), one.getValue().getAsString());
            }
        }
        environment.getAsJsonObject("neigh").entrySet().forEach(one -> {
            String[] words = one.getValue().getAsString().split(" ");
            script.append("ip neigh add %s lladdr %s dev %s nud permanent\n".formatted(one.getKey(), words[0], words[1]));
        });
        for (JsonElement route : environment.getAsJsonArray("routes")) {
            String words = route.getAsString().replaceFirst("\\(.*", "");
            boolean ipv6 = words.contains(":") && !words.contains("inet6");
            script.append(ipv6 ? "ip -6" : "ip").append(" route append ").append(words).append('\n');
        }
        for (JsonElement rule : environment.has("rules") ? environment.getAsJsonArray("rules") : new JsonArray()) {
            String words = rule.getAsString();
            boolean ipv6 = words.contains(":") || words.contains("inet6");
            script.append(ipv6 ? "ip -6" : "ip").append(" rule add ").append(words.replace("inet6 ", "")).append('\n');
        }
        shell(script.toString());
    }

    /** Commands in the namespace of this thread. */
    static void shell(String script) throws IOException, InterruptedException {
        Process shell = new ProcessBuilder("sh", "-ex").redirectErrorStream(true).start();
        try (var input = shell.outputWriter()) {
            input.write(script);
        }
        String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (shell.waitFor() != 0) {
            throw new IOException(output);
        }
    }

    private static void addInterface(StringBuilder script, int index, int place, String description) {
        String[] words = description.split("[\\s,]+");
        if (words[0].equals("lo")) {
            return;
        }
        String name = words[0].replaceFirst("\\.\\..*", "").replaceFirst("\\d+$", "") + index;
        String mac = words[1].substring(0, 15) + String.format("%02x", Integer.parseInt(words[1].substring(15, 17), 16) + place);
        script.append("ip link add ").append(name).append(" index ").append(index).append(" address ").append(mac).append(" type veth peer name peer")
                .append(index).append(" index ").append(100 + index).append('\n');
        for (int i = 2; i < words.length; i++) {
            if (words[i].equals("mtu")) {
                script.append("ip link set ").append(name).append(" mtu ").append(words[++i]).append('\n');
            } else if (words[i].contains("/")) {
                script.append("ip addr add ").append(words[i]).append(" dev ").append(name).append(words[i].contains(":") ? " nodad\n" : "\n");
            }
        }
        script.append("ip link set peer").append(index).append(" up\nip link set ").append(name).append(" up\n");
    }
}
