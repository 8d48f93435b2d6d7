package org.trufflebpf.language.verifier;

/**
 * A function that a program sets as the callback of a map's timers.
 *
 * @param function its first slot in the program
 * @param map the map's number
 * @param program the function as a program of its own
 */
public record TimerCallback(int function, int map, VerifiedProgram program) {
}
