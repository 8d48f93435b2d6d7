package org.trufflebpf.language.control;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.oracle.truffle.api.TruffleLanguage.Env;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.trufflebpf.language.run.CommandException;

/** The {@code ebpf ctl} command: asks a running instance of the same user for something and prints what it says. */
public final class ControlClient {
    /** A command of a control program may take 30. */
    private static final long ANSWER_SECONDS = 40;

    private final Env env;

    public ControlClient(Env env) {
        this.env = env;
    }

    /**
     * @param arguments the run's name, or the path of its socket, and the request
     * @throws CommandException if there is no such run, or it cannot do that
     */
    public void run(String... arguments) {
        if (arguments.length == 0) {
            throw CommandException.usage("ctl needs the name of a run, as --name or --control gave it, and what to do; ctl NAME help lists that");
        }
        String name = arguments[0];
        if (!env.isSocketIOAllowed()) {
            throw CommandException.usage("ctl: the embedder must allow the context sockets");
        }
        if (!name.contains("/") && !ControlSocket.isName(name)) {
            throw CommandException.usage("ctl: '" + name + "' is no name of a run");
        }
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            try {
                channel.connect(ControlSocket.address(name));
            } catch (IOException e) {
                throw CommandException.failed("ctl: no run " + name + " is there: start it with --name " + name);
            }
            ask(new Connection(channel), Arrays.copyOfRange(arguments, 1, arguments.length));
        } catch (IOException e) {
            throw CommandException.failed("ctl: " + name + ": " + e.getMessage());
        }
    }

    private void ask(Connection connection, String[] request) throws IOException {
        boolean endless = request.length > 1 && request[0].equals("map") && request[1].equals("watch");
        try (connection) {
            JsonArray words = new JsonArray();
            List.of(request).forEach(words::add);
            connection.write(words, ANSWER_SECONDS);
            while (true) {
                JsonElement line = connection.read(endless ? Integer.MAX_VALUE : ANSWER_SECONDS);
                if (line == null) {
                    throw new IOException("the run has ended");
                }
                switch (Answer.of(line)) {
                    case Answer.Output(String text) -> {
                        env.out().write(text.getBytes(StandardCharsets.UTF_8));
                        env.out().flush();
                    }
                    case Answer.Failed(int status, String error) -> throw status == 2 ? CommandException.usage(error) : CommandException.failed(error);
                    case Answer.Done() -> {
                        return;
                    }
                }
            }
        }
    }
}
