/* Answers by key, as Stripe documents idempotent requests
 * (docs.stripe.com/api/idempotent_requests): what was answered once execution had begun is answered
 * again to the same request, another request with the key is refused, and one that comes while the
 * first is under way, too. */
#pragma once

#include "runtime/arena.h"
#include "runtime/base.h"
#include "runtime/text.h"

enum { IDEMPOTENCY_KEY_MAX = 255, IDEMPOTENCY_DIGEST_BYTES = 32 };
#define IDEMPOTENCY_LIFE_US (INT64_C(24) * 3600 * 1000000)

enum idempotency_case {
    IDEMPOTENCY_NEW,   /* or so old that it is forgotten */
    IDEMPOTENCY_AGAIN, /* the answer is there */
    IDEMPOTENCY_RUNNING,
    IDEMPOTENCY_OTHER /* the key was used for another request */
};

struct stored_answer {
    int code;
    struct text body;
    struct text request_id;
};

struct idempotency;

/* Its memory is the arena's, answers included. */
struct idempotency *idempotency_new(struct arena *arena);
void idempotency_destroy(struct idempotency **answers);
enum idempotency_case idempotency_look(const struct idempotency *answers, unsigned account,
                                       struct text key,
                                       const uint8_t digest[IDEMPOTENCY_DIGEST_BYTES],
                                       int64_t now_us, const struct stored_answer **ret_answer);
/* Keeps an answer for a key that is new; `running_until_us` is when it is given. */
void idempotency_keep(struct idempotency *answers, unsigned account, struct text key,
                      const uint8_t digest[IDEMPOTENCY_DIGEST_BYTES], int64_t now_us,
                      int64_t running_until_us, const struct stored_answer *answer);
