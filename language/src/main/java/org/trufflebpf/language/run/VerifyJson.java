package org.trufflebpf.language.run;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.verifier.report.Report;
import org.trufflebpf.language.verifier.report.Report.Access;
import org.trufflebpf.language.verifier.report.Report.Item;
import org.trufflebpf.language.verifier.report.Report.Known;
import org.trufflebpf.language.verifier.report.Report.Origin;
import org.trufflebpf.language.verifier.report.Report.Status;

/** A report for machines; docs/verify.md describes the members. */
final class VerifyJson {
    private VerifyJson() {
    }

    /** @param packets by slot, those that trap there */
    static JsonObject of(Report report, Map<Integer, byte[]> packets) {
        JsonObject program = new JsonObject();
        program.addProperty("program", report.program().name());
        program.addProperty("section", report.program().section());
        program.addProperty("verdict", report.isRejected() ? "rejected" : "accepted");
        for (Status status : Status.values()) {
            program.addProperty(status.word(), report.count(status));
        }
        JsonArray items = new JsonArray();
        report.items().forEach(item -> items.add(of(item, packets.get(item.slot()))));
        program.add("items", items);
        return program;
    }

    private static JsonObject of(Item item, byte[] packet) {
        JsonObject json = new JsonObject();
        json.addProperty("status", item.status().word());
        place(json, item.slot(), item.line(), item.instruction());
        json.addProperty("need", item.need() == null ? "program" : item.need().name().toLowerCase(Locale.ROOT));
        json.addProperty("text", item.text());
        if (item.access() != null) {
            json.add("access", of(item.access()));
        }
        if (item.register() != null) {
            json.add("register", of(item.register()));
        }
        if (item.advice() != null) {
            json.addProperty("advice", item.advice());
        }
        if (packet != null && item.status() != Status.PROVED) {
            json.addProperty("packet", HexFormat.of().formatHex(packet));
        }
        return json;
    }

    private static void place(JsonObject json, int slot, ProgramSpec.Line line, String instruction) {
        json.addProperty("instruction", slot);
        json.addProperty("code", instruction);
        if (line != null) {
            json.addProperty("file", line.file());
            json.addProperty("line", line.line());
            json.addProperty("source", line.text().strip());
        }
    }

    private static JsonObject of(Access access) {
        JsonObject json = new JsonObject();
        JsonArray regions = new JsonArray();
        access.regions().forEach(regions::add);
        json.add("regions", regions);
        bound(json, "min", access.min(), Long.MIN_VALUE);
        bound(json, "max", access.max(), Long.MAX_VALUE);
        json.addProperty("size", access.size());
        return json;
    }

    private static void bound(JsonObject json, String name, long bound, long unknown) {
        if (bound == unknown) {
            json.add(name, JsonNull.INSTANCE);
        } else {
            json.addProperty(name, bound);
        }
    }

    private static JsonObject of(Known known) {
        JsonObject json = new JsonObject();
        json.addProperty("name", known.name());
        json.addProperty("known", known.text());
        JsonArray origins = new JsonArray();
        for (Origin origin : known.origins()) {
            JsonObject from = new JsonObject();
            place(from, origin.slot(), origin.line(), origin.instruction());
            origins.add(from);
        }
        json.add("from", origins);
        return json;
    }
}
