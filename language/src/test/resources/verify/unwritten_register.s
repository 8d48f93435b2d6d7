# On one path r0 is not written: it then holds some number, which harms nobody, but the kernel would refuse the program.
# code: 0
# says: allowed: unwritten_register.s
# says: which was not written on every path
# says: to do: give the variable a value where it is declared
main: r2 = *(u32 *)(r1 + 12)
    if r2 == 1 goto out
    r0 = 2
out: exit
