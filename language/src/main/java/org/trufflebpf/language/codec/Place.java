package org.trufflebpf.language.codec;

/**
 * Where in a value something lies, as C would write it: {@code flow.ports[1]}.
 *
 * @param around null for the whole value
 */
record Place(Place around, String step) {
    static final Place ROOT = new Place(null, "");

    Place member(String name) {
        return new Place(this, this == ROOT ? name : "." + name);
    }

    Place element(int index) {
        return new Place(this, "[" + index + "]");
    }

    @Override
    public String toString() {
        return around == null ? "" : around + step;
    }
}
