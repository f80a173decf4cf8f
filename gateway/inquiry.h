/* Questions that the gateway asks on its own, not for a request: the same three of each domain with
 * accounts. Which keys verify its tokens, which sessions have ended, whom an API key speaks for. */
#pragma once

#include "gateway/backend.h"
#include "identity_messages.h"
#include "messages/schema.h"
#include "runtime/fiber.h"
#include "runtime/platform.h"

/* What is needed to ask. Must outlive everything that asks with it. */
struct inquirer {
    const struct backend *backend;
    struct fibers *fibers;
    struct clock *clock;
    struct rng *rng;
};

/* A surface of the API, /v1, /v1/vendor or /v1/admin: how its tokens, ids and API keys look, and
 * the messages of the domain that has its accounts. */
struct surface {
    enum principal_kind kind;
    const char *audience;                      /* "aud" of its tokens */
    const char *account_prefix, *actor_prefix; /* of ids */
    const char *api_key_lead;                  /* "sk_store_": how its keys begin */
    const struct identity_messages *messages;
};
enum { SURFACES = 3 };
extern const struct surface surfaces[SURFACES];
/* The surface of a kind of principal; NULL for kinds without one. */
const struct surface *surface_of(enum principal_kind kind);

/* Monotonic time, and time since 1970. */
int64_t inquirer_now_us(const struct inquirer *inquirer);
int64_t inquirer_real_us(const struct inquirer *inquirer);

/* Sends a message and waits for the reply, for 5 s at most. `ret_reply` is the struct of
 * message->reply, with its texts in the arena. WAITS. Statuses: those of the transport, what the
 * domain answers, CORRUPT (not such a reply). */
MUST_CHECK enum status inquire(const struct inquirer *inquirer, const struct message *message,
                               const void *body, struct arena *arena, void *ret_reply);
