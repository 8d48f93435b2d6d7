/* The types of another kernel than that of core.c; only their description is used. */
#include "bpf.h"
#define TARGET
#include "core_types.h"

union target {
    struct sample sample;
    struct shape shape;
    number number;
    union either either;
    enum choice choice;
    enum wide wide;
} target;
