package org.trufflebpf.language.btf;

/** The type information of an object file. */
public final class Btf {
}
