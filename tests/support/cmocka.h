/* cmocka and what it wants included before it. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/text.h"

/* Both texts have the same bytes. */
#define assert_text_equal(actual, expected)                                                        \
    do {                                                                                           \
        const struct text actual_ = (actual), expected_ = (expected);                              \
        assert_int_equal(actual_.length, expected_.length);                                        \
        assert_memory_equal(actual_.data, expected_.data, expected_.length);                       \
    } while (0)
