package org.trufflebpf.bench;

import com.google.gson.FormattingStyle;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.HexFormat;
import java.util.List;

/** The results for programs: an array with an object for each program. What was not measured is null. */
final class BenchJson {
    private BenchJson() {
    }

    /** @param carriages of each program, by its place among the comparisons; null where ports were not asked for */
    static String text(List<Comparison> comparisons, List<List<Carriage>> carriages) {
        JsonArray rows = new JsonArray();
        for (int i = 0; i < comparisons.size(); i++) {
            JsonObject row = row(comparisons.get(i));
            if (carriages != null) {
                row.add("ports", ports(carriages.get(i)));
            }
            rows.add(row);
        }
        return new GsonBuilder().serializeNulls().setFormattingStyle(FormattingStyle.PRETTY).create().toJson(rows) + "\n";
    }

    private static JsonObject row(Comparison row) {
        JsonObject json = new JsonObject();
        json.addProperty("program", row.scenario().label());
        json.addProperty("packet", HexFormat.of().formatHex(row.scenario().packet()));
        json.addProperty("packets", row.scenario().packets().size());
        json.addProperty("machine", Checkout.machine());
        json.addProperty("restored", row.restored());
        add(json, "ours_ns", row.ours().minimum());
        add(json, "ours_median_ns", row.ours().median());
        add(json, "ours_p99_ns", row.ours().p99());
        add(json, "kernel_ns", row.kernelMinimum());
        add(json, "kernel_median_ns", row.kernelMedian());
        add(json, "kernel_p99_ns", row.kernelP99());
        add(json, "kernel_floor_ns", row.floor().minimum());
        add(json, "kernel_image_ns", row.image().minimum());
        add(json, "native_ns", row.nativeCode().minimum());
        add(json, "native_median_ns", row.nativeCode().median());
        add(json, "native_p99_ns", row.nativeCode().p99());
        add(json, "kernel_to_ours", row.kernelToOurs());
        add(json, "kernel_to_ours_wanted", row.scenario().targets().kernelToOurs());
        add(json, "ours_to_native", row.oursToNative());
        add(json, "ours_to_native_wanted", row.scenario().targets().oursToNative());
        json.addProperty("instructions", row.scenario().instructions());
        add(json, "compile_ms", row.compiled().milliseconds());
        json.addProperty("code_bytes", row.compiled().bytes());
        return json;
    }

    private static JsonArray ports(List<Carriage> carriages) {
        JsonArray rows = new JsonArray();
        for (Carriage carriage : carriages) {
            JsonObject json = new JsonObject();
            json.addProperty("carrier", carriage.carrier());
            add(json, "packets_per_second", carriage.packetsPerSecond());
            add(json, "program_ns", carriage.inProgram());
            add(json, "io_ns", carriage.around());
            rows.add(json);
        }
        return rows;
    }

    /** In thousandths. */
    private static void add(JsonObject json, String name, double value) {
        json.add(name, Double.isNaN(value) ? JsonNull.INSTANCE : new JsonPrimitive(Math.round(value * 1000) / 1000.0));
    }
}
