/* What every file stands on: the outcome of a call, the id, and three small macros. */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "status.h"

/* The caller must look at the result; ignore knowingly with IGNORE(): gcc warns despite a cast to
 * void. */
#define MUST_CHECK __attribute__((warn_unused_result))

/* Passes a failure up to the caller. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        const enum status try_status_ = (call);                                                    \
        if (try_status_ != STATUS_OK) return try_status_;                                          \
    } while (0)

/* Ignores an outcome knowingly; say why. */
#define IGNORE(call)                                                                               \
    do {                                                                                           \
        const enum status ignored_ = (call);                                                       \
        (void)ignored_;                                                                            \
    } while (0)

/* Runs `destroy(&variable)` when the variable's scope ends. */
#define CLEANUP(destroy) __attribute__((cleanup(destroy)))

/* A 64-bit word whose bytes are all `byte`. */
#define BYTES_ALL(byte) (UINT64_C(0x0101010101010101) * (byte))

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* The object whose `member` is at `pointer`. */
#define CONTAINER_OF(pointer, type, member)                                                        \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* 128 bits that name something: an entity, a message, an actor's key. */
struct uuid {
    uint8_t bytes[16];
};
