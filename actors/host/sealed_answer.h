/* Answers with secrets (a guest's tokens) under an Idempotency-Key: a repeat must have them again,
 * so they are kept sealed with a key of the market, which rows and backups do not hold. */
#pragma once

#include "actors/host/host.h"

/* True for replies with secrets (tokens): they are kept under an Idempotency-Key only, and sealed;
 * a repeat of the message itself cannot have them again. Without a reply: whether one could have
 * some.
 */
bool sealed_answer_holds_secret(const struct schema *schema, const void *reply_or_null);
/* The body as it is kept, in the arena. */
struct text sealed_answer_close(const struct host *host, struct arena *arena, struct text body);
/* The body as it was; one that was kept open comes back as it is. Statuses: OK, CORRUPT (sealed
 * with another market's key). */
MUST_CHECK enum status sealed_answer_open(const struct host *host, struct arena *arena,
                                          struct text kept, struct text *ret_body);
