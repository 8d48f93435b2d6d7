package org.trufflebpf.language.scope;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.trufflebpf.language.interop.Dictionary;
import org.trufflebpf.language.interop.NumberText;
import org.trufflebpf.language.packettest.DecodedLayer;
import org.trufflebpf.language.packettest.Field;
import org.trufflebpf.language.packettest.PacketDecoder;
import org.trufflebpf.maps.Codec;

/** A packet as a debugger shows it: its bytes, and its headers field by field. */
final class Headers {
    private Headers() {
    }

    /** @param packet nobody changes it afterwards */
    static Dictionary of(byte[] packet) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("length", packet.length);
        members.put("bytes", Codec.bytes(packet.length).decode(packet));
        StringBuilder names = new StringBuilder();
        for (DecodedLayer layer : PacketDecoder.decode(packet)) {
            Map<String, Object> fields = new LinkedHashMap<>();
            for (Field field : layer.header().fields()) {
                String text = layer.print(packet, field);
                boolean number = !field.isVariable() && field.bits() <= Long.SIZE;
                fields.put(field.name(), number ? new NumberText(text, layer.number(packet, field), field.bits()) : text);
            }
            members.put(layer.text(), Dictionary.saying(fields.entrySet().stream().map(field -> field.getKey() + " " + field.getValue()) //
                            .collect(Collectors.joining(", ")), fields));
            names.append(names.isEmpty() ? ": " : " / ").append(layer.text());
        }
        return Dictionary.saying(packet.length + " bytes" + names, members);
    }
}
