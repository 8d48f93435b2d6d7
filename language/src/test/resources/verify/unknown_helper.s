# A helper that XDP programs do not have.
# code: 1
# says: program 'main' (section xdp): rejected
# says: rejected: unknown_helper.s
# says: calls helper #9999, which no kernel has
main: call 9999
    r0 = 2
    exit
