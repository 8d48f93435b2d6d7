package org.trufflebpf.language;
/** placeholder, replaced by the engine. */
final class EbpfException { private EbpfException() { } }
