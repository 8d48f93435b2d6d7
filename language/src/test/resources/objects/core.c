/* Every kind of relocation against kernel types; the functions are named by what they ask for. */
#include "bpf.h"
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
#include "core_types.h"
#pragma clang attribute pop

#define FIELD_BYTE_OFFSET 0
#define FIELD_BYTE_SIZE 1
#define FIELD_EXISTS 2
#define FIELD_SIGNED 3
#define FIELD_LSHIFT 4
#define FIELD_RSHIFT 5
#define TYPE_ID_LOCAL 0
#define TYPE_ID_TARGET 1
#define TYPE_EXISTS 0
#define TYPE_SIZE 1
#define TYPE_MATCHES 2
#define ENUMERATOR_EXISTS 0
#define ENUMERATOR_VALUE 1

#define field(kind, access) __builtin_preserve_field_info(access, kind)
#define type(kind, name) __builtin_preserve_type_info(*(typeof(name) *)0, kind)
#define type_id(kind, name) __builtin_btf_type_id(*(typeof(name) *)0, kind)
#define enumerator(kind, name, value) __builtin_preserve_enum_value(*(typeof(name) *)value, kind)

/* One function for each: the constant is its result. */
#define ASK(name, expression) \
    SEC("ask") \
    __u64 name(void) \
    { \
        return expression; \
    }

#define SAMPLE ((struct sample *)0)

ASK(offset_moved, field(FIELD_BYTE_OFFSET, SAMPLE->moved))
ASK(offset_inside, field(FIELD_BYTE_OFFSET, SAMPLE->inside))
ASK(offset_list, field(FIELD_BYTE_OFFSET, SAMPLE->list[3]))
ASK(offset_point, field(FIELD_BYTE_OFFSET, SAMPLE->points[1].x))
ASK(offset_tail, field(FIELD_BYTE_OFFSET, SAMPLE->tail[2]))
ASK(offset_second, field(FIELD_BYTE_OFFSET, SAMPLE[1].moved))
ASK(offset_flavour, field(FIELD_BYTE_OFFSET, ((struct sample___old *)0)->renamed))
ASK(offset_bits, field(FIELD_BYTE_OFFSET, SAMPLE->level))
ASK(offset_gone, field(FIELD_BYTE_OFFSET, SAMPLE->gone))
ASK(size_grown, field(FIELD_BYTE_SIZE, SAMPLE->grown))
ASK(size_list, field(FIELD_BYTE_SIZE, SAMPLE->list))
ASK(size_bits, field(FIELD_BYTE_SIZE, SAMPLE->level))
ASK(exists_moved, field(FIELD_EXISTS, SAMPLE->moved))
ASK(exists_gone, field(FIELD_EXISTS, SAMPLE->gone))
ASK(exists_unknown, field(FIELD_EXISTS, ((struct unknown *)0)->x))
ASK(signed_grown, field(FIELD_SIGNED, SAMPLE->signed_grown))
ASK(signed_moved, field(FIELD_SIGNED, SAMPLE->moved))
ASK(lshift_level, field(FIELD_LSHIFT, SAMPLE->level))
ASK(rshift_level, field(FIELD_RSHIFT, SAMPLE->level))
ASK(lshift_depth, field(FIELD_LSHIFT, SAMPLE->depth))
ASK(rshift_depth, field(FIELD_RSHIFT, SAMPLE->depth))
ASK(lshift_grown, field(FIELD_LSHIFT, SAMPLE->grown))
ASK(rshift_grown, field(FIELD_RSHIFT, SAMPLE->grown))
ASK(type_local, type_id(TYPE_ID_LOCAL, struct shape))
ASK(type_target, type_id(TYPE_ID_TARGET, struct shape))
ASK(type_target_unknown, type_id(TYPE_ID_TARGET, struct unknown))
ASK(type_exists, type(TYPE_EXISTS, struct shape))
ASK(type_exists_number, type(TYPE_EXISTS, number))
ASK(type_exists_unknown, type(TYPE_EXISTS, struct unknown))
ASK(type_size, type(TYPE_SIZE, struct shape))
ASK(type_matches, type(TYPE_MATCHES, struct shape))
ASK(type_matches_wrong, type(TYPE_MATCHES, struct shape___wrong))
ASK(type_matches_union, type(TYPE_MATCHES, union either))
ASK(type_matches_enum, type(TYPE_MATCHES, enum choice))
ASK(enumerator_exists, enumerator(ENUMERATOR_EXISTS, enum choice, CHOICE_B))
ASK(enumerator_exists_gone, enumerator(ENUMERATOR_EXISTS, enum choice, CHOICE_GONE))
ASK(enumerator_value, enumerator(ENUMERATOR_VALUE, enum choice, CHOICE_B))
ASK(enumerator_negative, enumerator(ENUMERATOR_VALUE, enum choice, CHOICE_A))
ASK(enumerator_gone, enumerator(ENUMERATOR_VALUE, enum choice, CHOICE_GONE))
ASK(enumerator_wide, enumerator(ENUMERATOR_VALUE, enum wide, WIDE_A))

/* Loads and stores: the offset and, where that is right, the size follow the target. */
SEC("access")
__u64 load_moved(struct sample *s)
{
    return s->moved;
}

SEC("access")
__u64 load_grown(struct sample *s)
{
    return s->grown;
}

SEC("access")
__u64 load_shrunk(struct sample *s)
{
    return s->shrunk;
}

SEC("access")
__u64 load_signed(struct sample *s)
{
    return s->signed_grown;
}

SEC("access")
__u64 load_element(struct sample *s)
{
    return s->list[2];
}

SEC("access")
__u64 store_moved(struct sample *s)
{
    s->moved = 7;
    return 0;
}

SEC("access")
__u64 store_register(struct sample *s, __u32 value)
{
    s->moved = value;
    return 0;
}

SEC("access")
__u64 load_gone_if_there(struct sample *s)
{
    if (field(FIELD_EXISTS, s->gone))
        return s->gone;
    return s->moved;
}
