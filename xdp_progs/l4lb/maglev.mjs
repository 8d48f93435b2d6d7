// Rings of Maglev (Eisenbud and others, NSDI 2016, section 3.4), with weights.

/** A prime, and the size that l4lb.o has. */
export const RING_SIZE = 65537;

/** 32 bits of a text: FNV-1a, mixed by the finaliser of MurmurHash3, since the last characters of addresses differ most. */
function hash(text, seed) {
    let h = 0x811c9dc5 ^ seed;
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (h ^ (h >>> 16)) >>> 0;
}

/**
 * Every real goes through the ring in an order of its own, which its name alone decides, and takes the first free entry in its turn; one with half
 * the weight of the heaviest has every other turn. So each has its share, and when one goes, nearly all entries of the others stay.
 *
 * @param reals objects with name, number and weight; those of weight 0 get nothing. Their order does not matter.
 * @return an Int32Array of their numbers plus one, or zeros where there are none
 */
export function ring(reals) {
    const entries = new Int32Array(RING_SIZE);
    const taking = reals.filter(real => real.weight > 0).sort((a, b) => (a.name < b.name ? -1 : 1));
    if (taking.length === 0) return entries;
    const heaviest = taking.reduce((most, real) => Math.max(most, real.weight), 0);
    const position = Int32Array.from(taking, real => hash(real.name, 0) % RING_SIZE);
    const step = Int32Array.from(taking, real => 1 + hash(real.name, 0x5bd1e995) % (RING_SIZE - 1));
    const share = Float64Array.from(taking, real => real.weight / heaviest);
    const value = Int32Array.from(taking, real => real.number + 1);
    const turn = new Float64Array(taking.length);
    for (let filled = 0; filled < RING_SIZE;) {
        for (let i = 0; i < taking.length && filled < RING_SIZE; i++) {
            turn[i] += share[i];
            if (turn[i] < 1) continue;
            turn[i] -= 1;
            let at = position[i];
            while (entries[at] !== 0) at = (at + step[i]) % RING_SIZE;
            entries[at] = value[i];
            position[i] = (at + step[i]) % RING_SIZE;
            filled++;
        }
    }
    return entries;
}
