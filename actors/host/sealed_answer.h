/* Answers with secrets (a guest's tokens) under an Idempotency-Key: a repeat must have them again,
 * so they are kept sealed with a key of the market, which rows and backups do not hold. */
#pragma once

#include "actors/host/host.h"

/* The body as it is kept, in the arena. */
struct text sealed_answer_close(const struct host *host, struct arena *arena, struct text body);
/* The body as it was; one that was kept open comes back as it is. Statuses: OK, CORRUPT (sealed
 * with another market's key). */
MUST_CHECK enum status sealed_answer_open(const struct host *host, struct arena *arena,
                                          struct text kept, struct text *ret_body);
