package org.trufflebpf.language.helpers;

import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.Node;

/** The map that a call is made on: a constant, or an inner map, which is only known when the program runs. */
public abstract class MapSource<M> extends Node {

    public abstract M execute(VirtualFrame frame);

    /** A map that the program names. */
    public static <M> MapSource<M> of(M map) {
        return new Known<>(map);
    }

    private static final class Known<M> extends MapSource<M> {
        private final M map;

        Known(M map) {
            this.map = map;
        }

        @Override
        public M execute(VirtualFrame frame) {
            return map;
        }
    }
}
