package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.CompilerDirectives;
import java.util.function.IntConsumer;
import org.trufflebpf.io.memory.Memory;

/**
 * The chains of a hash table's elements, from heads that hold places. Who reads takes no lock, who changes a chain has that of its stripe.
 *
 * <p>A reader that meets an element without a live signature of its chain starts again; so it does when the signature has changed after the key
 * compared equal. A hit is thereby certain. A miss is certain only if no writer has finished in the stripe since the reader began: an element that it
 * was about to visit may have been taken out and put in again further back. (One writer at work takes elements out but cannot put them in again, so
 * readers need not wait for it.) The stripe's lock word tells.
 */
final class HashChains {
    /** Bytes of a head. The offset of a key's head is a part of the hash as it is. */
    private static final int HEAD = 1 << HashElements.STATE_BITS;

    private final HashElements elements;
    private final HashKeys keys;
    private final HashStripes stripes;
    private final long heads;
    private final long mask;

    /** @param heads address of as many as the shape says, zeros */
    HashChains(HashShape shape, HashElements elements, HashKeys keys, HashStripes stripes, long heads) {
        this.elements = elements;
        this.keys = keys;
        this.stripes = stripes;
        this.heads = heads;
        this.mask = (shape.heads() - 1L) * HEAD;
    }

    int count() {
        return (int) (mask / HEAD) + 1;
    }

    /** Where the place of the chain's first element is, by a key's hash or an element's signature. */
    long head(long hash) {
        return heads + (hash & mask);
    }

    /** The same by the chain's number. */
    private long headOf(int chain) {
        return heads + (long) chain * HEAD;
    }

    /**
     * The address of this CPU's value, or 0.
     *
     * <p>Straight to the first element of the chain, which is nearly always it; all else is behind a call, so that the program has no loop here. An
     * empty chain is a certain miss.
     *
     * @param shape of the keys, and {@code keys}: as the caller has them, who knows more of them or is nearer to them
     */
    long find(KeyShape shape, HashKeys keys, long k0, long k1, long k2, long k3, long key, int cpu) {
        long hash = keys.hash(shape, k0, k1, k2, k3, key);
        int place = Memory.getIntAcquire(head(hash));
        if (place == 0) {
            return 0;
        }
        long element = elements.at(place);
        if (CompilerDirectives.injectBranchProbability(CompilerDirectives.FASTPATH_PROBABILITY,
                elements.is(shape, element, HashElements.signature(hash), k0, k1, k2, k3, key))) {
            return elements.value(place, cpu);
        }
        return findInChain(hash, k0, k1, k2, k3, key, cpu);
    }

    /** The same for a key in memory. */
    long find(KeyShape shape, HashKeys keys, long key, int cpu) {
        return find(shape, keys, shape.word(key, 0), shape.word(key, 1), shape.word(key, 2), shape.word(key, 3), key, cpu);
    }

    @TruffleBoundary
    private long findInChain(long hash, long k0, long k1, long k2, long k3, long key, int cpu) {
        long head = head(hash);
        long stripe = stripes.of(hash);
        int signature = HashElements.signature(hash);
        int changes = HashStripes.changes(stripe);
        int place = Memory.getIntAcquire(head);
        while (true) {
            if (place != 0) {
                long element = elements.at(place);
                long header = Memory.getLongAcquire(element);
                int found = (int) header | HashElements.MARKED;
                boolean same = found == signature && keys.equal(elements.key(element), k0, k1, k2, k3, key);
                if (same && (Memory.getIntAcquire(element) | HashElements.MARKED) == signature) {
                    elements.mark(element);
                    return elements.value(place, cpu);
                }
                // One that was the key's until just now may have been replaced, by a writer who is not done yet: what follows it tells nothing.
                if (!same && isIn(found, signature)) {
                    place = (int) (header >>> 32);
                    continue;
                }
            } else if (HashStripes.changes(stripe) == changes) {
                return 0;
            }
            changes = HashStripes.changes(stripe);
            place = Memory.getIntAcquire(head);
        }
    }

    /** Whether a signature is that of a live element of the same chain. */
    private boolean isIn(int signature, long hash) {
        return ((signature ^ hash) & (mask | HashElements.LIVE)) == 0;
    }

    private boolean isPlaceIn(int place, int chain) {
        return isIn(Memory.getIntAcquire(elements.at(place)), (long) chain * HEAD | HashElements.LIVE);
    }

