/* What every domain answers, whatever it is about (messages/host.toml). */
#pragma once

#include "actors/host/host.h"

/* The entry comes first: it is what jobs know. */
struct host_answer {
    struct dispatch_entry entry;
    bool is_only_in_tests; /* NOT_FOUND outside of test mode */
    /* Answers with an encoded body. WAITS. */
    enum status (*answer)(struct hosted *hosted, struct arena *arena, struct text body,
                          int64_t deadline_us, struct text *ret_body);
};

/* NULL: the number is of no such message. */
const struct host_answer *host_answers_find(uint16_t number);
