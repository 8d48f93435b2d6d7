/* The types of core.c, as the program's author knew them. Compiled again with TARGET they are as another kernel has them. */
#pragma once

#ifndef TARGET

struct sample {
    __u32 moved;
    __u16 grown;
    __u64 shrunk;
    int signed_grown;
    __u32 gone;
    __u32 flags : 3;
    __u32 level : 7;
    int depth : 5;
    __u8 list[4];
    struct {
        __u32 inside;
    };
    struct {
        __u16 x, y;
    } points[2];
    __u32 tail[];
};

struct sample___old {
    __u32 renamed;
};

struct unknown {
    int x;
};

struct shape {
    __u32 a;
    struct sample *next;
};

struct shape___wrong {
    __u64 a;
};

typedef __u32 number;

union either {
    __u32 a;
    __u8 b;
};

enum choice { CHOICE_A = 1, CHOICE_B = 2, CHOICE_GONE = 3 };
enum wide { WIDE_A = 0x1000000000ULL };

#else

struct sample {
    __u64 pad;
    __u32 renamed;
    __u32 moved;
    __u32 grown;
    __u8 shrunk;
    long long signed_grown;
    __u64 before : 9;
    __u64 level : 7;
    __u64 flags : 3;
    signed char depth : 3;
    __u8 list[9];
    union {
        __u8 other;
        struct {
            __u32 pad2;
            __u32 inside;
        };
    };
    struct {
        __u16 z, y, x;
    } points[4];
    __u32 tail[];
};

struct shape {
    struct sample *next;
    __u32 b;
    __u32 a;
};

typedef __u32 number;

union either {
    __u32 a;
    __u8 b;
    __u64 c;
};

enum choice { CHOICE_B = 20, CHOICE_A = -5 };
enum wide { WIDE_A = 0x2000000000ULL };

#endif