    // Going over the elements takes no lock. As in the kernel it goes on to the element that followed when the program got the one before.

    /** See {@link BpfMap#next}. Each chain is begun once, so what the program adds to chains that it has passed does not come. */
    long next(long cursor, int cpu) {
        int chain = Memory.getInt(cursor + ElementCursor.CHAIN);
        int place = chain == 0 ? 0 : following(cursor, chain - 1);
        while (place == 0) {
            if (chain == count()) {
                Memory.putInt(cursor + ElementCursor.FOLLOWING, 0);
                return 0;
            }
            place = first(chain++);
        }
        Memory.putInt(cursor + ElementCursor.CHAIN, chain);
        Memory.putInt(cursor + ElementCursor.ELEMENT, place);
        Memory.putInt(cursor + ElementCursor.FOLLOWING, Memory.getIntAcquire(elements.at(place) + HashElements.NEXT));
        return elements.value(place, cpu);
    }

    /** The address of the key of the element that the cursor is at. */
    long keyAt(long cursor) {
        return elements.key(elements.at(Memory.getInt(cursor + ElementCursor.ELEMENT)));
    }

    /** The element after the one that the cursor is at, or 0 where the chain ends. If it is gone, the one that took its place. */
    private int following(long cursor, int chain) {
        int following = Memory.getInt(cursor + ElementCursor.FOLLOWING);
        if (following == 0 || isPlaceIn(following, chain)) {
            return following;
        }
        int current = Memory.getInt(cursor + ElementCursor.ELEMENT);
        int successor = Memory.getIntAcquire(elements.at(current) + HashElements.NEXT);
        return isPlaceIn(current, chain) && successor != 0 && isPlaceIn(successor, chain) ? successor : 0;
    }

    private int first(int chain) {
        int place = Memory.getIntAcquire(headOf(chain));
        while (place != 0 && !isPlaceIn(place, chain)) {
            place = Memory.getIntAcquire(headOf(chain));
        }
        return place;
    }

    // Under the stripe's lock.

    /** Where the place of the key's element is stored, or the end of its chain. */
    long link(long hash, long k0, long k1, long k2, long k3, long key) {
        int signature = HashElements.signature(hash);
        long link = head(hash);
        for (int place = Memory.getInt(link); place != 0; place = Memory.getInt(link)) {
            long element = elements.at(place);
            if ((Memory.getInt(element) | HashElements.MARKED) == signature && keys.equal(elements.key(element), k0, k1, k2, k3, key)) {
                break;
            }
            link = element + HashElements.NEXT;
        }
        return link;
    }

    /** Makes a new element live that has its key and value, and only then reachable. */
    void enter(int place, int signature) {
        long head = head(signature);
        enter(head, place, signature, Memory.getInt(head));
    }

    private void enter(long link, int place, int signature, int next) {
        Memory.putLongRelease(elements.at(place), Integer.toUnsignedLong(signature) | (long) next << 32);
        Memory.putIntRelease(link, place);
    }

    /** Has an element that has its key and value take the place of the one at a link. */
    void replace(long link, int place, int signature) {
        long old = elements.at(Memory.getInt(link));
        enter(link, place, signature, Memory.getInt(old + HashElements.NEXT));
        Memory.putIntRelease(old, 0);
    }

    /** Takes out the element at a link. */
    void leave(long link) {
        long element = elements.at(Memory.getInt(link));
        Memory.putIntRelease(link, Memory.getInt(element + HashElements.NEXT));
        Memory.putIntRelease(element, 0);
    }

    /** Where the place of an element of that hash is stored; 0 if it is in no chain by now. */
    long linkOf(int place, long hash) {
        long link = head(hash);
        int at = Memory.getInt(link);
        while (at != 0 && at != place) {
            link = elements.at(at) + HashElements.NEXT;
            at = Memory.getInt(link);
        }
        return at == 0 ? 0 : link;
    }

    /** Visits the elements of a chain. */
    void visit(int chain, IntConsumer visitor) {
        for (int place = Memory.getInt(headOf(chain)); place != 0; place = Memory.getInt(elements.at(place) + HashElements.NEXT)) {
            visitor.accept(place);
        }
    }

    boolean isEmpty(int chain) {
        return Memory.getIntVolatile(headOf(chain)) == 0;
    }
}
