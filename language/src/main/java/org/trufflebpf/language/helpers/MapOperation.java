package org.trufflebpf.language.helpers;

import org.trufflebpf.maps.BpfMap;

/** What map helpers do to a map that is given by key, value and flags; each uses those that it has. */
public enum MapOperation {
    LOOKUP {
        @Override
        public long apply(BpfMap map, long key, long value, long flags, int cpu) {
            return map.lookup(key, cpu);
        }
    },
    UPDATE {
        @Override
        public long apply(BpfMap map, long key, long value, long flags, int cpu) {
            return map.update(key, value, flags, cpu);
        }
    },
    DELETE {
        @Override
        public long apply(BpfMap map, long key, long value, long flags, int cpu) {
            return map.delete(key);
        }
    },
    PUSH {
        @Override
        public long apply(BpfMap map, long key, long value, long flags, int cpu) {
            return map.push(value, flags);
        }
    },
    POP {
        @Override
        public long apply(BpfMap map, long key, long value, long flags, int cpu) {
            return map.pop(value);
        }
    },
    PEEK {
        @Override
        public long apply(BpfMap map, long key, long value, long flags, int cpu) {
            return map.peek(value);
        }
    };

    /**
     * @param key address of the key
     * @param value address of the value
     * @param cpu of the worker
     * @return what the helper leaves in r0
     */
    public abstract long apply(BpfMap map, long key, long value, long flags, int cpu);
}
