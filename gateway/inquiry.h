/* Questions that the gateway asks for itself, without a request from outside: the same three of
 * each domain with accounts. */
#pragma once

#include "gateway/backend.h"
#include "identity_messages.h"
#include "messages/schema.h"
#include "runtime/fiber.h"
#include "runtime/platform.h"

/* What it takes to ask; outlives whoever asks. */
struct inquirer {
    const struct backend *backend;
    struct fibers *fibers;
    struct clock *clock;
    struct rng *rng;
};

/* A surface, and the messages of the domain that knows its accounts. */
struct surface {
    enum principal_kind kind;
    const char *account_prefix, *actor_prefix; /* of ids */
    const char *api_key_lead;                  /* "sk_store_" */
    const struct identity_messages *messages;
};
enum { SURFACES = 3 };
extern const struct surface surfaces[SURFACES];
/* NULL for other kinds of principal. */
const struct surface *surface_of(enum principal_kind kind);

int64_t inquirer_now_us(const struct inquirer *inquirer); /* monotonic */
int64_t inquirer_real_us(const struct inquirer *inquirer);

/* Asks and waits for the answer, whose views live in the arena. WAITS. Statuses: those of the
 * transport and of the answer, CORRUPT. */
MUST_CHECK enum status inquire(const struct inquirer *inquirer, const struct message *message,
                               const void *body, struct arena *arena, void *ret_reply);
